"""Imports a network at symbolic sizes: captured at numbers, propagated by our rules, checked at other numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from inspect import signature
from typing import Any, NoReturn

from torch import nn

from cnncalc.errors import LayerError, UsageError
from cnncalc.importers.pytorch.exporting import DataDependentError
from cnncalc.importers.pytorch.importing import trace
from cnncalc.importers.pytorch.parts.assembly import trace_parts
from cnncalc.importers.pytorch.sizes import asks_for_sizes, remove_sizes, same_layers, without_empty_padding
from cnncalc.importers.traced import UNKNOWN, Traced, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.symbolic import Expr, Relation, Size, Undecidable, evaluate_size

AT_NUMBERS = "import the network at one size: --input 3x224x224"
Shapes = Mapping[str, tuple[Size, ...]]
# Pairs with different remainders: two sizes that share one, as odd sizes do, prove little. Few strides divide them.
# Many networks only accept multiples of 32.
TRIED = (((235, 37), (302, 39)), ((256, 64), (384, 64)), ((427, 32), (491, 32)))
CHECKED = ((149, 4), (10, 1))  # further sizes at which the result must hold, if the network runs there


def trace_at(module: nn.Module, inputs: Shapes, name: str, about: Mapping[str, str]) -> Traced:
    """The layers of a network at sizes that may be symbols.

    Raises:
        UsageError: it cannot be captured, or a size in it depends on a symbol in a way that no layer can express.
    """
    inputs = _in_order(module, inputs)
    if not _symbols(inputs):
        return _at_numbers(module, inputs, name, about)
    error: UsageError | None = None
    for pair in TRIED:
        first, second = (_values(inputs, *start) for start in pair)
        try:
            captures = [trace(module, _substitute(inputs, values), name, about) for values in (first, second)]
            network = _to_symbols(captures[0], captures[1], inputs, (first, second))
            break
        except UsageError as refusal:  # larger sizes may run, or include layers that smaller ones skip
            error = refusal
    else:
        raise UsageError(f"{error} ({AT_NUMBERS})") from error
    for start in CHECKED:
        _check(module, network, captures[0], _values(inputs, *start))
    return without_empty_padding(network)


def _check(module: nn.Module, network: Traced, capture: Traced, values: Mapping[str, int]) -> None:
    """Check the symbolic network against one more capture, if the network runs at that size."""
    at = _substitute(network.inputs, values)
    try:
        other = _inference(trace(module, at, network.name))
    except UsageError:
        return
    nodes = _inference(network).nodes
    sizes = [tuple(evaluate_size(size, values) for size in node.output) for node in nodes]
    if not same_layers(_inference(capture), other) or sizes != [node.output for node in other.nodes]:
        given = " and ".join("×".join(map(str, shape)) for shape in at.values())
        raise UsageError(
            f"{network.name}: its code builds a different network at {given} than at larger sizes ({AT_NUMBERS})"
        )


def _inference(traced: Traced) -> Traced:
    """The network without its training heads, which may need a larger input than the rest."""
    return replace(traced, nodes=tuple(node for node in traced.nodes if not node.training))


def _in_order(module: nn.Module, inputs: Shapes) -> Shapes:
    """The inputs in the order of the arguments of `forward`, where all are named so."""
    order = list(signature(module.forward).parameters)
    return {name: inputs[name] for name in order if name in inputs} if inputs.keys() <= set(order) else inputs


def _at_numbers(module: nn.Module, inputs: Shapes, name: str, about: Mapping[str, str]) -> Traced:
    """The network at the given sizes; a second capture shows which arguments come from sizes of tensors."""
    shapes: Any = inputs
    try:
        network = trace(module, shapes, name, about)
    except DataDependentError as error:
        return trace_parts(module, shapes, name, about, error)
    if asks_for_sizes(network):
        larger = {name: (shape[0], *(size + 32 for size in shape[1:])) for name, shape in shapes.items()}
        try:
            other = trace(module, larger, name, about)
        except UsageError:  # the network accepts only one size
            other = network
        if same_layers(network, other):
            network = replace(network, nodes=remove_sizes(network, other))
    return without_empty_padding(network)


def _to_symbols(first: Traced, second: Traced, inputs: Shapes, points: tuple[Mapping[str, int], ...]) -> Traced:
    """The layers with the shapes that our rules give; at both sizes these must equal the captured ones."""
    if not same_layers(first, second):
        raise UsageError(f"{first.name} has different layers at other sizes")
    shapes: dict[str, tuple[Size, ...]] = dict(inputs)
    nodes = []
    for one, other, node in zip(first.nodes, second.nodes, remove_sizes(first, second), strict=True):
        layer = _propagate(node, other, shapes)
        at = [tuple(evaluate_size(size, point) for size in layer.output) for point in points]
        if at != [one.output, other.output]:
            raise UsageError(f"{first.name}: the size of {node.name} depends on the input in an unsupported way")
        shapes.update(layer.tensors)
        nodes.append(layer)
    return replace(first, inputs=inputs, nodes=tuple(nodes))


def _propagate(node: TracedNode, other: TracedNode, shapes: Shapes) -> TracedNode:
    """A layer with its output shape in symbols."""
    entering = [shapes[name] for name in node.inputs]
    arguments: dict[str, Any] = dict(node.arguments)
    if node.kind == UNKNOWN and arguments["shape"] != other.arguments["shape"]:
        _refuse(node)
    if node.kind == UNKNOWN:
        arguments.pop("seen", None)
    try:
        descriptor = LAYERS[node.kind].make(arguments, rank_of(entering))
        output = descriptor.output(entering, _require)
        every = descriptor.further(entering, output)
    except (LayerError, Undecidable):
        _refuse(node)
    return node._replace(arguments=arguments, output=output, further={name: every[name] for name in node.further})


def _refuse(node: TracedNode) -> NoReturn:
    raise UsageError(
        f"{node.name} ({node.arguments.get('op', node.kind)}): its size depends on the input in an unsupported way"
    )


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is False:
        raise why()


def _symbols(inputs: Shapes) -> list[str]:
    return list(dict.fromkeys(str(size) for shape in inputs.values() for size in shape if isinstance(size, Expr)))


def _values(inputs: Shapes, start: int, step: int) -> dict[str, int]:
    """A number for every symbol."""
    return {name: start + number * step for number, name in enumerate(_symbols(inputs))}


def _substitute(inputs: Shapes, values: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(evaluate_size(size, values) for size in shape) for name, shape in inputs.items()}
