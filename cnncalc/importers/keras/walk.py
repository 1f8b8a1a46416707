"""Calls the layers of a model in order, and those of nested models inside of it."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnncalc.importers.keras.activations import ACTIVATIONS
from cnncalc.importers.keras.attending import ATTENDING
from cnncalc.importers.keras.calls import Call, Ref, references
from cnncalc.importers.keras.cells import CELLED
from cnncalc.importers.keras.config import shown
from cnncalc.importers.keras.joins import JOINS
from cnncalc.importers.keras.model import INPUT, KerasLayer, Model
from cnncalc.importers.keras.operations import called, function_of
from cnncalc.importers.keras.recurrent import RECURRENT
from cnncalc.importers.keras.reshaping import RESHAPING
from cnncalc.importers.keras.sliding import SLIDING
from cnncalc.importers.keras.tracing import Handler, Tracing
from cnncalc.importers.keras.values import Shape, Step, UnsupportedError, Value
from cnncalc.importers.keras.weighted import WEIGHTED
from cnncalc.importers.keras.wrappers import AROUND, WRAPPERS
from cnncalc.limits import MOST_KERAS_LAYERS
from cnncalc.suggest import ask, nearest

HANDLERS: Mapping[str, Handler] = {
    **SLIDING, **RESHAPING, **JOINS, **ACTIVATIONS, **WEIGHTED, **ATTENDING, **RECURRENT, **CELLED,
    **WRAPPERS,
}  # fmt: skip
ALIKE = 0.9  # similarity from which a class counts as a known one misspelt
OF_ONE_MODEL = frozenset({"Lambda", "TensorFlowOpLayer", "KerasLayer"})  # what they do is code


class Walk:
    """One call of a model: its tensors so far."""

    def __init__(self, model: Model, trace: Tracing, scope: str, frozen: bool) -> None:
        self.model, self.trace, self.scope, self.frozen = model, trace, scope, frozen
        self.made: dict[tuple[str, int], list[Value]] = {}

    def run(self, inputs: Sequence[Value]) -> list[Value]:
        """Return the outputs of the model for these inputs.

        Raises:
            SpecError: a layer cannot be called so, or reads what nothing makes.
        """
        if len(inputs) != len(self.model.inputs):
            needs = f"it reads {len(inputs)} tensors, and has {len(self.model.inputs)} inputs"
            self.model.config.refuse(f"{shown(self.model.name)}: {needs}")
        for ref, value in zip(self.model.inputs, inputs, strict=True):
            self.made[ref.layer, ref.call] = [value]
        for layer, number in _in_order(self.model):
            if (layer, number) not in self.made:
                self.made[layer, number] = self._call(self.model.layers[layer], number)
        return [self._value(ref, self.model.config) for ref in self.model.outputs]

    def _call(self, layer: KerasLayer, number: int) -> list[Value]:
        self.trace.begun += 1
        if self.trace.begun > MOST_KERAS_LAYERS:
            layer.outer.refuse(
                f"more than {MOST_KERAS_LAYERS:,} layers, those of every call of a nested model included"
            )
        call = layer.calls[number - layer.first]
        read = [self._value(ref, layer.outer) for ref in references(call.args)]
        if not call.args:
            read = [self._value(ref, layer.outer) for ref in references(call.options)]
        args, options = self._filled(call.args, layer), self._filled(call.options, layer)
        step = Step(layer, self.scope, read, args, options, self.frozen or not layer.trainable)
        begun = len(self.trace.nodes)
        if layer.inner is not None:
            scope = self.trace.unique_scope(f"{self.scope}{layer.name}")
            made = Walk(layer.inner, self.trace, scope, step.frozen).run(read)
        else:
            made = trace_layer(step, self.trace, self._stated(layer, number))
        self.trace.calls.append((step, made, begun, len(self.trace.nodes)))
        return made

    def _filled(self, value: Any, layer: KerasLayer) -> Any:  # noqa: ANN401
        """An argument with the tensors in place of the references to them."""
        if isinstance(value, Ref):
            return self._value(value, layer.outer)
        if isinstance(value, list):
            return [self._filled(entry, layer) for entry in value]
        if isinstance(value, dict):
            return {name: self._filled(entry, layer) for name, entry in value.items()}
        return value

    def _value(self, ref: Ref, where: Any) -> Value:  # noqa: ANN401
        values = self.made.get((ref.layer, ref.call), [])
        if not 0 <= ref.tensor < len(values):
            near = nearest(ref.layer, self.model.layers) if ref.layer not in self.model.layers else None
            read = f"'{shown(ref.layer)}' (call {ref.call}, tensor {ref.tensor})"
            what = f"reads {read}, which no earlier layer makes"
            where.refuse(what, hint=ask(near) if near else None)
        return values[ref.tensor]

    def _stated(self, layer: KerasLayer, number: int) -> list[int | None] | None:
        """The shape that the file states for the output of a call, with the batch."""
        return layer.stated.get((number, 0))


def trace_layer(step: Step, trace: Tracing, stated: list[int | None] | None = None) -> list[Value]:
    """Return what leaves a layer, which becomes `unknown` where no layer is like it."""
    try:
        name = function_of(step)
        if name is not None:
            return [called(step, trace, name)]
        if step.kind in AROUND:
            return [AROUND[step.kind](step, trace, _apart)]
        handler = HANDLERS.get(step.kind)
        if handler is None:
            raise UnsupportedError("no equivalent layer")
        made = handler(step, trace)
        return made if isinstance(made, list) else [made]
    except UnsupportedError as refused:
        return [trace.add_unknown(step, _completed(step, trace, refused, stated))]


def _apart(step: Step, trace: Tracing) -> Value:
    """Return what leaves a layer or a model within another layer, traced with the tensor that it reads."""
    if step.layer.inner is not None:
        return Walk(step.layer.inner, trace, "", step.frozen).run(step.inputs)[0]
    handler = HANDLERS.get(step.kind)
    if handler is None:
        raise UnsupportedError(f"of {shown(step.kind)}")
    made = handler(step, trace)
    return made[0] if isinstance(made, list) else made


def _completed(
    step: Step, trace: Tracing, refused: UnsupportedError, stated: list[int | None] | None
) -> UnsupportedError:
    """Return the refusal with an output shape: that of its class, else what the file states."""
    if refused.output is not None:
        return refused
    _refuse_misspelt(step)
    shape = _known_shape(step, stated)
    why = str(refused)
    if shape is None:
        if step.kind not in OF_ONE_MODEL:
            hint = "remove it and what follows, or write it as layers of Keras"
            step.refuse(f"{why}, and the file does not state its output shape", hint=hint)
        named = _of_name(step)
        assumed = "be TensorFlow's space_to_depth, by its name" if named else "keep the shape of its input"
        unstated = f"{shown(step.layer.name)} ({shown(step.kind)}): the file does not state its output shape"
        trace.notes[f"{unstated}; it is assumed to {assumed}"] = None
        shape = named or step.first.shape
    weightless = step.kind == "Lambda" or function_of(step) is not None
    return UnsupportedError(why, shape, 0 if weightless else refused.params, refused.macs, refused.kept)


def _of_name(step: Step) -> Shape | None:
    """The shape behind TensorFlow's space_to_depth, which YOLOv2 calls in a Lambda of that name."""
    found = re.fullmatch(r"space_to_depth(?:_x([1-9]))?", step.layer.name)
    if found is None or step.first.rank != 3:
        return None
    (height, width, channels), block = step.first.shape, int(found[1] or 2)
    return height // block, width // block, channels * block * block


