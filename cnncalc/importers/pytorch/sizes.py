"""Removes sizes from arguments where they depend on the input: two captures at different sizes show which do.

A capture has numbers where the code asked a tensor for its size: `F.interpolate(x, size=y.shape[2:])` becomes a size.
Arguments that are equal in two captures do not depend on the size; for the others, this finds out what they depend on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.padding import same_padding

Sizes = tuple[int, ...]
ASKING = frozenset(
    {"upsample", "crop", "slice", "avgpool", "pad"}
)  # layers whose arguments often come from another tensor's size


@dataclass(frozen=True, slots=True)
class Seen:
    """A tensor's shape in the first and in the second capture."""

    first: Sizes
    second: Sizes


def asks_for_sizes(traced: Traced) -> bool:
    """Whether a second capture may add information."""
    shapes = _shapes(traced)
    joined = {name for node in traced.nodes if LAYERS[node.kind].joins for name in node.inputs}
    return any(
        node.name in joined if node.kind == "pad" else _has_size(node, shapes[node.inputs[0]] if node.inputs else ())
        for node in traced.nodes
        if node.kind in ASKING
    )


def same_layers(first: Traced, second: Traced) -> bool:
    """Whether the network has the same layers in both captures."""
    return len(first.nodes) == len(second.nodes) and all(
        (one.name, one.kind, one.inputs) == (other.name, other.kind, other.inputs)
        for one, other in zip(first.nodes, second.nodes, strict=True)
    )


def without_empty_padding(traced: Traced) -> Traced:
    """The network without `pad` layers that add no rows."""
    before = {node.name: node.inputs[0] for node in traced.nodes if _adds_nothing(node)}
    for name, source in before.items():
        before[name] = before.get(source, source)
    nodes = tuple(
        node._replace(inputs=tuple(before.get(name, name) for name in node.inputs))
        for node in traced.nodes
        if node.name not in before
    )
    outputs = {output: before.get(name, name) for output, name in traced.outputs.items()}
    return replace(traced, nodes=nodes, outputs=outputs)


def _adds_nothing(node: TracedNode) -> bool:
    arguments: Any = node.arguments
    return node.kind == "pad" and "like" not in arguments and not any(_flat(arguments["padding"]))


def remove_sizes(first: Traced, second: Traced) -> tuple[TracedNode, ...]:
    """The layers of the first capture, with arguments that name no size wherever that is possible."""
    seen = {name: Seen(shape, _shapes(second)[name]) for name, shape in _shapes(first).items()}
    readers: dict[str, list[TracedNode]] = {}
    for node in first.nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    pairs = zip(first.nodes, second.nodes, strict=True)
    order = list(seen)
    return tuple(_remove_size(*pair, Around(seen, readers, order[: order.index(pair[0].name)])) for pair in pairs)


class Around(NamedTuple):
    """The context of a layer: every tensor's shapes, the readers of each, and the names of the tensors before it."""

    seen: Mapping[str, Seen]
    readers: Mapping[str, Sequence[TracedNode]]
    earlier: Sequence[str]


def _remove_size(one: TracedNode, other: TracedNode, around: Around) -> TracedNode:
    """A layer without sizes, where the captures agree on what they stand for."""
    if one.kind == "pad":
        return _remove_padding(one, other, around)
    if one.arguments == other.arguments or not one.inputs:
        return one
    entering = around.seen[one.inputs[0]]
    mine: Any = one.arguments
    theirs: Any = other.arguments
    if one.kind == "upsample" and "size" in mine:
        like = next(_same_sized(one, around), None)
        if like is not None:
            return _with_reference(one, "size", like)
    elif one.kind == "reshape":
        differ = [i for i, pair in enumerate(zip(mine["shape"], theirs["shape"], strict=False)) if len(set(pair)) > 1]
        if len(mine["shape"]) == len(theirs["shape"]) and len(differ) == 1:
            shape = [-1 if i in differ else size for i, size in enumerate(mine["shape"])]
            return one._replace(arguments={"shape": shape})
    elif one.kind == "slice":
        return one._replace(arguments=_from_the_end(mine, theirs, entering))
    elif one.kind == "avgpool" and _covers_map(one, entering.first) and _covers_map(other, entering.second):
        return one._replace(kind="global_avgpool", arguments={})
    elif "padding" in mine and _is_same(one, entering.first) and _is_same(other, entering.second):
        return one._replace(arguments={**mine, "padding": "same"})
    return one


