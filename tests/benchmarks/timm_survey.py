"""Surveys how whole timm's networks come in: the smallest of every family, imported in a process of its own.

    python tests/benchmarks/timm_survey.py list PUBLISHED.csv > tests/data/timm_families.csv
    python tests/benchmarks/timm_survey.py run RESULTS.jsonl [--again]
    python tests/benchmarks/timm_survey.py report RESULTS.jsonl

`list` writes the smallest model of every family, as far as timm publishes sizes. `run` writes a line per model, and
goes on where an earlier run ended; with `--again` it also repeats those that were not whole. A model is left after
`PATIENCE` seconds of the processor; first comes one of each of timm's files, the smallest first. MACs are held to
PyTorch's counter, which counts attention's two products with gradients. `report` prints what was found, as Markdown.
Needs timm and PyTorch.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import re
import resource
import sys
import time
import warnings
from collections import Counter, defaultdict
from math import inf
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))
from torch.utils.flop_counter import FlopCounterMode

from cnncalc.importers import traced_module
from cnncalc.importers.writing.spec_text import spec_document
from cnncalc.spec import Spec
from tests.pytorch.torchvision_models import models

FAMILIES = Path(__file__).parents[1] / "data" / "timm_families.csv"
PATIENCE = 150  # seconds of the processor for one model
MEMORY = 4 << 30
SIZE = re.compile(
    r"x*(tiny|small|large)|femto|pico|nano|atto|zepto|base|huge|giant|gigantic|enormous|medium\w?|mini|micro|little|wide"
    r"|betwixt|p?w?e+|x*[sml]|x+[stl]|[btghx]|so\d+m\d?|[a-z]?\d+[a-z]{0,2}|\d+(pt\d)?\w"
    r"|(patch|window|crop|rw|r|kr|c|ks|dp)\d+\w*"
)
WORST = 10
TINY = 0.5  # timm's networks for its own tests, in millions of parameters


def family_of(name: str) -> str:
    """A model's name without the words and digits that say its size; a generation (`v2`) stays."""
    first, *words = name.split("_")
    kept = [re.sub(r"(?<!v)\d+[a-z]{0,3}$", "", first), *(word for word in words if not SIZE.fullmatch(word))]
    return "_".join(kept)


def list_families(published: Path) -> None:
    """Print the smallest model of each family: its file in timm, its name, its millions of parameters.

    `published` are timm's results (columns `model`, `mparams`); a model that they lack counts as large.
    """
    import timm
    from timm.models._registry import _model_to_module

    with published.open() as file:
        sizes = {row["model"]: float(row["mparams"]) for row in csv.DictReader(file) if row["mparams"]}
    smallest: dict[tuple[str, str], tuple[float, str]] = {}
    for name in timm.list_models():
        family = _model_to_module[name], family_of(name)
        found = sizes.get(name, TINY if name.startswith("test_") else inf), name
        smallest[family] = min(found, smallest.get(family, found))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["module", "family", "model", "mparams"])
    for family, (size, name) in sorted(smallest.items()):
        writer.writerow([*family, name, "" if size == inf else size])


def made(name: str) -> torch.nn.Module:
    """A model without values, or with them where it computes some when it is made."""
    import timm

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.device("meta"):
                return timm.create_model(name).eval()
        except (NotImplementedError, RuntimeError):
            return timm.create_model(name).eval()


def size_in(row: dict[str, str]) -> float:
    """Millions of parameters."""
    return float(row["mparams"] or "inf")


def in_order() -> list[str]:
    """The models, one of each file first, the smallest first."""
    with FAMILIES.open() as file:
        rows = sorted(csv.DictReader(file), key=size_in)
    seen: Counter[str] = Counter()
    places = []
    for row in rows:
        places.append((min(seen[row["module"]], 1), size_in(row), row["model"]))
        seen[row["module"]] += 1
    return [model for *_, model in sorted(places)]


