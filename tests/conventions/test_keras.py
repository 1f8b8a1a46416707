"""The convention `keras`: the totals that model.summary() printed (Keras 3.15.1)."""

import json
from pathlib import Path

import pytest

import cnncalc
from cnncalc.conventions import convention

DATA = Path(__file__).parents[3] / "shared" / "data" / "keras"


def counted(spec, name="keras"):
    tally = convention(name).tally(spec.graph())
    return None if tally.at_least else tally.total


@pytest.mark.parametrize(
    ("name", "total", "trainable"),
    [
        ("resnet@50", 25557032 + 2 * 26560, 25557032),  # torchvision's; 26,560 channels are normalized
        ("lstm: 5", 180, 180),
        ("gru: 5", 150, 150),
        ("rnn: 5", 45, 45),
        ("unknown: {op: x, shape: [3]}", None, None),
    ],
)
def test_layers(name, total, trainable):
    spec = cnncalc.load(name)
    graph = spec.graph() if "@" in name else spec.graph(input=(3, 7))
    for convention_, expected in (("keras", total), ("keras-trainable", trainable)):
        tally = convention(convention_).tally(graph)
        assert (None if tally.at_least else tally.total) == expected


@pytest.mark.skipif(not DATA.is_dir(), reason="the public files are not here")
def test_public_files():
    rows = [json.loads(line) for line in (DATA / "truth.jsonl").read_text("utf-8").splitlines()]
    tried = 0
    for row in rows:
        path = DATA / "files" / row["file"]
        if row.get("total") is None or path.stat().st_size > 7000 or row["custom_classes"]:
            continue
        spec = cnncalc.load(path, warn=lambda sentence: None)
        assert counted(spec) == row["total"], row["file"]
        assert counted(spec, "keras-trainable") == row["trainable"], row["file"]
        tried += 1
    assert tried > 50
