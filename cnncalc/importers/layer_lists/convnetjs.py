"""Turns the layers of ConvNetJS into ours, with its defaults, its activations and the `fc` before its losses.

Sources: karpathy/convnetjs, src/convnet_net.js (what a definition adds), convnet_layers_*.js (defaults, sizes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from cnncalc.errors import Fault, Source, SpecError
from cnncalc.importers.layer_lists.javascript import Definition, definitions
from cnncalc.importers.layer_lists.tracing import INPUT, Shape, Tracing, pair
from cnncalc.importers.traced import Traced
from cnncalc.limits import LARGEST_SCRIPT
from cnncalc.quantities.shapes import Given, by_name
from cnncalc.source.files import read_file
from cnncalc.suggest import ask, misspelt

Handler: TypeAlias = "Callable[[Definition, Tracing, str], str]"


def read_js(path: Path | str, inputs: Given | None = None) -> Traced:
    """Read the network that a script of ConvNetJS defines by `layer_defs.push({type: …})`.

    Args:
        path: path of the file.
        inputs: the input shape without the batch, in place of that of the layer of type input.

    Raises:
        UsageError: the file cannot be read.
        SpecError: it defines no layers, or a layer has faults; the fault holds the place.
    """
    path = Path(path)
    text = read_file(path, LARGEST_SCRIPT, "a layer list").decode("utf-8-sig", "replace")
    return trace(Source(str(path), text), inputs)


def trace(source: Source, wanted: Given | None = None) -> Traced:
    """Trace the network of a text; raises as `read_js` does."""
    found = list(definitions(source))
    if not found:
        raise SpecError([Fault(f"{source.name}: no layers: expected objects such as {{type:'conv', sx:5, …}}")])
    first, *rest = found
    if first.type != "input":
        hint = "begin with {type:'input', out_sx:32, out_sy:32, out_depth:3}"
        raise SpecError([Fault(f"the first layer is of type '{first.type[:40]}', not input", first.span, hint)])
    tracing = Tracing(_input_shape(first, source, wanted))
    tensor = INPUT
    for layer in found:
        _note_misspelt(layer, tracing)
    for layer in rest:
        handler = HANDLERS.get(layer.type)
        if layer.type == "input":
            hint = "a file holds one network: remove the layers of the others"
            raise SpecError([Fault("a second layer of type input", layer.span, hint)])
        if handler is None:
            raise layer.unknown("type", tuple(HANDLERS))
        tensor = _activated(layer, tracing, handler(layer, tracing, tensor))
    if not tracing.nodes:
        raise SpecError([Fault("no layers behind the input", first.span)])
    return tracing.whole(Path(source.name).stem, tensor, "From a layer list of ConvNetJS.")


def _note_misspelt(layer: Definition, tracing: Tracing) -> None:
    """Note options that are nearly those of ConvNetJS, which passes over what it does not know."""
    for key, option in layer.options.items():
        if len(tracing.notes) >= MOST_NOTES:
            return
        if meant := misspelt(key, OPTIONS, layer.options):
            line = layer.tokens.span(option.token).line
            tracing.notes[f"line {line}: unknown option '{key[:40]}': {ask(meant)}"] = None


def _input_shape(layer: Definition, source: Source, wanted: Given | None) -> Shape:
    if wanted is not None:
        (shape,) = by_name(wanted, [INPUT], source.name).values()
        return shape
    depth = layer.whole("out_depth", "depth")
    return depth, layer.whole("out_sy", "sy", "height"), layer.whole("out_sx", "sx", "width")


def _activated(layer: Definition, trace: Tracing, tensor: str) -> str:
    """A tensor after the activation and the dropout of a layer."""
    word = layer.word("activation")
    if word == "maxout":
        return _maxout(layer, trace, tensor)
    if word is not None:
        if word not in ACTIVATIONS:
            raise layer.unknown("activation", (*ACTIVATIONS, "maxout"))
        tensor = trace.add(layer.span, word, {}, tensor)
    if "drop_prob" in layer.options and layer.type != "dropout":
        tensor = _dropout(layer, trace, tensor)
    return tensor


def _conv(layer: Definition, trace: Tracing, tensor: str) -> str:
    """filters, sx, and by default sy = sx, stride 1, pad 0; sx is the width."""
    arguments = {"out_channels": layer.whole("filters"), **_window(layer, stride=1)}
    return trace.add(layer.span, "conv", arguments, tensor)


def _pool(layer: Definition, trace: Tracing, tensor: str) -> str:
    """The maximum, by default with stride 2; the last window that does not fit is left out."""
    return trace.add(layer.span, "maxpool", _window(layer, stride=2), tensor)


def _window(layer: Definition, stride: int) -> dict[str, object]:
    width = layer.whole("sx")
    return {
        "kernel_size": pair(layer.whole("sy", default=width), width),
        "stride": layer.whole("stride", default=stride),
        "padding": layer.whole("pad", default=0, least=0),
    }


def _fc(layer: Definition, trace: Tracing, tensor: str) -> str:
    return _linear(layer, trace, tensor, layer.whole("num_neurons", "filters"))


def _linear(layer: Definition, trace: Tracing, tensor: str, features: int) -> str:
    return trace.add(layer.span, "linear", {"out_features": features}, trace.flat(layer.span, tensor))


def _softmax(layer: Definition, trace: Tracing, tensor: str) -> str:
    return trace.add(layer.span, "softmax", {}, _scores(layer, trace, tensor))


def _scores(layer: Definition, trace: Tracing, tensor: str) -> str:
    """The `fc` that ConvNetJS puts before a softmax or an svm: one score per class."""
    return _linear(layer, trace, tensor, layer.whole("num_classes"))


def _dropout(layer: Definition, trace: Tracing, tensor: str) -> str:
    return trace.add(layer.span, "dropout", {"p": layer.number("drop_prob", Fraction(1, 2))}, tensor)


def _lrn(layer: Definition, trace: Tracing, tensor: str) -> str:
    arguments = {"size": layer.whole("n"), **{key: layer.number(key, 1) for key in ("alpha", "beta", "k")}}
    return trace.add(layer.span, "lrn", arguments, tensor)


def _maxout(layer: Definition, trace: Tracing, tensor: str) -> str:
    """The maximum of every `group_size` neighbouring channels or features."""
    group = layer.whole("group_size", default=2)
    channels, *sizes = trace.shapes[tensor]
    if not isinstance(channels, int) or channels % group:
        raise SpecError([Fault(f"maxout: {channels} channels are no groups of {group}", layer.span)])
    grouped = trace.add(layer.span, "reshape", {"shape": [channels // group, group, *sizes]}, tensor)
    return trace.add(layer.span, "max", {"dim": 2}, grouped)


def _activation(layer: Definition, trace: Tracing, tensor: str) -> str:
    return trace.add(layer.span, layer.type, {}, tensor)


MOST_NOTES = 20
OPTIONS = (
    "type", "out_sx", "out_sy", "out_depth", "sx", "sy", "width", "height", "depth", "filters", "num_neurons",
    "num_classes", "stride", "pad", "activation", "group_size", "drop_prob", "n", "k", "alpha", "beta", "bias_pref",
    "l1_decay_mul", "l2_decay_mul", "in_sx", "in_sy", "in_depth",
)  # fmt: skip
ACTIVATIONS = ("relu", "sigmoid", "tanh")
HANDLERS: Mapping[str, Handler] = {
    "conv": _conv,
    "pool": _pool,
    "fc": _fc,
    "softmax": _softmax,
    "svm": _scores,
    "regression": _fc,
    "dropout": _dropout,
    "lrn": _lrn,
    "maxout": _maxout,
    **dict.fromkeys(ACTIVATIONS, _activation),
}
