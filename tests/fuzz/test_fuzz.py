"""Whatever a command is given, its answer is a result or a message: no traceback, no endless run, bounded memory.

`CNNCALC_FUZZ=3600 pytest tests/fuzz -n 1` runs for an hour, `CNNCALC_FUZZ_SEED=7` begins at another seed.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.cli.main import COMMANDS

from . import trial
from .batch import LEAST, draw_case
from .cases import Case, parse
from .commands import LEAVES, NEVER, SLOW, commands, draw_command
from .shrinking import shrink
from .trial import run

ROOT = Path(__file__).parents[2]
SECONDS = float(os.environ.get("CNNCALC_FUZZ", "60"))
SEED = int(os.environ.get("CNNCALC_FUZZ_SEED", "0"))
BATCHES = 4
LARGEST = 1000 * 2**20  # bytes of memory for a whole batch, which holds numpy and onnx
FOUND = sorted((Path(__file__).parent / "found").glob("*.json"))


@pytest.mark.parametrize("number", range(BATCHES))
def test_every_case_gets_an_answer(number):
    command = [sys.executable, "-m", "tests.fuzz.batch", str(SEED + number), str(SECONDS / BATCHES)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["found"] == {}
    assert result["memory"] < LARGEST
    assert sum(result["tried"].values()) >= LEAST


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_stays_fixed(path):
    assert run(parse(path.read_text("utf-8"))).problem is None


def test_every_command_and_option_is_drawn():
    rng = random.Random(0)
    lines = [draw_command(rng, ("net.yaml",)) for _ in range(4000)]
    assert {line[0] for line in lines} == set(COMMANDS) - set(SLOW)
    for name, command in commands().items():
        words = {word for line in lines if line[0] == name for word in line}
        options = {parameter.opts[0] for parameter in command.params if parameter.param_type_name == "option"}
        assert options - words <= set(NEVER)
    assert not any(word in NEVER or LEAVES.search(word) for line in lines for word in line)


def test_a_case_can_be_kept():
    rng = random.Random(0)
    for _ in range(200):
        case = draw_case(rng)
        assert parse(case.dump()) == case


def raise_error(arguments):
    raise ZeroDivisionError(arguments)


def run_for_ever(arguments):
    while True:
        pass


def leave_file(arguments):
    Path("left").touch()
    return 0


def print_words(arguments):
    print("words")
    return 0


@pytest.mark.parametrize(
    ("command", "signature"),
    [
        (raise_error, "ZeroDivisionError"),
        (run_for_ever, "EndlessError"),
        (lambda arguments: 3, "exit code 3"),
        (lambda arguments: 2, "no message"),
        (leave_file, "left behind"),
        (print_words, "not JSON"),
        (lambda arguments: 0, ""),
    ],
)
def test_a_fault_is_noticed(command, signature, monkeypatch):
    monkeypatch.setattr(trial, "main", command)
    monkeypatch.setattr(trial, "ENDLESS", 0.2)
    assert run(Case("", ("list", "json"), {}, {})).signature == signature


def test_a_finding_is_made_small(monkeypatch):
    monkeypatch.setattr(trial, "main", lambda arguments: 3 if "b" in Path("net.yaml").read_text("utf-8") else 0)
    case = Case("", ("shapes", "net.yaml", "--exact"), {"net.yaml": b"a\nb\nc\nd\n", "other": b""}, {"COLUMNS": "40"})
    assert shrink(case, "exit code 3") == Case("", ("shapes",), {"net.yaml": b"b\n"}, {})


FENCED = """
from pathlib import Path
from tests.fuzz import fence, trial
from tests.fuzz.cases import Case
fence.install()
for act in (lambda _: Path(PATH).iterdir().__next__(), lambda _: Path(PATH, "x").touch(), lambda _: Path("x").touch()):
    trial.main = act
    print(trial.run(Case("", ("list",), {}, {})).signature.split()[0])
"""


def test_a_case_stays_in_its_folder(tmp_path):
    code = FENCED.replace("PATH", repr(str(Path.home())))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["PermissionError", "PermissionError", "exit"]
