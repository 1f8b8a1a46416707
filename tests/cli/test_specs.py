"""Which specs a command is about."""

import io
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
