"""Public Keras files: each layer's output shape and parameters, and the totals, are those that Keras computed."""

import json
from pathlib import Path

import pytest

import cnncalc
from cnncalc.importers.keras import read_keras
from cnncalc.importers.keras.document import Document
from cnncalc.importers.keras.model import read_model
from cnncalc.importers.keras.texts import read_text
from cnncalc.importers.keras.trace import run
from cnncalc.importers.keras.weights import count
from cnncalc.symbolic import Expr

from .models import totals

DATA = Path(__file__).parents[4] / "shared" / "data" / "keras"
if not DATA.is_dir():
    pytest.skip("the public files are not here", allow_module_level=True)
TRUTHS = [json.loads(line) for line in (DATA / "truth.jsonl").read_text("utf-8").splitlines()]
REFUSED = {  # a class of its author's own, whose shape the file does not state
    "keras2_json_015.json": "PixelShuffler",
    "keras2_json_025.json": "GarNet",
    "keras2_json_026.json": "QConv2D",
}


def numbers(shape):
    return [None if isinstance(size, Expr) else size for size in shape]


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth["file"])
def test_a_public_file(truth):
    path = DATA / "files" / truth["file"]
    if truth["file"] in REFUSED:
        with pytest.raises(cnncalc.SpecError, match=rf"\d+:\d+: .*{REFUSED[truth['file']]}.*does not state its output"):
            cnncalc.load(path)
        return
    tracing, _, outputs = run(read_model(Document(read_text(path))))
    assert [numbers(value.shape) for value in outputs] == [shape[1:] for shape in truth["outputs"]]
    assert totals(tracing) == (truth["total"], truth["trainable"])
    found = {}
    for step, values, begin, end in tracing.calls:
        params = sum(count(node, tracing) for node in tracing.nodes[begin:end])
        found.setdefault((step.scope, step.layer.name), (numbers(values[0].shape), params))
    for name, kind, shape, params in truth["layers"]:
        if kind != "InputLayer":
            several = bool(shape) and isinstance(shape[0], list)
            assert found["", name] == ((shape[0] if several else shape)[1:], params), name


def test_the_spec_of_each_file_that_is_small():
    for truth in TRUTHS:
        path = DATA / "files" / truth["file"]
        if truth["file"] in REFUSED or path.stat().st_size > 3000:
            continue
        report = cnncalc.load(path, warn=lambda sentence: None).analyze()
        assert report.params is not None, truth["file"]


def test_conflict_markers():
    (path,) = (DATA / "broken").iterdir()
    with pytest.raises(cnncalc.SpecError, match=r"\d+:\d+: a conflict marker of git"):
        cnncalc.load(path)


def test_manifests_agree_with_the_layers():
    """Every weight that a TF.js model lists is one of a layer's: they are compared on import."""
    names = [truth["file"] for truth in TRUTHS if truth["file"].startswith("tfjs")]
    for name in names:
        assert not [sentence for sentence in read_keras(DATA / "files" / name).warnings if "manifest" in sentence], name
    assert len(names) > 30
