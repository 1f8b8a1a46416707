"""A network at symbolic sizes: captured at numbers, elaborated by our rules, held to captures at other numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from inspect import signature
from typing import Any, NoReturn

from torch import nn

from cnncalc.errors import LayerError, UsageError
from cnncalc.importers.pytorch.importing import traced
from cnncalc.importers.pytorch.sizes import asks_for_sizes, freed, same_layers, without_padding_of_nothing
from cnncalc.importers.traced import UNKNOWN, Traced, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.symbolic import Expr, Relation, Size, Undecidable, evaluate_size

AT_NUMBERS = "import the network at one size: --input 3x224x224"
Shapes = Mapping[str, tuple[Size, ...]]
# Sizes of different remainders: alike in one, as all odd ones are, two captures prove little. Few strides divide them;
# many networks take none but multiples of 32.
TRIED = (((235, 37), (302, 39)), ((256, 64), (384, 64)), ((427, 32), (491, 32)))
CHECKED = ((149, 4), (10, 1))  # where what was found must hold too, if the network runs there


def traced_at(module: nn.Module, inputs: Shapes, name: str, about: Mapping[str, str]) -> Traced:
    """The layers of a network at sizes that may be symbols.

    Raises:
        UsageError: it cannot be captured; or a size in it depends on a symbol in a way that no layer says.
    """
    inputs = _in_order(module, inputs)
    if not _symbols(inputs):
        return _at_numbers(module, inputs, name, about)
    error: UsageError | None = None
    for pair in TRIED:
        first, second = (_values(inputs, *start) for start in pair)
        try:
            captures = [traced(module, _put(inputs, values), name, about) for values in (first, second)]
            found = _symbolic(captures[0], captures[1], inputs, (first, second))
            break
        except UsageError as refusal:  # at larger sizes it may run, or have the layers that smaller ones leave out
            error = refusal
    else:
        raise UsageError(f"{error} ({AT_NUMBERS})") from error
    for start in CHECKED:
        _check(module, found, captures[0], _values(inputs, *start))
    return without_padding_of_nothing(found)


def _check(module: nn.Module, found: Traced, capture: Traced, values: Mapping[str, int]) -> None:
    """Hold what was found in a capture to one more; where the network does not run, there is nothing to hold it to."""
    at = _put(found.inputs, values)
    try:
        other = _inference(traced(module, at, found.name))
    except UsageError:
        return
    nodes = _inference(found).nodes
    sizes = [tuple(evaluate_size(size, values) for size in node.output) for node in nodes]
    if not same_layers(_inference(capture), other) or sizes != [node.output for node in other.nodes]:
        given = " and ".join("×".join(map(str, shape)) for shape in at.values())
        raise UsageError(
            f"{found.name}: its code builds a different network at {given} than at larger sizes ({AT_NUMBERS})"
        )


def _inference(traced: Traced) -> Traced:
    """The network without its training heads, which may need a larger input than it does."""
    return replace(traced, nodes=tuple(node for node in traced.nodes if not node.training))


def _in_order(module: nn.Module, inputs: Shapes) -> Shapes:
    """Inputs that are called as the arguments of `forward`, in the order of those."""
    order = list(signature(module.forward).parameters)
    return {name: inputs[name] for name in order if name in inputs} if inputs.keys() <= set(order) else inputs


def _at_numbers(module: nn.Module, inputs: Shapes, name: str, about: Mapping[str, str]) -> Traced:
    """At the sizes given; where the network asks tensors for theirs, once more at others to learn for which."""
    shapes: Any = inputs
    found = traced(module, shapes, name, about)
    if asks_for_sizes(found):
        larger = {name: (shape[0], *(size + 32 for size in shape[1:])) for name, shape in shapes.items()}
        try:
            other = traced(module, larger, name, about)
        except UsageError:  # it is for one size alone
            other = found
        if same_layers(found, other):
            found = replace(found, nodes=freed(found, other))
    return without_padding_of_nothing(found)


def _symbolic(first: Traced, second: Traced, inputs: Shapes, points: tuple[Mapping[str, int], ...]) -> Traced:
    """The layers with the shapes that our rules give them, which at both sizes must be those of the captures."""
    if not same_layers(first, second):
        raise UsageError(f"{first.name} has different layers at other sizes")
    shapes: dict[str, tuple[Size, ...]] = dict(inputs)
    nodes = []
    for one, other, node in zip(first.nodes, second.nodes, freed(first, second), strict=True):
        found = _elaborated(node, other, shapes)
        at = [tuple(evaluate_size(size, point) for size in found.output) for point in points]
        if at != [one.output, other.output]:
            raise UsageError(f"{first.name}: the size of {node.name} depends on the input in an unsupported way")
        shapes[node.name] = found.output
        nodes.append(found)
    return replace(first, inputs=inputs, nodes=tuple(nodes))


def _elaborated(node: TracedNode, other: TracedNode, shapes: Shapes) -> TracedNode:
    """A layer with its shape at the symbols."""
    entering = [shapes[name] for name in node.inputs]
    arguments: dict[str, Any] = dict(node.arguments)
    if node.kind == UNKNOWN and arguments["shape"] != other.arguments["shape"]:
        _refuse(node)
    if node.kind == UNKNOWN:
        arguments.pop("seen", None)
    try:
        output = LAYERS[node.kind].make(arguments, rank_of(entering)).output(entering, _require)
    except (LayerError, Undecidable):
        _refuse(node)
    return node._replace(arguments=arguments, output=output)


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


def _put(inputs: Shapes, values: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(evaluate_size(size, values) for size in shape) for name, shape in inputs.items()}
