"""Turns a model file into a spec: every row is an item of a sequence `model`, named by its number."""

from __future__ import annotations

import re
from pathlib import PurePath

from cnncalc.errors import Source, SpecError
from cnncalc.importers.translated import Translated
from cnncalc.importers.ultralytics.arguments import activation
from cnncalc.importers.ultralytics.calls import Calls
from cnncalc.importers.ultralytics.claims import read_claims
from cnncalc.importers.ultralytics.library import blocks_of, supplied_blocks
from cnncalc.importers.ultralytics.model import Model, misspelt_keys, read_model
from cnncalc.importers.ultralytics.nodes import Built, build
from cnncalc.importers.ultralytics.scaling import Scaling
from cnncalc.quantities.shapes import Given, by_name
from cnncalc.source.nodes import Mapping, Scalar

SIZE, SIZE_OF_CLASSIFIERS = 640, 224


def translate(source: Source, letter: str | None = None, inputs: Given | None = None) -> Translated:
    """The spec of a model, with its parts at their places in the text.

    Args:
        source: the text of the file.
        letter: the scale of the default network; by default that of the file's name.
        inputs: the sizes of the input, by default 3×640×640, of a classifier 3×224×224.

    Raises:
        SpecError: the text, or that of the blocks that were supplied, has faults.
        UsageError: the model has no such scale, or no such input.
    """
    model = read_model(source)
    model.whole("nc", 80)  # or every row that has as many channels would refuse it
    scaling = Scaling(model, letter or letter_of(source.name))
    calls = Calls(model, scaling, supplied_blocks())
    items = calls.items()
    if calls.faults:
        raise SpecError(calls.faults)
    root = _spec(model, scaling, calls, items, inputs)
    return Translated(source, root, (*misspelt_keys(model), *calls.unknown))


def _spec(model: Model, scaling: Scaling, calls: Calls, items: list[Built], inputs: Given | None) -> Mapping:
    at = model.start
    last = calls.kept[-1] if calls.kept else None
    own: dict[str, Built] = {"nc": model.whole("nc", 80), "act": _activation(model)}
    params: dict[str, Built] = {**own, **scaling.parameters()}
    spec: dict[str, Built] = {
        "name": PurePath(model.source.name).stem or "model",
        "input": _input(model, calls, inputs),
    }
    spec["params"] = params
    if variants := scaling.variants():
        spec["variants"] = {each: build(settings, model.scales[each].span) for each, settings in variants.items()}
    values = {"KERNELS": "[1, 3]" if model.anchored else "[3, 3]"}
    blocks = blocks_of([*calls.called, str(own["act"])], calls.levels, calls.given, values)
    if blocks:
        spec["blocks"] = Mapping({key.text: (key, body) for key, body in blocks.values()}, at, False)
    spec["layers"] = [{"sequence": items, "name": "model"}]
    if last is not None and (outputs := calls.outputs(last)):
        spec["outputs"] = outputs
    if calls.levels and not model.anchored:
        spec["written"] = {"softmax": "functional", "avgpool": "functional"}
    if calls.has_idle_parts:
        spec["check"] = {"ignore": ["unused-layer"]}
    if expect := read_claims(model):
        spec["expect"] = expect
    node = build(spec, at)
    assert isinstance(node, Mapping)
    return node


def letter_of(name: str) -> str | None:
    """The scale in the name of a file: n of `yolov8n.yaml` and of `yolo11n-seg.yaml`; None if there is none."""
    match = re.fullmatch(r".*\d([a-z])(?:[-_].*)?", PurePath(name).stem[:200])
    return match[1] if match else None


def _activation(model: Model) -> str:
    entry = model.keys.get("activation")
    if entry is None or not isinstance(entry[1], Scalar) or not entry[1].text:
        return "silu"
    return activation(entry[1].text, entry[1].span)


def _input(model: Model, calls: Calls, inputs: Given | None) -> str:
    if inputs is not None:
        (shape,) = by_name(inputs, ("input",), model.source.name).values()
        return "x".join(map(str, shape))
    channels = model.whole("ch", model.whole("channels", 3))
    size = SIZE_OF_CLASSIFIERS if calls.classifies else SIZE
    return f"{channels}x{size}x{size}"
