"""Turns a Keras model into a flat list of our layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from cnncalc.errors import Fault, Source, Span, SpecError
from cnncalc.importers.keras.document import Document
from cnncalc.importers.keras.inputs import keeps_channels_last, read_inputs, shapes_of
from cnncalc.importers.keras.manifest import compare_manifest
from cnncalc.importers.keras.model import INPUT, KerasLayer, Model, read_model
from cnncalc.importers.keras.texts import read_text
from cnncalc.importers.keras.tracing import Tracing
from cnncalc.importers.keras.values import Value
from cnncalc.importers.keras.walk import Walk
from cnncalc.importers.simplify import simplify
from cnncalc.importers.traced import UNKNOWN, Placed, Traced
from cnncalc.quantities.shapes import Given


def read_keras(path: Path | str, inputs: Given | None = None) -> Traced:
    """Read the network in a file of Keras: `.json`, `.keras`, `.h5`.

    Args:
        path: path of the file.
        inputs: input shapes without the batch and channels first, where the file has none or others.

    Raises:
        UsageError: the file cannot be read.
        SpecError: it holds no model, or a value is invalid; the fault holds the place.
    """
    source = read_text(Path(path))
    try:
        return trace(source, inputs)
    except RecursionError:
        raise SpecError([Fault("it is nested too deeply for a Keras model", Span(source, 1, 1))]) from None


def trace(source: Source, wanted: Given | None = None) -> Traced:
    """Trace the network of a text; raises as `read_keras` does."""
    document = Document(source)
    model = read_model(document)
    tracing, inputs, outputs = run(model, wanted)
    warnings = (*tracing.notes, *_unknown(tracing), *compare_manifest(document, tracing))
    named = _outputs(model, outputs)
    about = {"description": _description(document)}
    name = model.name or Path(source.name).stem
    nodes = tuple(tracing.nodes)
    places = partial(_places, model, tracing, inputs)
    return simplify(Traced(name, shapes_of(inputs), nodes, named, about, warnings=warnings, places=places))


def _places(model: Model, tracing: Tracing, inputs: Mapping[str, Value]) -> list[Placed]:
    """The inputs and the calls of layers, those of a nested model before the call of the model."""
    places = [
        Placed(_span(layer), (), (inputs[layer.name].ours,))
        for ref in model.inputs
        if (layer := model.layers[ref.layer]).kind == INPUT and "class_name" in layer.outer.values
    ]
    for step, made, begun, end in tracing.calls:
        names = tuple(node.name for node in tracing.nodes[begun:end])
        places.append(Placed(_span(step.layer), names, tuple(value.ours for value in made)))
    return places


def _span(layer: KerasLayer) -> Span:
    """The place of the class of a layer."""
    return layer.outer.document.span((*layer.outer.path, "class_name"))


def run(model: Model, wanted: Given | None = None) -> tuple[Tracing, dict[str, Value], list[Value]]:
    """Return what the layers of a model become, its inputs and its outputs.

    A map is flattened in our order, until a layer turns out to depend on Keras's: then all is traced anew.
    """
    last = keeps_channels_last(model)
    inputs = read_inputs(model, last, wanted)
    exact: frozenset[str] = frozenset()
    while True:
        tracing = Tracing(last, exact)
        for value in inputs.values():
            tracing.enter(value)
        outputs = Walk(model, tracing, "", model.config.values.get("trainable", True) is False).run(
            list(inputs.values())
        )
        if tracing.needed <= exact:
            return tracing, inputs, outputs
        exact |= tracing.needed


def _outputs(model: Model, outputs: list[Value]) -> dict[str, str]:
    if len(outputs) == 1:
        return {"output": outputs[0].node}
    named: dict[str, str] = {}
    for ref, value in zip(model.outputs, outputs, strict=True):
        name, number = ref.layer.replace("/", "_").replace("-", "_"), 1
        while name in named:
            number += 1
            name = f"{ref.layer}_{number}"
        named[name] = value.node
    return named


def _description(document: Document) -> str:
    version = document.values.get("keras_version") if isinstance(document.values, dict) else None
    known = isinstance(version, str) and version[:20].replace(".", "").replace("-", "").isalnum()
    return f"From a model of Keras {version[:20]}." if known and version else "From a Keras model."


def _unknown(tracing: Tracing) -> Iterator[str]:
    if tracing.unknown:
        classes = ", ".join(f"{kind[:60]} ({reason})" for kind, reason in sorted(tracing.unknown.items()))
        yield f"layers of these classes are {UNKNOWN}, with what is known of their shapes and weights: {classes}"