def _known_shape(step: Step, stated: list[int | None] | None) -> Shape | None:
    """The shape that the consumers of a layer state, or its own configuration; open sizes are those of its input."""
    own = step.config.values.get("output_shape")
    if stated is None and isinstance(own, list) and own and all(isinstance(size, int) for size in own):
        stated = [None, *own]
    if stated is None or len(stated) < 2:
        return None
    given = step.first.shape
    sizes = [
        size if size is not None else given[axis] if len(given) == len(stated) - 1 else None
        for axis, size in enumerate(stated[1:])
    ]
    known = tuple(size for size in sizes if size is not None)
    return known if len(known) == len(sizes) else None


def _refuse_misspelt(step: Step) -> None:
    near = nearest(step.kind, HANDLERS, ALIKE)
    longer = near is not None and near.lower() in step.kind.lower() and len(near) < len(step.kind)
    custom = ">" in step.kind or step.layer.outer.values.get("registered_name") not in (None, step.kind)
    if near is not None and near != step.kind and not custom and not longer:
        step.refuse(f"unknown layer class '{shown(step.kind)}'", hint=ask(near))


def _in_order(model: Model) -> Iterator[tuple[str, int]]:
    """The calls of a model, each after those that it reads; in the order of the file where that allows it.

    Raises:
        SpecError: calls read each other in a circle, or what does not exist.
    """
    calls: list[tuple[str, int, Call]] = []
    entries = {(ref.layer, ref.call) for ref in model.inputs}
    for name, layer in model.layers.items():
        if layer.kind == INPUT or layer.inner is None:
            layer.first = 0
        calls += [(name, layer.first + number, call) for number, call in enumerate(layer.calls)]
    place = {(name, number): index for index, (name, number, _) in enumerate(calls) if (name, number) not in entries}
    readers: dict[int, list[int]] = {}
    waits: dict[int, int] = {}
    for index in place.values():
        before = {
            (ref.layer, ref.call) for ref in (*references(calls[index][2].args), *references(calls[index][2].options))
        }
        needed = [place[key] for key in before if key in place]
        waits[index] = len(needed)
        for each in needed:
            readers.setdefault(each, []).append(index)
    ready = [index for index, count in waits.items() if not count]
    heapq.heapify(ready)
    done = 0
    while ready:
        index = heapq.heappop(ready)
        done += 1
        yield calls[index][0], calls[index][1]
        for reader in readers.get(index, ()):
            waits[reader] -= 1
            if not waits[reader]:
                heapq.heappush(ready, reader)
    if done < len(place):
        name = next(calls[index][0] for index, count in waits.items() if count)
        model.layers[name].outer.refuse("it reads its own output, through other layers")