def _remove_padding(one: TracedNode, other: TracedNode, around: Around) -> TracedNode:
    """Padding up to the size of the tensor that it is joined with, half on each side; the join holds at any size.

    Equal padding in both captures may still come from a remainder that both sizes share.
    """
    entering, leaving = around.seen[one.inputs[0]], around.seen[one.name]
    halved = _halves(entering.first, leaving.first), _halves(entering.second, leaving.second)
    if (one.arguments["padding"], other.arguments["padding"]) != halved:
        return one
    like = next(_same_sized(one, around), None)
    joined = any(like in reader.inputs for reader in around.readers.get(one.name, ()) if LAYERS[reader.kind].joins)
    return _with_reference(one, "padding", like) if like is not None and joined else one


def _halves(entering: Sizes, leaving: Sizes) -> list[list[int]]:
    """The rows added on both sides of every axis; of an odd number, one more at the end."""
    added = [to - size for size, to in zip(entering[1:], leaving[1:], strict=True)]
    return [[rows // 2, rows - rows // 2] for rows in added]


def _with_reference(node: TracedNode, field: str, like: str) -> TracedNode:
    """The layer with a reference to a tensor in place of a size."""
    arguments = {**{key: value for key, value in node.arguments.items() if key != field}, "like": like}
    return node._replace(arguments=arguments, inputs=(*node.inputs, like))


def _same_sized(node: TracedNode, around: Around) -> Iterator[str]:
    """Tensors of the spatial size that a layer's output has: those that it is joined with, inputs, then the latest."""
    seen, readers, earlier = around
    wanted = seen[node.name]
    joined = [name for reader in readers.get(node.name, ()) if LAYERS[reader.kind].joins for name in reader.inputs]
    for name in [*joined, *(name for name in earlier if name not in readers.keys() - earlier), *reversed(earlier)]:
        candidate = seen[name]
        if name in earlier and (candidate.first[1:], candidate.second[1:]) == (wanted.first[1:], wanted.second[1:]):
            yield name


def _from_the_end(mine: Mapping[str, Any], theirs: Mapping[str, Any], entering: Seen) -> Mapping[str, Any]:
    """The arguments of a slice, with indices counted from the end where both captures agree on those."""
    axis = mine["dim"] - 1
    arguments = dict(mine)
    for name in ("start", "end"):
        if name in mine and name in theirs and mine[name] != theirs[name]:
            behind = mine[name] - entering.first[axis]
            if behind == theirs[name] - entering.second[axis] and behind < 0:
                arguments[name] = behind
    return arguments


def _has_size(node: TracedNode, entering: Sizes) -> bool:
    arguments: Any = node.arguments
    if node.kind == "upsample":
        return "size" in arguments
    if node.kind == "avgpool":
        return _covers_map(node, entering)
    return node.kind == "crop" or (node.kind == "slice" and arguments["dim"] > 1)


def _covers_map(node: TracedNode, entering: Sizes) -> bool:
    """Whether a window covers the whole map."""
    arguments: Any = node.arguments
    return tuple(arguments["kernel_size"]) == entering[1:] and not any(_flat(arguments["padding"]))


def _is_same(node: TracedNode, entering: Sizes) -> bool:
    """Whether a window's padding is that of `same` at this size."""
    arguments: Any = node.arguments
    if arguments["padding"] == "same":
        return True
    if "kernel_size" not in arguments or isinstance(arguments["padding"], str) or node.kind == "conv_transpose":
        return False
    kernel = arguments["kernel_size"]
    dilation = arguments.get("dilation", [1] * len(kernel))
    wanted = [same_padding(*each) for each in zip(entering[1:], kernel, arguments["stride"], dilation, strict=True)]
    given = [tuple(pair) if isinstance(pair, list) else (pair, pair) for pair in arguments["padding"]]
    return given == wanted


def _flat(values: Sequence[Any]) -> Iterator[int]:
    for value in values:
        yield from _flat(value) if isinstance(value, list) else [value]


def _shapes(traced: Traced) -> dict[str, Any]:
    return {**traced.inputs, **{name: shape for node in traced.nodes for name, shape in node.tensors.items()}}
