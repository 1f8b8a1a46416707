"""A signal ends a command at once, silently, and with what belongs to it, at every stage."""

import os
import signal
import subprocess
import sys
import types

import pytest

from cnncalc.cli import signals
from cnncalc.cli.signals import end_on_signals, interruptible

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

# The signal comes when the module of that name begins to be imported.
PROGRAM = """
import os, sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["MOMENT"]:
            os.kill(os.getpid(), int(os.environ["NUMBER"]))
            for _ in range(1000): pass

sys.meta_path.insert(0, Interrupts())
from cnncalc.cli.start import run
run()
"""
OURS = ("cli.signals", "cli.main", "cli.check", "checks.many", "processes", "source.files")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", [*(f"cnncalc.{name}" for name in OURS), "typer", "concurrent.futures.process"])
def test_while_modules_are_loaded(tmp_path, moment, number):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("input: 3x8x8\nlayers: [relu]\n")
    command = [sys.executable, "-c", PROGRAM, "check", ".", "-j", "2"]
    environment = {**os.environ, "MOMENT": moment, "NUMBER": str(int(number))}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == ("", "")
    assert done.returncode in (-number, 128 + number)


def test_a_signal_that_is_ignored_stays_ignored():
    code = (
        "import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from cnncalc.cli.signals import end_on_signals\nend_on_signals()\n"
        "os.kill(os.getpid(), signal.SIGINT)\nprint('on')\nos.kill(os.getpid(), signal.SIGTERM)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (143, "on\n", "") or done.stdout == ""
    assert done.returncode == 143


@pytest.fixture
def handlers():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_interrupts_are_errors_only_where_that_is_asked(handlers):
    end_on_signals()
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signals._end
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with interruptible():
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_is_left_is_ended_and_deleted(monkeypatch, tmp_path):
    called = []
    for module, function in signals._ENDINGS.items():
        ending = types.SimpleNamespace(**{function: lambda module=module: called.append(module)})
        monkeypatch.setitem(sys.modules, module, ending)
    monkeypatch.setattr(os, "_exit", called.append)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    signals._end(signal.SIGTERM, None)
    assert called == [*signals._ENDINGS, 143]
    for module in signals._ENDINGS:  # half loaded
        monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    signals._end(signal.SIGINT, None)
    assert called[-1] == 130
