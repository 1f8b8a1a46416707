"""What depends on the size of the input, said without numbers: found by capturing the network at two sizes.

A capture holds numbers where the code asked a tensor for its size: `F.interpolate(x, size=y.shape[2:])` becomes a size.
What two captures have in common does not depend on the size; of what they have not, this says on what it depends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.padding import same_padding

Sizes = tuple[int, ...]
ASKING = frozenset({"upsample", "crop", "slice", "avgpool", "pad"})  # what most often has a size from elsewhere


@dataclass(frozen=True, slots=True)
class Seen:
    """A tensor's shapes in both captures."""

    first: Sizes
    second: Sizes


def asks_for_sizes(traced: Traced) -> bool:
    """Whether a second capture may say more than the first."""
    shapes = _shapes(traced)
    joined = {name for node in traced.nodes if LAYERS[node.kind].joins for name in node.inputs}
    return any(
        node.name in joined if node.kind == "pad" else _asks(node, shapes[node.inputs[0]])
        for node in traced.nodes
        if node.kind in ASKING
    )


def same_layers(first: Traced, second: Traced) -> bool:
    """Whether the network has the same layers at both sizes."""
    return len(first.nodes) == len(second.nodes) and all(
        (one.name, one.kind, one.inputs) == (other.name, other.kind, other.inputs)
        for one, other in zip(first.nodes, second.nodes, strict=True)
    )


def without_padding_of_nothing(traced: Traced) -> Traced:
    """The network without `pad` layers that add no row."""
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


def freed(first: Traced, second: Traced) -> tuple[TracedNode, ...]:
    """The layers of the first capture, by arguments without a size where they can do without."""
    seen = {name: Seen(shape, _shapes(second)[name]) for name, shape in _shapes(first).items()}
    readers: dict[str, list[TracedNode]] = {}
    for node in first.nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    pairs = zip(first.nodes, second.nodes, strict=True)
    order = list(seen)
    return tuple(_freed(*pair, Around(seen, readers, order[: order.index(pair[0].name)])) for pair in pairs)


class Around(NamedTuple):
    """What stands around a layer: all tensors' shapes, who reads them, and the names of those that come before it."""

    seen: Mapping[str, Seen]
    readers: Mapping[str, Sequence[TracedNode]]
    earlier: Sequence[str]


def _freed(one: TracedNode, other: TracedNode, around: Around) -> TracedNode:
    """A layer without sizes, where both captures agree on what they stand for."""
    if one.kind == "pad":
        return _padded(one, other, around)
    if one.arguments == other.arguments:
        return one
    entering = around.seen[one.inputs[0]]
    mine: Any = one.arguments
    theirs: Any = other.arguments
    if one.kind == "upsample" and "size" in mine:
        like = next(_alike(one, around), None)
        if like is not None:
            return _like(one, "size", like)
    elif one.kind == "reshape":
        differ = [i for i, pair in enumerate(zip(mine["shape"], theirs["shape"], strict=False)) if len(set(pair)) > 1]
        if len(mine["shape"]) == len(theirs["shape"]) and len(differ) == 1:
            shape = [-1 if i in differ else size for i, size in enumerate(mine["shape"])]
            return one._replace(arguments={"shape": shape})
    elif one.kind == "slice":
        return one._replace(arguments=_from_the_end(mine, theirs, entering))
    elif one.kind == "avgpool" and _whole(one, entering.first) and _whole(other, entering.second):
        return one._replace(kind="global_avgpool", arguments={})
    elif "padding" in mine and _is_same(one, entering.first) and _is_same(other, entering.second):
        return one._replace(arguments={**mine, "padding": "same"})
    return one


def _padded(one: TracedNode, other: TracedNode, around: Around) -> TracedNode:
    """Padding up to the size of what it is joined with, half on each side; that holds at every size, as the join does.

    Padding that both captures have alike may still be of a remainder that they share.
    """
    entering, leaving = around.seen[one.inputs[0]], around.seen[one.name]
    halved = _halves(entering.first, leaving.first), _halves(entering.second, leaving.second)
    if (one.arguments["padding"], other.arguments["padding"]) != halved:
        return one
    like = next(_alike(one, around), None)
    joined = any(like in reader.inputs for reader in around.readers.get(one.name, ()) if LAYERS[reader.kind].joins)
    return _like(one, "padding", like) if like is not None and joined else one


def _halves(entering: Sizes, leaving: Sizes) -> list[list[int]]:
    """Rows added on both sides of every axis, one more at the end where they are odd."""
    added = [to - size for size, to in zip(entering[1:], leaving[1:], strict=True)]
    return [[rows // 2, rows - rows // 2] for rows in added]


def _like(node: TracedNode, field: str, like: str) -> TracedNode:
    """The layer with a tensor named in place of a size."""
    arguments = {**{key: value for key, value in node.arguments.items() if key != field}, "like": like}
    return node._replace(arguments=arguments, inputs=(*node.inputs, like))


def _alike(node: TracedNode, around: Around) -> Iterator[str]:
    """The tensors whose spatial size a resized map has: what it is joined with, an input, the latest of the others."""
    seen, readers, earlier = around
    wanted = seen[node.name]
    joined = [name for reader in readers.get(node.name, ()) if LAYERS[reader.kind].joins for name in reader.inputs]
    for name in [*joined, *(name for name in earlier if name not in readers.keys() - earlier), *reversed(earlier)]:
        found = seen[name]
        if name in earlier and (found.first[1:], found.second[1:]) == (wanted.first[1:], wanted.second[1:]):
            yield name


def _from_the_end(mine: Mapping[str, Any], theirs: Mapping[str, Any], entering: Seen) -> Mapping[str, Any]:
    """Indices that lie as far from the end in both."""
    axis = mine["dim"] - 1
    found = dict(mine)
    for name in ("start", "end"):
        if name in mine and name in theirs and mine[name] != theirs[name]:
            behind = mine[name] - entering.first[axis]
            if behind == theirs[name] - entering.second[axis] and behind < 0:
                found[name] = behind
    return found


def _asks(node: TracedNode, entering: Sizes) -> bool:
    arguments: Any = node.arguments
    if node.kind == "upsample":
        return "size" in arguments
    if node.kind == "avgpool":
        return _whole(node, entering)
    return node.kind == "crop" or (node.kind == "slice" and arguments["dim"] > 1)


def _whole(node: TracedNode, entering: Sizes) -> bool:
    """Whether a window is the whole map."""
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
    return {**traced.inputs, **{node.name: node.output for node in traced.nodes}}
