import os
import subprocess
import sys

import pytest

from cnncalc import load
from cnncalc.cli.completion import complete_spec


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


@pytest.mark.skipif(os.name == "nt", reason="bash")
def test_as_bash_asks():
    environment = {
        **os.environ, "_CNNCALC_COMPLETE": "complete_bash", "COMP_WORDS": "cnncalc rf densenet@1", "COMP_CWORD": "2",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "from cnncalc.cli.start import run; run()"],
        env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.decode().split() == ["densenet@121", "densenet@161", "densenet@169"]
