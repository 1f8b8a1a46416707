"""Whatever is in a file, the answer is a report or a sentence: no traceback, no run that takes 40 million steps (and
4,000 for every layer that it repeats) or 300 MB.

Random bytes, and random mutations of the shipped specs and of the fixtures, by character, token and line; seeded, so
that a finding can be run again. `CNNCALC_EXAMPLES=30 pytest tests/whole/test_fuzz.py` runs for ten minutes instead of
twenty seconds, and a batch has twenty files at least; `python -m tests.whole.test_fuzz SEED SECONDS` runs one batch and
prints what it found.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..effort import TooManyStepsError, steps
from ..examples import examples

ROOT = Path(__file__).parents[2]
SECONDS = float(examples(20))
SEED = int(os.environ.get("CNNCALC_FUZZ_SEED", "0"))
BATCHES = 4
SLOW = 2.0  # seconds of processor time after which the steps are counted
STEPS = 40_000_000
EACH = 4_000  # steps more for every layer: a repeat may make 100,000 of them
LEAST = 20  # files in a batch, however busy the machine is
ENDLESS = 60  # seconds of processor time
LARGEST = 300 * 2**20  # bytes of memory, for a whole batch

TOKEN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|\d+(?:\.\d+)?|\n *|\s+|.", re.DOTALL)
TEXTS = """
0 -1 1 2 3 7 10 64 1000 100000 1e9 1e400 9223372036854775807 99999999999999999999 0.5 1e-5 .nan .inf 010 0x10 16:9
true false yes no null ~ None in_channels in_size i j n H W 3xHxW 3x224x224 [3,H,W] [] {} [[]] [1,2] {a:1}
conv maxpool avgpool linear flatten relu batchnorm add concat multiply subtract residual branches sequence upsample crop
pad reshape permute slice mean softmax dropout lrn groupnorm layernorm adaptive_avgpool global_avgpool pixel_shuffle
conv_transpose identity matmul capsule rbf subsample scale name from repeat when share frozen body shortcut skip merge
paths with crop like heads outputs params variants blocks layers input expect check kernel_size stride padding dilation
groups out_channels out_features size scale_factor bias same valid center $unit $x *a &a !x !!python/object >5 | --- %
# ' " : ; , ( ) [ ] { } * ** // % + - / < > <= >= == != and or not if else round_to(w,8) max(1,2) sum(depths) len(x)
9**9**9 2**64 x[0] depths[i] {i} {9**99} layer{i} "a{i}" *.skip ? @ ` \\t \\x00 é 🙂 \u2028
"""
WORDS = TEXTS.split()


def starting_points() -> list[str]:
    """The shipped specs, and the fixtures: they have every feature between them."""
    paths = [*(ROOT / "specs").glob("*.yaml"), *(ROOT / "tests" / "specs").glob("*/*.yaml")]
    return [path.read_text() for path in sorted(paths)]


def mutate(rng: random.Random, texts: list[str]) -> bytes:
    """One file."""
    if rng.random() < 0.05:
        return rng.randbytes(rng.choice((1, 10, 100, 1000)))
    text = rng.choice(texts)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5, 10))):
        text = rng.choice((_characters, _tokens, _tokens, _lines))(rng, text, texts)
    return text.encode("utf-8", "surrogatepass")


def _characters(rng: random.Random, text: str, texts: list[str]) -> str:
    start = rng.randrange(len(text) + 1)
    end = min(len(text), start + rng.choice((0, 0, 1, 1, 3)))
    return text[:start] + rng.choice(("", chr(rng.randrange(32, 127)), chr(rng.randrange(1, 0x3000)))) + text[end:]


def _tokens(rng: random.Random, text: str, texts: list[str]) -> str:
    tokens = TOKEN.findall(text)
    if not tokens:
        return rng.choice(WORDS)
    place = rng.randrange(len(tokens))
    others = TOKEN.findall(rng.choice(texts)) or WORDS
    choice = rng.random()
    if choice < 0.4:
        tokens[place] = rng.choice(WORDS)
    elif choice < 0.6:
        tokens[place] = rng.choice(others)
    elif choice < 0.8:
        tokens.insert(place, rng.choice(WORDS))
    elif choice < 0.9:
        del tokens[place]
    else:
        other = rng.randrange(len(tokens))
        tokens[place], tokens[other] = tokens[other], tokens[place]
    return "".join(tokens)


def _lines(rng: random.Random, text: str, texts: list[str]) -> str:
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    choice = rng.random()
    if choice < 0.25:
        del lines[place]
    elif choice < 0.5:
        lines.insert(rng.randrange(len(lines) + 1), lines[place])
    elif choice < 0.75:
        lines[place] = " " * rng.randrange(12) + lines[place].strip()
    else:
        lines.insert(place, rng.choice(rng.choice(texts).split("\n")))
    return "\n".join(lines)


def _answer(content: bytes, sizes: tuple[object, ...] | None) -> int:
    """All that a command does with a file; how many layers there were."""
    import cnncalc

    layers = 0
    try:
        spec = cnncalc.parse(content.decode("utf-8"), "fuzz.yaml")
        for variant in (None, *spec.variants[:1]):
            report = spec.at(variant).analyze(input=sizes)
            layers += len(report.to_dict()["layers"])
    except (cnncalc.SpecError, cnncalc.UsageError) as error:
        str(error)
    except UnicodeDecodeError:
        pass  # `read` says so, which test_source shows
    return layers


def peak() -> int:
    """The most memory that this process has held, in bytes; Linux's ru_maxrss would count what its parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def batch(seed: int, seconds: float) -> dict[str, object]:
    """Many files one after the other; what came out of the ordinary."""
    texts = starting_points()
    found: list[dict[str, object]] = []
    rng = random.Random(seed)
    count, slowest = 0, 0.0
    end = time.monotonic() + seconds
    while count < LEAST or time.monotonic() < end:
        content = mutate(rng, texts)
        sizes = rng.choice((None, None, None, (3, "H", "W")))
        count += 1
        begin = time.process_time()
        layers, problem = _problem(content, sizes)
        spent = time.process_time() - begin
        slowest = max(slowest, spent)
        if spent > SLOW and not problem:
            problem = _long(content, sizes, STEPS + EACH * layers)
        if problem:
            found.append({"problem": problem, "input": sizes, "file": content.decode("utf-8", "backslashreplace")})
    memory = peak()
    return {"count": count, "slowest": slowest, "memory": memory, "found": found[:5]}


def _problem(content: bytes, sizes: tuple[object, ...] | None) -> tuple[int, str | None]:
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, ENDLESS)
    try:
        return _answer(content, sizes), None
    except Exception as error:  # whatever it is, it is a finding
        import traceback

        return 0, "".join(traceback.format_exception(error)[-4:])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _long(content: bytes, sizes: tuple[object, ...] | None, most: int) -> str | None:
    try:
        steps(lambda: _answer(content, sizes), most)
    except TooManyStepsError as error:
        return str(error)
    return None


def _stop(number: int, frame: object) -> None:
    raise TimeoutError(f"more than {ENDLESS} seconds")


@pytest.mark.parametrize("number", range(BATCHES))
def test_any_file_gets_an_answer(number):
    command = [sys.executable, "-m", "tests.whole.test_fuzz", str(SEED + number), str(SECONDS / BATCHES)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["found"] == []
    assert result["memory"] < LARGEST
    assert result["count"] >= LEAST


if __name__ == "__main__":
    sys.setrecursionlimit(1000)
    print(json.dumps(batch(int(sys.argv[1]), float(sys.argv[2]))))
