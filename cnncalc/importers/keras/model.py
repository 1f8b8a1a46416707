"""Reads the layers of a model and how they are connected: Sequential, functional and nested, of Keras 1, 2 and 3.

A sequential model becomes a functional one, each of whose layers reads the one before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnncalc.importers.keras.calls import Call, Ref, calls_of, references, references_of
from cnncalc.importers.keras.config import Config, shown
from cnncalc.importers.keras.document import Document
from cnncalc.limits import DEEPEST_MODELS, MOST_KERAS_LAYERS

INPUT = "InputLayer"
SHAPES = ("batch_input_shape", "batch_shape", "batchInputShape")
WRAPPERS = ("modelTopology", "model_config", "modelConfig")
LISTS = ("layers", "input_layers", "output_layers")
GRAPH = "a TensorFlow.js graph model, whose layers were compiled to operations, is not read"
GRAPH_HINT = "convert the Keras model with --output_format tfjs_layers_model, or export it to ONNX"


@dataclass(slots=True)
class KerasLayer:
    """One layer: its class, its configuration, and its calls in the model."""

    name: str
    kind: str
    config: Config
    outer: Config  # the object around the configuration
    calls: list[Call] = field(default_factory=list)
    inner: Model | None = None
    first: int = 0  # the number of its first call here: nested models of Keras 2 are counted from 1
    stated: dict[tuple[int, int], list[int | None]] = field(default_factory=dict)  # (call, tensor) → its shape

    @property
    def trainable(self) -> bool:
        """Whether its weights are trained."""
        return self.config.values.get("trainable", True) is not False


@dataclass(slots=True)
class Model:
    """The layers of a model, by name, and the tensors that enter and leave it."""

    name: str
    kind: str
    layers: dict[str, KerasLayer]
    inputs: list[Ref]
    outputs: list[Ref]
    config: Config


def read_model(document: Document) -> Model:
    """Return the model of a document.

    Raises:
        SpecError: it holds no model whose layers are listed, or a field is invalid.
    """
    top = _unwrap(Config(document, (), document.values))
    return _model(top, 0, [0])


def _unwrap(top: Config) -> Config:
    """Return the object that describes the model: TF.js and .h5 files put it inside of others."""
    if top.values.get("format") == "graph-model":
        top.refuse(GRAPH, "format", hint=GRAPH_HINT)
    while (name := next((each for each in WRAPPERS if isinstance(top.values.get(each), dict)), None)) is not None:
        top = Config(top.document, (*top.path, name), top.values[name])
        if "node" in top.values:
            top.refuse(GRAPH, "node", hint=GRAPH_HINT)
    return top


def is_model(values: dict[str, Any]) -> bool:
    """Whether an object describes a model, and not a single layer."""
    config = values.get("config")
    if values.get("class_name") == "Sequential":
        return isinstance(config, list | dict)
    return isinstance(config, dict) and isinstance(config.get("layers"), list) and "output_layers" in _snake(config)


def nested_model(outer: Config) -> Model | None:
    """Return the model that an object describes; None if it describes a single layer. Raises as `read_model` does."""
    return _model(outer, 1, [0]) if is_model(outer.values) else None


def _snake(config: dict[str, Any]) -> dict[str, Any]:
    """The fields under the names of Keras: TF.js writes some of them in camel case."""
    renamed = {"inputLayers": "input_layers", "outputLayers": "output_layers"}
    return {renamed.get(name, name): value for name, value in config.items()}


def _model(top: Config, depth: int, count: list[int]) -> Model:
    if depth > DEEPEST_MODELS:
        top.refuse(f"models are nested more than {DEEPEST_MODELS} deep")
    if not is_model(top.values):
        kind = top.values.get("class_name")
        if isinstance(kind, str):
            hint = "a subclassed model lists no layers: export it to ONNX"
            top.refuse(f"{shown(kind)}: neither a Sequential nor a functional model", "class_name", hint=hint)
        top.refuse("not a Keras model: expected class_name and config")
    inner = top.values["config"]
    values = {"layers": inner} if isinstance(inner, list) else _snake(inner)
    config = Config(top.document, (*top.path, "config"), values)
    name = values.get("name") or top.values.get("name")
    kind = str(top.values.get("class_name", "Functional"))
    layers = _layers(config, isinstance(inner, list), depth, count)
    if not layers:
        config.refuse("no layers", *(["layers"] if "layers" in inner else []))
    if kind == "Sequential":
        model = _chain(layers, config, top)
    else:
        inputs, outputs = (references_of(config, each) for each in ("input_layers", "output_layers"))
        model = Model("", kind, _by_name(layers), inputs, outputs, config)
    model.name, model.kind = name if isinstance(name, str) else "", kind
    _count_calls(model)
    return model


def _layers(config: Config, bare: bool, depth: int, count: list[int]) -> list[KerasLayer]:
    values = config.values.get("layers")
    if not isinstance(values, list):
        config.expect("a list of layers", "layers")
    count[0] += len(values)
    if count[0] > MOST_KERAS_LAYERS:
        config.refuse(f"more than {MOST_KERAS_LAYERS:,} layers")
    prefix = config.path if bare else (*config.path, "layers")
    return [_layer(Config(config.document, (*prefix, n), each), n, depth, count) for n, each in enumerate(values)]


def _layer(outer: Config, number: int, depth: int, count: list[int]) -> KerasLayer:
    kind = outer.word("class_name", "className")
    inner = outer.values.get("config")
    listed = isinstance(inner, list)
    config = Config(outer.document, (*outer.path, "config"), {} if listed or inner is None else inner)
    name = outer.get("name") or config.get("name")
    name = name if isinstance(name, str) else f"{kind.lower()}_{number + 1}"
    config.who = outer.who = f"{shown(name)} ({shown(kind)})"
    layer = KerasLayer(name, kind, config, outer, calls_of(outer))
    if is_model(outer.values):
        layer.inner = _model(outer, depth + 1, count)
    return layer


def _by_name(layers: list[KerasLayer]) -> dict[str, KerasLayer]:
    found: dict[str, KerasLayer] = {}
    for layer in layers:
        if layer.name in found:
            layer.outer.refuse("two layers have this name", "name" if "name" in layer.outer.values else "config")
        found[layer.name] = layer
    return found


def _chain(layers: list[KerasLayer], config: Config, top: Config) -> Model:
    """A sequential model as a functional one; its input is a layer of its own."""
    if layers[0].kind != INPUT:
        entry = Config(config.document, layers[0].config.path, {"batch_shape": _entry_shape(layers[0], config, top)})
        layers = [KerasLayer("input", INPUT, entry, entry), *layers]
    found: dict[str, KerasLayer] = {}
    before = ""
    for layer in layers:
        key = layer.name
        while key in found:
            key += "_"
        layer.calls = [Call([Ref(before, 0, 0)], {}, layer.outer.path)] if before else []
        found[key], before = layer, key
    first = next(iter(found))
    return Model("", "", found, [Ref(first, 0, 0)], [Ref(before, 0, 0)], config)


def _entry_shape(first: KerasLayer, config: Config, top: Config) -> list[int | None] | None:
    """The shape that enters a sequential model without an input layer, as far as the file states it."""
    for source, names in ((first.config, SHAPES), (config, ("build_input_shape",))):
        if (shape := source.shape(*names)) is not None:
            return shape
    for outer in (top, first.outer):
        build = outer.values.get("build_config")
        if isinstance(build, dict) and isinstance(build.get("input_shape"), list):
            return Config(outer.document, (*outer.path, "build_config"), build, first.config.who).shape("input_shape")
    if first.inner is not None:
        return first.inner.layers[first.inner.inputs[0].layer].config.shape(*SHAPES)
    length, width = first.config.values.get("input_length"), first.config.values.get("input_dim")
    if first.kind == "Embedding":
        return [None, length] if isinstance(length, int) else [None, None]
    if isinstance(width, int) and first.kind == "Dense":
        return [None, width]
    return None


def _count_calls(model: Model) -> None:
    """Set the numbers of the first calls, and keep the shapes that the file states for tensors."""
    ends = [*model.inputs, *model.outputs]
    inside = [ref for layer in model.layers.values() for call in layer.calls for ref in _read_by(call)]
    last: dict[str, int] = {}
    for ref in (*ends, *inside):
        last[ref.layer] = max(ref.call, last.get(ref.layer, 0))
    for name, layer in model.layers.items():
        layer.first = max(0, last.get(name, 0) - max(len(layer.calls) - 1, 0)) if layer.inner is not None else 0
    for ref in inside:
        if ref.shape is not None and ref.layer in model.layers:
            model.layers[ref.layer].stated[ref.call, ref.tensor] = ref.shape


def _read_by(call: Call) -> list[Ref]:
    return [*references(call.args), *references(call.options)]
