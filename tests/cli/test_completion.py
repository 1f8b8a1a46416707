import os
import subprocess
import sys

import pytest

from cnncalc import load
from cnncalc.cli.completion import complete_convention, complete_count, complete_spec, complete_tools
from cnncalc.conventions import CONVENTIONS, convention
from cnncalc.pytorch.live.tools import TOOLS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "deep.yml").write_text("")
    return tmp_path


def test_shipped_names():
    assert "alexnet" in complete_spec("al")


def test_variants():
    assert complete_spec("vgg@") == [f"vgg@{variant}" for variant in load("vgg").variants]
    assert {"resnet@18", "resnet@152"} <= set(complete_spec("resnet@"))
    assert complete_spec("nothing@") == []


def test_files(folder):
    assert complete_spec("net") == ["net.yaml", "nets/"]
    assert complete_spec("nets/") == ["nets/deep.yml"]
    assert complete_spec("gone/") == []


def test_conventions():
    assert complete_convention("ultra") == ["ultralytics-thop", "ultralytics", "ultralytics@8.4"]
    assert complete_convention("torchinfo@") == ["torchinfo@1.8.0", "torchinfo@main"]
    assert {*CONVENTIONS, "torchinfo", "deepspeed"} <= {*complete_convention("")}
    assert all(convention(name) for name in complete_convention(""))
    assert complete_count("m") == ["macs"]
    assert complete_count("fl") == ["flops", "flopth"]
    assert complete_convention("gone") == []


def test_lists_of_tools():
    assert complete_tools("") == [*TOOLS, "all"]
    assert complete_tools("thop,fv") == ["thop,fvcore"]
    assert complete_tools("timm,timm") == ["timm,timm-macts"]
    assert len(complete_tools("thop,fvcore,")) == len(TOOLS) - 2
    assert complete_tools("all") == ["all"]
    assert complete_tools("gone,") == [f"gone,{name}" for name in TOOLS]


@pytest.mark.skipif(os.name == "nt", reason="bash")
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("rf densenet@1", "densenet@121 densenet@161 densenet@169"),
        ("flops lenet5 --live thop,fv", "thop,fvcore"),
        ("flops lenet5 --convention keras-", "keras-trainable"),
        ("flops lenet5 --reconcile mac", "macs"),
        ("flops lenet5 --reconcile macs fv", "fvcore"),
    ],
)
def test_as_bash_asks(line, words):
    number = len(line.split())
    environment = {
        **os.environ, "_CNNCALC_COMPLETE": "complete_bash", "COMP_WORDS": f"cnncalc {line}", "COMP_CWORD": f"{number}",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "from cnncalc.cli.start import run; run()"],
        env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.decode().split() == words.split()
