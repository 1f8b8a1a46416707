"""Which specs a command is about."""

import io
import json
import sys

import pytest

from cnncalc.loading.names import is_item

NET = "input: 3x8x8\nlayers: [relu]\n"


@pytest.fixture
def net(tmp_path):
    def write(name: str, text: str = NET) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    return write


def networks(out: str) -> list[str]:
    return [line.split()[0] for line in out.splitlines()[2:] if line]


def test_a_shipped_file_name_where_no_file_is(cnncalc, net):
    done = cnncalc("shapes", "alexnet.yaml", "--depth", "1")
    assert done.code == 0
    assert done.err == "cnncalc: no file alexnet.yaml here: using the shipped network\n"
    net("alexnet.yaml")
    mine = cnncalc("shapes", "alexnet.yaml")
    assert mine.err == ""
    assert mine.out.startswith("alexnet\n")


def test_standard_input(cnncalc, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NET.encode())))
    assert "3×8×8" in cnncalc("shapes", "-").out


def test_none_given_and_none_here(cnncalc):
    done = cnncalc("shapes")
    assert done.code == 2
    assert "no SPEC given" in done.err


def test_specs_of_the_folder(cnncalc, net):
    net("a.yaml")
    net("b.yml")
    net("docker-compose.yaml", "services: {}\n")
    assert networks(cnncalc("shapes").out) == ["a", "b"]