def survey(name: str, pipe: Connection) -> None:
    """Send what is found of a model, as it is found."""
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE + 2))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    found: dict[str, Any] = {"step": "import"}
    try:
        network = made(name)
        shape = size_of(network)
        traced = traced_module(network, shape, name)
        found |= {"seconds": round(time.process_time(), 1), "step": "analysis"}
        pipe.send(found)
        report = Spec(spec_document(traced, flat=True)).analyze()
        unknown = [node.arguments for node in traced.nodes if node.kind == "unknown"]
        heads = report.training_heads
        found |= {
            "params": [report.params + heads.params, sum(each.numel() for each in network.parameters())],
            "buffers": [report.totals.buffers + heads.buffers, sum(each.numel() for each in network.buffers())],
            "macs": [report.cost.macs, None],
            "unknown": dict(Counter(str(each["op"]) for each in unknown if each["op"] != "unused")),
            "unused": sum(int(str(each["params"])) for each in unknown if each["op"] == "unused"),
            "flat": len(traced.nodes),
            "step": "counter",
        }
        pipe.send(found)
        with FlopCounterMode(display=False) as counter:  # with gradients, or attention is fused unseen
            network(torch.empty(1, *shape, device=next(network.parameters()).device))
        found |= {"macs": [report.cost.macs, counter.get_total_flops() // 2], "step": "structure"}
        pipe.send(found)
        text = spec_document(traced, flat=False).source.text
        found |= {"lines": len(text.splitlines()), "all_seconds": round(time.process_time(), 1), "step": "done"}
    except Exception as error:
        found["error"] = f"{type(error).__name__}: {str(error)[:300]}"
    pipe.send(found)


def size_of(network: Any) -> tuple[int, ...]:
    """The size that a model is for, or 224 where that is larger than it needs."""
    wanted = tuple(network.default_cfg.get("input_size", (3, 224, 224)))
    return (3, 224, 224) if wanted[1] > 256 and not network.default_cfg.get("fixed_input_size") else wanted


def in_a_process(name: str) -> dict[str, Any]:
    """What is found of a model until its time is over."""
    context = multiprocessing.get_context("fork")  # PyTorch and timm are imported once
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=survey, args=(name, theirs))
    process.start()
    theirs.close()
    found: dict[str, Any] = {"step": "import"}
    try:
        while True:
            found = ours.recv()
    except EOFError:
        process.join()
    if found["step"] != "done" and "error" not in found:
        found["error"] = f"more than {PATIENCE} s" if process.exitcode in (-24, -9) else f"exit {process.exitcode}"
    return {"model": name, **found}


def is_whole(row: dict[str, Any]) -> bool:
    """Whether every figure is PyTorch's, and every layer known."""
    same = all(each in row and row[each][0] == row[each][1] for each in ("params", "buffers", "macs"))
    return same and not row["unknown"] and not row["unused"]


def read_rows(path: Path) -> dict[str, dict[str, Any]]:
    """The latest line of every model."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {row["model"]: row for row in map(json.loads, lines)}


def run(path: Path, again: bool) -> None:
    """Append a line per model that the file lacks."""
    import timm  # noqa: F401 - once, before the processes

    torch.set_num_threads(1)
    rows = read_rows(path)
    for name in in_order():
        if name not in rows or (again and not (is_whole(rows[name]) and "lines" in rows[name])):
            with path.open("a") as file:
                file.write(json.dumps(in_a_process(name)) + "\n")


def describe(row: dict[str, Any]) -> str:
    """What a model lacks, in a word."""
    if "params" not in row:
        return str(row.get("error", "?")).partition("\n")[0][:100]
    if row["unknown"]:
        return ", ".join(f"unknown {op}" for op in sorted(row["unknown"]))
    return "; ".join(
        [f"{each} differ" for each in ("params", "buffers", "macs") if row[each][0] != row[each][1]]
        + ["unused parameters"] * bool(row["unused"])
    )


def report(path: Path) -> None:
    """Print how many are whole, what the others lack, and how long the specs are."""
    rows = read_rows(path)
    left = defaultdict(list)
    for row in rows.values():
        if not is_whole(row):
            left[describe(row)].append(row["model"])
    lines = {name: row["lines"] for name, row in rows.items() if "lines" in row}
    print(f"{len(rows) - sum(map(len, left.values()))} of {len(rows)} are whole.\n\n| left | models |\n|---|---|")
    for what, names in sorted(left.items(), key=lambda each: -len(each[1])):
        print(f"| {what} | {', '.join(sorted(names))} |")
    print(f"\nLines: median {median(lines.values()):g} over {len(lines)}; the most:")
    for name in sorted(lines, key=lines.__getitem__, reverse=True)[:WORST]:
        print(f"- {name}: {lines[name]}")


def main(what: str, *arguments: str) -> None:
    """Do what the first argument says."""
    models()  # timm brings torchvision in
    if what == "list":
        list_families(Path(arguments[0]))
    elif what == "run":
        os.nice(5)
        run(Path(arguments[0]), "--again" in arguments)
    else:
        report(Path(arguments[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
