"""`-o` and `--save` never write to a file that the command reads, and leave a whole file or the old one."""

import io
import os
import sys
from types import SimpleNamespace

import pytest

from cnncalc.cli.saving import require_other_file, save_text
from cnncalc.errors import UsageError

NET = "input: 3x8x8\nlayers: [relu]\n"
posix = pytest.mark.skipif(os.name == "nt", reason="links of POSIX")


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    yield path
    assert path.read_text() == NET


@posix
@pytest.mark.parametrize("output", ["net.yaml", "./net.yaml", "link.yaml", "hard.yaml", "../{}/net.yaml"])
@pytest.mark.parametrize("to", ["torch", "onnx"])
def test_an_export_does_not_replace_its_spec(cnncalc, net, output, to):
    net.with_name("link.yaml").symlink_to("net.yaml")
    net.with_name("hard.yaml").hardlink_to(net)
    output = output.format(net.parent.name)
    done = cnncalc("export", "net.yaml", "--to", to, "-o", output)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"cnncalc: -o {output}: this is the file that is read (net.yaml): name another\n"


def test_an_import_does_not_replace_its_network(cnncalc, net):
    text = 'name: "n" input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }\n'
    text += 'layer { name: "r" type: "ReLU" bottom: "data" top: "r" }\n'
    net.with_name("net.prototxt").write_text(text)
    done = cnncalc("import", "net.prototxt", "-o", "net.prototxt")
    assert done.code == 2
    assert "this is the file that is read" in done.err
    assert net.with_name("net.prototxt").read_text() == text
    assert cnncalc("import", "net.prototxt", "-o", "other.yaml").code == 0


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ("net.yaml", "net.yaml@50"),
        ("nets.py", "torch:nets.py:Net,width=4"),
        ("nets.py", "torch:nets:Net"),
        ("net.yaml", "-"),
    ],
)
def test_every_way_to_name_an_input(net, monkeypatch, output, name):
    code = net.with_name("nets.py")
    code.write_text("")
    monkeypatch.setitem(sys.modules, "nets", SimpleNamespace(__file__=str(code)))
    with net.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        with pytest.raises(UsageError, match="this is the file that is read"):
            require_other_file("-o", output, ["alexnet", name])
    require_other_file("-o", "new.yaml", [name])


def test_a_shipped_network_is_not_replaced(net):
    from cnncalc import shipped

    with pytest.raises(UsageError, match="this is the file that is read"):
        require_other_file("-o", str(shipped.path_of("alexnet")), ["alexnet"])


def test_other_outputs_are_allowed(net, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    for output in ("", "-", "/dev/stdout", "new.py", "no/such/folder/x"):
        require_other_file("-o", output, ["net.yaml", "-", "relu", "conv: {out_channels: 3}", "torch:a.b:c", "HEAD:x"])


def test_saved_or_printed(net, capsys):
    for output in ("", "-", "/dev/stdout"):
        save_text("text\n", output)
    assert capsys.readouterr().out == "text\n" * 3
    save_text("text\n", "new.txt")
    assert net.with_name("new.txt").read_bytes() == b"text\n"


@posix
def test_without_room_the_old_export_stays(cnncalc, net, monkeypatch):
    old = net.with_name("net.py")
    old.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    done = cnncalc("export", "net.yaml", "-o", "net.py")
    assert (done.code, done.err) == (2, "cnncalc: net.py: cannot be written: no space left on device\n")
    assert old.read_text() == "old"
    assert len(list(net.parent.iterdir())) == 2