def test_the_specs_folder_comes_first(cnncalc, net):
    net("a.yaml")
    net("specs/c.yaml")
    net("specs/d.yaml")
    assert networks(cnncalc("shapes").out) == ["c", "d"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib comes with Python 3.11")
def test_pyproject_comes_before_all(cnncalc, net):
    net("specs/c.yaml")
    net("nets/e.yaml")
    net("nets/f.yaml")
    net("g.yaml")
    net("pyproject.toml", '[tool.cnncalc]\nspecs = ["nets/*.yaml", "g.yaml"]\n')
    assert networks(cnncalc("shapes").out) == ["e", "f", "g"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib comes with Python 3.11")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.cnncalc]\nspecs = ["no/*.yaml"]\n', "no file matches 'no/*.yaml'"),
        ("[tool.cnncalc]\nspecs = 3\n", "expected a list of file names"),
        ("[tool.cnncalc\n", "pyproject.toml: "),
        ('[tool.cnncalc]\nspecs = ["gone.yaml"]\n', "gone.yaml"),
        ('[tool.cnncalc]\nspec = ["nets"]\n', "[tool.cnncalc]: unknown key 'spec': did you mean 'specs'?"),
        ("[tool.cnncalc.rules]\n", "[tool.cnncalc]: unknown key 'rules': it takes specs and check"),
    ],
)
def test_pyproject_at_fault(cnncalc, net, text, message):
    net("pyproject.toml", text)
    done = cnncalc("shapes")
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize(
    "text",
    [
        "relu",
        "maxpool: 2",
        "conv: {out_channels: 3, kernel_size: 3}",
        "conv:{out_channels: 3}",
        "[relu, relu]",
        "- relu\n- relu",
    ],
)
def test_items(text):
    assert is_item(text)


@pytest.mark.parametrize("text", ["alexnet", "resnet@50", "-", "nets/a.yaml", "c:/nets/a.yaml", "no_such", ""])
def test_names(text):
    assert not is_item(text)


def test_a_file_named_as_a_layer(cnncalc, net):
    net("relu")
    assert "3×8×8" in cnncalc("shapes", "relu").out


@pytest.mark.parametrize(
    ("name", "meant"),
    [("resnet50", "resnet@50"), ("vgg16_bn", "vgg@16_bn"), ("deeplabv3-ResNet101", "deeplab_v3@resnet101")],
)
def test_a_variant_written_together_is_recognized(cnncalc, name, meant):
    done = cnncalc("shapes", name)
    assert done.code == 2
    assert f"(did you mean '{meant}'?)" in done.err


@pytest.fixture
def folder(net):
    """A folder of specs, with another in it, and files that are none."""
    net("nets/a.yaml")
    net("nets/b.yml")
    net("nets/deep/er/c.yaml")
    net("nets/.hidden/d.yaml")
    net("nets/compose.yaml", "services: {}\n")
    net("nets/notes.txt")


@pytest.mark.parametrize("command", ["shapes", "params", "flops", "memory", "rf", "summary"])
def test_a_folder_is_its_specs(cnncalc, folder, command):
    done = cnncalc(command, "nets/")
    assert (done.code, done.err) == (0, "")
    assert networks(done.out) == ["a", "b", "c"]
    assert cnncalc(command, "nets", "nets/a.yaml", "./nets").out == done.out, "each once"
    assert cnncalc(command, "nets/deep").out.startswith("c\n"), "a single one is shown in full"
    assert len(json.loads(cnncalc(command, "nets", "-f", "json").out)) == 3


def test_folders_beside_other_names_and_patterns(cnncalc, folder):
    assert networks(cnncalc("shapes", "lenet5", "nets/deep", "nets/b.yml").out) == ["LeNet-5", "c", "b"]
    assert networks(cnncalc("shapes", "nets/?.y*ml", "lenet5").out) == ["a", "b", "LeNet-5"]
    assert networks(cnncalc("shapes", "nets/**/?.yaml").out) == ["a", "c"]


def test_a_faulty_spec_in_a_folder_hides_no_other(cnncalc, folder, net):
    net("nets/b.yml", "input: 3x8x8\nlayers: [reluu]\n")
    done = cnncalc("shapes", "nets")
    assert done.code == 2
    assert networks(done.out) == ["a", "c"]
    assert "nets/b.yml:2:10: unknown layer 'reluu'" in done.err


def test_a_folder_where_one_spec_is_meant(cnncalc, folder):
    assert "3×8×8" in cnncalc("explain", "nets/deep").out
    done = cnncalc("solve", "nets")
    assert done.code == 2
    assert done.err == "cnncalc: there are several specs here: specify one: cnncalc solve nets/a.yaml\n"


def test_a_folder_of_a_sweep_and_of_verify(cnncalc, folder):
    pytest.importorskip("torch")
    assert cnncalc("sweep", "nets", "--input", "3x{8,9}", "-f", "csv").out.count("\n") == 7
    done = cnncalc("verify", "nets")
    assert done.code == 0, done.err


@pytest.mark.parametrize("command", ["shapes", "flops", "check", "fmt", "sweep", "explain"])
def test_a_folder_without_specs(cnncalc, tmp_path, command):
    (tmp_path / "empty" / "folder").mkdir(parents=True)
    done = cnncalc(command, "empty")
    assert done.code == 2
    assert done.err == "cnncalc: empty: no spec in this folder (a YAML file with a top-level 'layers:')\n"


def test_a_pattern_without_matches(cnncalc):
    assert cnncalc("shapes", "no/*.yaml") == (2, "", "cnncalc: no file matches 'no/*.yaml'\n")


def test_folders_within_the_default_folder(cnncalc, net):
    for name in ("specs/a.yaml", "specs/old/b.yaml"):
        net(name, NET.replace("[relu]", "[ relu ]"))
    assert networks(cnncalc("shapes").out) == ["a", "b"]
    assert cnncalc("fmt", "--check", "specs").out.split() == ["specs/a.yaml", "specs/old/b.yaml"]


def test_what_is_found_in_a_folder_is_a_path(cnncalc, net):
    """A file named like code or like a layer is a file."""
    net("nets/torch:evil:Net.yaml")
    net("nets/relu: 3.yaml")
    assert networks(cnncalc("shapes", "nets").out) == ["relu:", "torch:evil:Net"]


ROWS = (
    "scales: {n: [1, 0.25], s: [1, 0.5]}\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead:\n  - [-1, 1, Conv, [64, 1]]\n"
)


def test_a_model_file_is_a_spec_with_variants(cnncalc, net):
    net("yolov8.yaml", ROWS)
    assert "output  16×320×320" in cnncalc("shapes", "yolov8.yaml").out
    for name in ("yolov8.yaml@s", "yolov8s.yaml"):
        done = cnncalc("shapes", name)
        assert done.out.startswith("yolov8@s\n")
        assert "output  32×320×320" in done.out
    assert cnncalc("shapes", "yolov8q.yaml").code == 2
    assert cnncalc("sweep", "yolov8.yaml", "--set", "width=0.5,1").out.count("320×320") == 2
    assert cnncalc("check", "yolov8n.yaml").code == 0
    assert "is no spec: cnncalc import yolov8.yaml writes one" in cnncalc("fmt", "yolov8.yaml").err


def test_blocks_for_what_is_not_known(cnncalc, net):
    net("mine.yaml", "Mine(channels):\n  - conv: {out_channels: channels, kernel_size: 1}\n")
    net("yolo.yaml", ROWS.replace("Conv, [64, 1]", "Mine, [64]"))
    assert cnncalc("shapes", "yolo.yaml", "--blocks", "mine.yaml").err == ""
    done = cnncalc("shapes", "yolo.yaml")
    assert "unknown module 'Mine'" in done.err
    assert cnncalc("check", "yolo.yaml").code == 1
    assert cnncalc("check", "yolo.yaml", "--blocks", "mine.yaml").code == 0
    assert cnncalc("shapes", "yolo.yaml", "--blocks", "no.yaml").err == "cnncalc: --blocks: no such file: no.yaml\n"
