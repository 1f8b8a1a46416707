"""`--watch`: every change between two runs is made where the watcher sleeps, and Ctrl-C ends it."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.cli import watch as module

NET = "input: 3x8x8\nlayers: [relu]\n"


@pytest.fixture
def watch(cnncalc, monkeypatch):
    """Run a command with `--watch`; each step is a change, and the result is what was printed after it."""

    def run(*arguments, steps):
        printed, waiting = [], iter(steps)

        def sleep(seconds):
            assert 0 < seconds < 1
            changing = next(waiting, None)
            if changing is None:
                raise KeyboardInterrupt
            changing()

        monkeypatch.setattr(module, "sleep", sleep)
        complain = module.complain
        monkeypatch.setattr(module, "complain", lambda text: (printed.append(text), complain(text)))
        done = cnncalc(*arguments, "--watch")
        assert done.code == 130
        return done, printed

    return run


def write(name, text=NET):
    def change():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)

    return change


def nothing():
    pass


def parameters(out):
    return [line for line in out.splitlines() if "parameter" in line or "found" in line or "error" in line]


@pytest.mark.parametrize("command", ["shapes", "summary", "check"])
def test_it_runs_again_after_a_change(watch, command):
    write("net.yaml")()
    done, printed = watch(
        command, "net.yaml", steps=[nothing, nothing, write("net.yaml", NET.replace("relu", "relu, relu")), nothing]
    )
    assert printed == ["cnncalc: watching net.yaml: Ctrl-C ends"] * 2
    text = "1 spec, 1 network" if command == "check" else "layers, 0 parameters"
    assert done.out.count("\x1b") == 0, "no terminal, so nothing is cleared"
    assert done.out.count(text) + done.out.count("1 layer, 0") == 2
    assert "Traceback" not in done.err


def test_while_a_spec_is_being_typed(watch):
    write("net.yaml")()
    steps = [
        write("net.yaml", NET.replace("relu", "rel")), nothing,
        write("net.yaml", "input: [3"), nothing,
        lambda: Path("net.yaml").write_bytes(b"\xff"), nothing,
        write("net.yaml", ""), nothing,
        write("net.yaml"), nothing,
    ]  # fmt: skip
    done, printed = watch("shapes", "net.yaml", steps=steps)
    assert len(printed) == 6
    assert done.out.count("1 layer, 0 parameters") == 2
    for fault in ("unknown layer 'rel'", "net.yaml:1:", "not UTF-8", "net.yaml: "):
        assert fault in done.err
    assert "internal error" not in done.err


def test_an_editor_that_replaces_a_file(watch):
    write("net.yaml")()
    status = Path("net.yaml").stat()

    def replace():
        write(".net.yaml.tmp", NET.replace("relu", "tanh"))()
        os.utime(".net.yaml.tmp", ns=(status.st_atime_ns, status.st_mtime_ns))
        Path(".net.yaml.tmp").replace("net.yaml")

    done, printed = watch("shapes", "net.yaml", steps=[replace, nothing])
    assert len(printed) == 2
    assert "tanh1" in done.out


def test_a_change_that_goes_on_is_waited_for(watch):
    write("net.yaml")()
    steps = [lambda: Path("net.yaml").unlink(), write("net.yaml", NET + "#"), write("net.yaml", NET + "##"), nothing]
    done, printed = watch("shapes", "net.yaml", steps=steps)
    assert len(printed) == 2
    assert done.err.count("no such file") == 0


def test_files_that_come_and_go(watch):
    steps = [write("net.yaml"), nothing, lambda: Path("net.yaml").unlink(), nothing, write("net.yaml"), nothing]
    done, printed = watch("shapes", "net.yaml", steps=steps)
    assert len(printed) == 4
    assert done.err.count("no such file or shipped network: net.yaml") == 2
    assert done.out.count("1 layer") == 2


def test_the_specs_of_a_project(watch):
    write("specs/a.yaml")()
    project = '[tool.cnncalc]\nspecs = ["nets/*.yaml"]\n'
    steps = [
        write("specs/b.yaml"), nothing,
        write("specs/notes.txt"), nothing,
        write("nets/c.yaml"), nothing,
        write("pyproject.toml", project), nothing,
        write("nets/d.yaml"), nothing,
        write("nets/d.yaml", "layers: ["), nothing,
    ]  # fmt: skip
    done, printed = watch("check", "--jobs", "2", steps=steps)
    assert [line for line in done.out.splitlines() if "spec" in line and "network" in line] == [
        "1 spec, 1 network: nothing found",
        "2 specs, 2 networks: nothing found",
        "1 spec, 1 network: nothing found",
        "2 specs, 2 networks: nothing found",
        "2 specs, 1 network: 1 error",
    ]
    assert len(printed) == 5


def test_other_files_that_are_read(watch):
    text = 'name: "x"\ninput: "data"\ninput_dim: 1\ninput_dim: 3\ninput_dim: 8\ninput_dim: 8\n'
    layer = 'layer {{ name: "r" type: "{}" bottom: "data" top: "r" }}\n'
    write("net.prototxt", text + layer.format("ReLU"))()
    done, printed = watch("shapes", "net.prototxt", steps=[write("net.prototxt", text + layer.format("TanH")), nothing])
    assert len(printed) == 2
    assert "tanh" in done.out


def test_a_shipped_network_gives_way_to_a_file(watch):
    done, printed = watch("shapes", "alexnet@torchvision", steps=[write("alexnet"), nothing])
    assert len(printed) == 2
    assert "alexnet has no variant 'torchvision'" in done.err


def test_the_screen_is_cleared_on_a_terminal(watch, monkeypatch):
    write("net.yaml")()
    monkeypatch.setattr(module, "is_terminal", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    done, _ = watch("shapes", "net.yaml", steps=[write("net.yaml", NET + "#"), nothing])
    assert done.out.count("\x1b[H\x1b[2J") == 2
    assert done.out.startswith("\x1b[H\x1b[2Jnet\n")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in watch("shapes", "net.yaml", steps=[nothing])[0].out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shapes", "-"], "--watch: the standard input can be read only once: name a file"),
        (["summary", "torch:a:B"], "--watch: torch:a:B: Python imports code only once: watch the spec"),
        (["check", "--fix"], "--fix changes the files that --watch watches: leave out one of them"),
        (["shapes", "alexnet", "--batch", "x"], "--batch"),
    ],
)
def test_what_cannot_be_watched(cnncalc, arguments, message):
    done = cnncalc(*arguments, "--watch")
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_reader_that_stops_reading_ends_it(cnncalc, monkeypatch):
    write("net.yaml")()

    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    monkeypatch.setattr(module, "sleep", lambda seconds: pytest.fail("it waits"))
    assert cnncalc("shapes", "net.yaml", "--watch").code == 141


@pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")
def test_ctrl_c_is_clean(tmp_path):
    (tmp_path / "net.yaml").write_text(NET)
    command = [sys.executable, "-m", "cnncalc", "shapes", "net.yaml", "--watch"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr.readline() == "cnncalc: watching net.yaml: Ctrl-C ends\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert out.startswith("net\n")
