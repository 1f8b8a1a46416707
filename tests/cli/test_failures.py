"""No traceback reaches a user, whatever happens; seen from outside, as a process."""

import os
import subprocess
import sys

import pytest

from cnncalc.cli.failures import run_guarded
from cnncalc.errors import Fault, SpecError, UsageError


def process(*arguments: str, environment: dict[str, str] | None = None, **more):
    return subprocess.run(
        [sys.executable, "-m", "cnncalc", *arguments],
        env={**os.environ, **(environment or {})}, capture_output=True, check=False, timeout=60, **more,
    )  # fmt: skip


def raising(error: BaseException):
    def call() -> None:
        raise error

    return call


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (UsageError("no such thing"), 2, "cnncalc: no such thing"),
        (SpecError([Fault("one"), Fault("two")]), 2, "one\ntwo"),
        (SpecError([Fault("one")] * 60), 2, "… and 10 more faults"),
        (RecursionError(), 2, "nested too deeply"),
        (MemoryError(), 2, "out of memory"),
        (PermissionError(13, "Permission denied", "x"), 2, "cnncalc: permission denied: x"),
        (OSError(28, "No space left on device"), 2, "no space left on device"),
        (ValueError("Exceeds the limit (4300 digits) for integer string conversion"), 2, "too large to be shown"),
        (OverflowError("int too large to convert to float"), 2, "too large to be shown"),
        (ValueError("oops"), 3, "internal error, please report it"),
        (ZeroDivisionError("oops"), 3, "internal error, please report it"),
    ],
)
def test_exceptions_become_sentences(error, code, message, capsys, monkeypatch):
    monkeypatch.setattr("cnncalc.cli.output._choice", "auto")  # whatever ran before
    monkeypatch.delenv("CNNCALC_TRACEBACK", raising=False)
    monkeypatch.setattr("cnncalc.cli.failures.silence", lambda: None)
    assert run_guarded(raising(error)) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (BrokenPipeError(), 141)])
def test_quiet_ends(error, code, capsys, monkeypatch):
    monkeypatch.setattr("cnncalc.cli.failures.silence", lambda: None)
    assert run_guarded(raising(error)) == code
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (2, 2), (None, 0), ("text", 1)])
def test_exit_codes_pass(code, expected):
    assert run_guarded(raising(SystemExit(code))) == expected


def test_a_fault_of_ours_can_be_seen(monkeypatch):
    monkeypatch.setenv("CNNCALC_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run_guarded(raising(ZeroDivisionError()))


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.parametrize("arguments", [["shapes", "resnet@50"], ["-h"], ["schema"]])
def test_reader_that_leaves(arguments):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", *arguments], stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60
    )
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode in (1, 141)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_output_without_unicode(environment):
    done = process("shapes", "alexnet", "--input", "3x224x224", environment=environment)
    assert done.returncode == 0
    assert b"(224 - 11 + 2" in done.stdout
    assert b"Traceback" not in done.stderr
    faulty = process("shapes", "conv: {out_channels: 3, kernl: 3}", "--input", "3x8x8", environment=environment)
    assert faulty.returncode == 2
    assert b"did you mean 'kernel_size'?" in faulty.stderr


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["shapes", "two×.yaml"], b"twice \\xd7 \\u2192 \\xb5m\n"),
        (["summary", "two×.yaml"], b"source  a \\u2264 b\n"),
        (["check", "faulty.yaml"], b'| nmae: "5\\xd75" # \\u2026x\n'),
        (["shapes", "none×.yaml"], b"none\\xd7.yaml"),
        (["shapes", "conv: {kernl: 3×4}", "--input", "3x8x8"], b"3\\xd74"),
    ],
)
def test_signs_of_others_are_not_replaced(arguments, shown, tmp_path):
    (tmp_path / "two×.yaml").write_text(
        'name: "twice × → µm"\nsource: a ≤ b\ninput: [3, 8, 8]\nlayers: [relu]\n', encoding="utf-8"
    )
    (tmp_path / "faulty.yaml").write_text('input: [3, 8, 8]\nlayers: [relu]\nnmae: "5×5" # …x\n', encoding="utf-8")
    done = process(*arguments, environment={"PYTHONIOENCODING": "ascii"}, cwd=tmp_path)
    assert shown in done.stdout + done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_full_disk():
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "cnncalc", "list"], stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert done.returncode == 2
    assert b"no space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="descriptors of POSIX")
def test_closed_output():
    done = subprocess.run(
        f"exec '{sys.executable}' -m cnncalc list >&-", shell=True, stderr=subprocess.PIPE, check=False, timeout=60
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_onnx_that_is_not_installed_is_a_sentence():
    missing = "import sys; sys.modules.update(onnx=None, numpy=None); from cnncalc.cli.main import main"
    code = f"{missing}; sys.exit(main(['import', 'net.onnx']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = "cnncalc: net.onnx: reading ONNX needs the package onnx: pip install 'cnncalc[onnx]'\n"
    assert (done.returncode, done.stderr) == (2, said)
