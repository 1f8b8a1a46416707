"""Many cases one after the other: `python -m tests.fuzz.batch SEED SECONDS [FOLDER]` prints what it found as JSON, and
keeps every finding in the folder, made small. Once fixed, it belongs in `tests/fuzz/found`, which `test_fuzz.py` runs.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from cnncalc import shipped

from . import fence
from .cases import Case
from .commands import draw_command
from .foreign import make_cfg, make_js, make_keras, make_lua, make_yolo
from .grammar import lay_out, make_spec
from .large import make_large
from .prototxts import make_prototxt
from .shrinking import shrink
from .texts import mutate, mutate_spec
from .trial import count_steps, limit_memory, peak, run

LEAST = 20  # cases in a batch, however busy the machine is
SLOW = 4.0  # seconds of processor time after which the steps are counted
STEPS = 100_000_000  # calls: a budget of 10 million microseconds, for a few specs
PROJECT = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")[:400]
TABLE = '\n[tool.cnncalc]\nspecs = ["*.yaml"]\n[tool.cnncalc.check]\nignore = ["checkerboard"]\nstrict = true\n'
ENVIRONMENTS = ({}, {}, {}, {"COLUMNS": "40"}, {"COLUMNS": "²"}, {"ENCODING": "ascii"}, {"GITHUB_ACTIONS": "true"},
                {"FORCE_COLOR": "1"}, {"COLUMNS": "1", "ENCODING": "latin-1"})  # fmt: skip


def _generated(rng: random.Random) -> dict[str, bytes]:
    text = lay_out(make_spec(rng))
    return {"net.yaml": (mutate(rng, text, (text,)) if rng.random() < 0.2 else text).encode("utf-8", "surrogatepass")}


def _mutated(rng: random.Random) -> dict[str, bytes]:
    return {"net.yaml": mutate_spec(rng)}


def _project(rng: random.Random) -> dict[str, bytes]:
    text = mutate(rng, PROJECT + TABLE, (TABLE,)) if rng.random() < 0.8 else TABLE
    return {**_generated(rng), "b.yaml": mutate_spec(rng), "pyproject.toml": text.encode("utf-8", "surrogatepass")}


def _prototxt(rng: random.Random) -> dict[str, bytes]:
    return {"net.prototxt": make_prototxt(rng)}


def _onnx(rng: random.Random) -> dict[str, bytes]:
    from .models import make_onnx

    return {"net.onnx": make_onnx(rng)}


KINDS: dict[str, tuple[int, Callable[[random.Random], dict[str, bytes]]]] = {  # how often, and what makes the files
    "mutated spec": (5, _mutated),
    "generated spec": (6, _generated),
    "shipped": (4, lambda rng: {}),
    "project": (2, _project),
    "large spec": (1, lambda rng: {"net.yaml": make_large(rng)}),
    "prototxt": (2, _prototxt),
    "cfg": (1, lambda rng: {"net.cfg": make_cfg(rng)}),
    "lua": (1, lambda rng: {"net.lua": make_lua(rng)}),
    "js": (1, lambda rng: {"net.js": make_js(rng)}),
    "keras": (1, lambda rng: {"model.json": make_keras(rng)}),
    "yolo": (2, lambda rng: {"yolo8.yaml": make_yolo(rng)}),
    **({"onnx": (2, _onnx)} if find_spec("onnx") and find_spec("numpy") else {}),
}


def draw_case(rng: random.Random) -> Case:
    """The next case."""
    kind = rng.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
    files = KINDS[kind][1](rng)
    names = tuple(name for name in files if name != "pyproject.toml")
    if files and rng.random() < 0.05:
        files["-"] = files[names[0]]
        names = ("-",)
    arguments = draw_command(rng, names or tuple(shipped.names()))
    return Case(kind, arguments, files, dict(rng.choice(ENVIRONMENTS)))


def run_batch(seed: int, seconds: float, folder: Path | None = None) -> dict[str, object]:
    """Try cases for so long; what was tried, and what came out of the ordinary."""
    rng = random.Random(seed)
    counts: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    found: dict[str, str] = {}
    slowest: list[tuple[float, str]] = []
    largest: list[tuple[int, str]] = []
    end = time.monotonic() + seconds
    while counts.total() < LEAST or time.monotonic() < end:
        case = draw_case(rng)
        counts[case.kind] += 1
        held, begun = peak(), time.process_time()
        result = run(case)
        spent, more = time.process_time() - begun, peak() - held
        codes[f"{case.arguments[0]} {result.code}"] += 1
        slowest = sorted([*slowest, (round(spent, 2), case.dump())], reverse=True)[:5]
        largest = sorted([*largest, (more, case.dump())], reverse=True)[:5]
        signature, problem = result.signature, result.problem
        if spent > SLOW and not problem:
            signature = problem = count_steps(case, STEPS) or ""
        if problem and signature not in found:
            print(f"{counts.total()}: {problem}", *case.arguments, file=sys.stderr, flush=True)
            small = shrink(case, signature) if result.problem else case
            found[signature] = f"{problem}\n{small.dump()}"
            if folder:
                (folder / f"{re.sub(r'[^a-z0-9]+', '_', signature.lower())}_{seed}.json").write_text(small.dump())
    return {
        "tried": dict(counts), "exit codes": dict(sorted(codes.items())), "slowest": slowest, "largest": largest,
        "memory": peak(), "found": found,
    }  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    limit_memory()
    fence.install()
    keep = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    print(json.dumps(run_batch(int(sys.argv[1]), float(sys.argv[2]), keep), indent=1, ensure_ascii=False))
