"""Public model files beside the figures of the engine that builds them, layer by layer; skipped without the files."""

import csv
import json
import random
from contextlib import suppress
from math import prod
from pathlib import Path

import pytest

import cnncalc
from cnncalc.conventions import convention
from cnncalc.errors import CnncalcError, SpecError
from cnncalc.source.reading import read
from cnncalc.spec import parse_source

from ..examples import examples
from .ultralytics.models import MODEL

DATA = Path(__file__).parents[3] / "shared" / "data" / "ultralytics"
TRUTH = list(csv.DictReader((DATA / "truth.csv").read_text("utf-8").splitlines())) if DATA.exists() else []
LINES = (DATA / "rows.jsonl").read_text("utf-8").splitlines() if DATA.exists() else []
ROWS = {(row["file"], row["scale"]): row["rows"] for row in map(json.loads, LINES)}
UNBUILT = ("yolo11-cls-resnet18", "third_14", "third_15")  # torchvision's networks; a head that reads nothing
BUILT = [row for row in TRUTH if not row["error"] and Path(row["file"]).stem not in UNBUILT]
EVERY = examples(1) > 1  # CNNCALC_EXAMPLES: all of them
TAKEN = BUILT if EVERY else BUILT[::6]
POSITIONS = {"rtdetr-resnet50": 51200, "rtdetr-x": 76800}  # MACs of a table of sines, which is a constant here
GENERATIONS = ("yolo26-cls", "yolov8-worldv2", "yolo26-p6")  # printed by none of the tools that we know


def network(row, size=None):
    spec = parse_source(read(DATA / "files" / row["file"]), lambda fault: None)
    spec = spec.at(row["scale"] if row["scale"] in spec.variants else None)
    return spec.analyze(input=None if size is None else (3, size, size))


@pytest.mark.parametrize("row", TAKEN, ids=[f"{Path(row['file']).stem}-{row['scale']}" for row in TAKEN])
def test_every_row_has_the_engines_parameters(row):
    report = network(row, int(row["macs_imgsz"] or row["imgsz"]))
    counted: dict[int, int] = {}
    for node in report.graph.nodes:
        number = int(node.name.split(".")[1])
        size = 0 if node.shares else sum(map(prod, node.weights.values()))
        counted[number] = counted.get(number, 0) + size
    assert counted == {number: count for number, _, _, count in ROWS[row["file"], row["scale"]]}
    assert report.params == int(row["params"])
    if row["macs"]:
        assert report.macs == int(row["macs"]) - POSITIONS.get(Path(row["file"]).stem, 0)


@pytest.mark.parametrize("row", TAKEN, ids=[f"{Path(row['file']).stem}-{row['scale']}" for row in TAKEN])
def test_gflops(row):
    """Of the tool that the package runs today, and of that which printed the comment, to the digit."""
    if not row["gflops_thop"]:
        pytest.skip("not printed")
    report = network(row, int(row["gflops_imgsz"]))
    today = 2 * convention("ultralytics-thop").tally(report.graph).total / 1e9
    assert today == pytest.approx(float(row["gflops_thop"]), abs=0.04 if "rtdetr" in row["file"] else 0.0015)
    right = row["params_agree"] == "yes" and not any(name in row["file"] for name in GENERATIONS)
    if row["comment_gflops"] and right:
        newer = report.graph.outputs and "26" in Path(row["file"]).stem
        counted = convention("ultralytics@8.4" if newer else "ultralytics").tally(report.graph).total / 1e9
        half = 0.5 / 10 ** len(row["comment_gflops"].partition(".")[2])
        assert abs(counted - float(row["comment_gflops"])) <= half + 1e-6


@pytest.mark.skipif(not TRUTH, reason="the public files are not there")
def test_wrong_comments_are_found():
    from cnncalc.checks.levels import Choice
    from cnncalc.checks.run import check_source

    wrong: dict[str, set[str]] = {}
    for row in BUILT:
        if row["params_agree"] == "NO":
            wrong.setdefault(row["file"], set()).add(row["scale"])
    for file, scales in list(wrong.items()) if EVERY else list(wrong.items())[:2]:
        checked = check_source(read(DATA / "files" / file), Choice({}, ("expectation",)))
        found = [finding for finding in checked.findings if finding.message.startswith("params")]
        assert len(found) == len(scales)


@pytest.mark.skipif(not TRUTH, reason="the public files are not there")
def test_shapes_of_rows():
    taken = [*map(json.loads, (DATA / "shapes_640.jsonl").read_text("utf-8").splitlines())]
    for line in taken if EVERY else taken[:2]:
        row = {"file": line["file"], "scale": line["scale"] or ""}
        outputs: dict[int, tuple[int, ...]] = {}
        for node in network(row, 640).graph.nodes:
            outputs[int(node.name.split(".")[1])] = node.output
        for number, each in enumerate(line["rows"][:-1]):
            assert outputs[number] == tuple(each["output"][1:]), (line["name"], number)


@pytest.mark.skipif(not TRUTH, reason="the public files are not there")
def test_unknown_modules_are_named():
    for row in TRUTH:
        if row["error"].startswith("KeyError"):
            name = row["error"].split("'")[1]
            with pytest.raises(SpecError, match=f"unknown module '{name}'"):
                parse_source(read(DATA / "files" / row["file"]))


def test_mutated_files_are_a_sentence():
    """Cut, doubled and changed lines; `CNNCALC_EXAMPLES=500` tries 100,000."""
    rng = random.Random(7)
    for _ in range(examples(200)):
        lines = MODEL.split("\n")
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(lines))
            line = lines[place]
            cut = rng.randrange(len(line) + 1)
            more = rng.choice(
                ["[", "]", ",", "-", "9", "{", "}", ":", "\0", "é", "99999999999", "nc", "None", "#", "&a ", "*a"]
            )
            lines[place] = rng.choice([line[:cut], line[:cut] + more + line[cut:], f"{line}\n{line}", "", line[1:]])
        with suppress(CnncalcError):
            cnncalc.parse("\n".join(lines)).analyze(input=(3, 64, 64))
