"""Rewrites what a framework writes as several operations and a spec as one layer, on the flat list of layers.

Identities are dropped; zero padding moves into the convolution that alone reads it; consecutive slices of the spatial
axes become a crop; reshape, permute and reshape that interleave channels become `channel_shuffle`; a scale behind a
batch normalization without an affine part becomes that part; `tidy` lists what it does besides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.symbolic import Size

Rewrite: TypeAlias = "Callable[[TracedNode, Above], TracedNode | None]"


@dataclass(frozen=True, slots=True)
class Above:
    """The context of a node: all nodes before it, those with a single reader, and every shape."""

    nodes: dict[str, TracedNode]
    lone: dict[str, TracedNode]
    shapes: dict[str, tuple[Size, ...]]

    def only(self, node: TracedNode, *kinds: str) -> TracedNode | None:
        """The first input of a node, if the node is its only reader and it is of one of these kinds."""
        source = self.lone.get(node.inputs[0]) if node.inputs else None
        return source if source is not None and source.kind in kinds and len(source.inputs) == 1 else None


def simplify(traced: Traced) -> Traced:
    """The same network in fewer layers; shapes, weights and the names of the remaining layers do not change."""
    traced = _without_identities(traced)
    for rewrite in (_pad_into_conv, _crop, _shuffle, _affine):
        traced = _rewrite(traced, rewrite)
    return tidy(traced)


def tidy(traced: Traced) -> Traced:
    """The same network, for importers whose operations are layers already.

    Sums of sums in a module become one, and so do consecutive reshapes; a path that is resized like a tensor of a
    parallel path is resized like the tensor that both begin at.
    """
    for rewrite in (_sum, _reshape, _resized_like):
        traced = _rewrite(traced, rewrite)
    return traced


def _without_identities(traced: Traced) -> Traced:
    """Connect an identity's readers to its input; an identity that passes an input to an output stays."""
    stands_for: dict[str, str] = {}
    kept = []
    for node in traced.nodes:
        inputs = tuple(stands_for.get(name, name) for name in node.inputs)
        bare = _is_identity(node) and inputs[0] not in traced.inputs
        if bare:
            stands_for[node.name] = inputs[0]
        else:
            kept.append(node._replace(inputs=inputs))
    outputs = {name: stands_for.get(tensor, tensor) for name, tensor in traced.outputs.items()}
    return replace(traced, nodes=tuple(kept), outputs=outputs)


def _is_identity(node: TracedNode) -> bool:
    """Whether the output equals the input, as for padding without rows."""
    return (node.kind == "identity" and not node.weights) or (
        node.kind == "pad" and not any(map(any, _pairs(node.arguments.get("padding"), len(node.output) - 1) or [[1]]))
    )


def _rewrite(traced: Traced, rewrite: Rewrite) -> Traced:
    """Apply a rewrite to every node, front to back, and remove the nodes that it absorbs."""
    readers = Counter(name for node in traced.nodes for name in node.inputs)
    readers.update(traced.outputs.values())
    kept: dict[str, TracedNode] = {}
    above = Above(kept, {}, dict(traced.inputs))
    renamed: dict[str, str] = {}
    for before in traced.nodes:
        node = before._replace(inputs=tuple(renamed.get(name, name) for name in before.inputs))
        new = rewrite(node, above)
        if new is not None:
            for gone in list(_absorbed(node, new, above)):
                del kept[gone.name], above.lone[gone.name]
            renamed[node.name] = new.name
            node = new
        kept[node.name] = node
        above.shapes.update(node.tensors)
        if readers[before.name] == 1:
            above.lone[node.name] = node
    outputs = {name: renamed.get(tensor, tensor) for name, tensor in traced.outputs.items()}
    return replace(traced, nodes=tuple(kept.values()), outputs=outputs)


def _absorbed(last: TracedNode, new: TracedNode, above: Above) -> Iterator[TracedNode]:
    """The nodes that the new node replaces."""
    for name in last.inputs:
        if name in above.lone and name not in new.inputs:
            yield above.lone[name]
            yield from _absorbed(above.lone[name], new, above)


def _pad_into_conv(node: TracedNode, above: Above) -> TracedNode | None:
    """A convolution of a zero-padded map: one convolution with both paddings; of a circular one: with its mode."""
    pad = above.only(node, "pad") if node.kind == "conv" else None
    if pad is None or pad.arguments.get("mode", "constant") not in ("constant", "circular"):
        return None
    if pad.arguments.get("value", 0) != 0 or "padding" not in pad.arguments:
        return None
    rank = len(node.output) - 1
    inner, outer = (_pairs(each.arguments.get("padding", 0), rank) for each in (node, pad))
    if inner is None or outer is None or node.arguments.get("padding_mode", "zeros") != "zeros":
        return None
    both = [[low + more[0], high + more[1]] for (low, high), more in zip(inner, outer, strict=True)]
    arguments: dict[str, object] = {**node.arguments, "padding": _shorten(both)}
    if pad.arguments.get("mode") == "circular":
        if any(map(any, inner)):  # zeros around rows that are wrapped
            return None
        arguments["padding_mode"] = "circular"
    return node._replace(arguments=arguments, inputs=pad.inputs)


def _pairs(padding: Any, rank: int) -> list[list[Any]] | None:  # noqa: ANN401
    """[low, high] for each axis; None for a padding given by name."""
    if isinstance(padding, str):
        return None
    entries = padding if isinstance(padding, list | tuple) else [padding] * rank
    return [list(each) if isinstance(each, list | tuple) else [each, each] for each in entries]


def _shorten(pairs: list[list[Any]]) -> object:
    """Padding as a spec writes it: one number, one per axis, or [low, high] per axis."""
    if any(low != high for low, high in pairs):
        return pairs
    lows = [low for low, _ in pairs]
    return lows[0] if all(low == lows[0] for low in lows) else lows


def _crop(node: TracedNode, above: Above) -> TracedNode | None:
    """Consecutive slices of different spatial axes, each of which only removes rows at the ends."""
    margins: dict[int, list[Any]] = {}
    at: TracedNode | None = node if node.kind == "slice" else None
    inputs = node.inputs
    while at is not None:
        axis = at.arguments.get("dim", 1)
        margin = _margin(at, above.shapes[at.inputs[0]])
        if not isinstance(axis, int) or axis < 2 or axis in margins or margin is None:
            break
        margins[axis], inputs = margin, at.inputs
        at = above.only(at, "slice")
    if len(margins) < 2:
        return None
    written = _shorten([margins.get(axis, [0, 0]) for axis in range(2, len(node.output) + 1)])
    return node._replace(kind="crop", arguments={"margin": written}, inputs=inputs)


def _margin(node: TracedNode, shape: tuple[Size, ...]) -> list[Any] | None:
    """The rows that a slice removes in front and behind; None where it does something else, or that is not known."""
    start, end = node.arguments.get("start", 0), node.arguments.get("end")
    if node.arguments.get("step", 1) != 1 or not isinstance(start, int) or start < 0:
        return None
    if end is None:
        return [start, 0]
    if isinstance(end, int) and end < 0:
        return [start, -end]
    before = shape[int(str(node.arguments.get("dim", 1))) - 1]
    return [start, before - end] if isinstance(end, int) and isinstance(before, int) and end <= before else None


def _shuffle(node: TracedNode, above: Above) -> TracedNode | None:
    """[g·c, …] → [g, c, …] → [c, g, …] → [c·g, …]."""
    permute = above.only(node, "permute") if node.kind in ("reshape", "flatten") else None
    split = above.only(permute, "reshape") if permute is not None else None
    if permute is None or split is None or len(split.output) != len(node.output) + 1:
        return None
    groups, each, *rest = split.output
    order = list(permute.arguments.get("dims", ()))  # type: ignore[call-overload] # a list, as a spec gives it
    if order != [2, 1, *range(3, len(order) + 1)] or tuple(node.output) != (groups * each, *rest):
        return None
    return node._replace(kind="channel_shuffle", arguments={"groups": groups}, inputs=split.inputs)


def _affine(node: TracedNode, above: Above) -> TracedNode | None:
    """A normalization without an affine part and the scale behind it, as Caffe stores them."""
    arguments = node.arguments
    factors = node.kind == "scale" and arguments.get("bias") is True and not {"factor", "shared"} & arguments.keys()
    norm = above.only(node, "batchnorm", "groupnorm") if factors else None
    if norm is None or norm.arguments.get("affine", True) is not False:
        return None
    arguments = {name: value for name, value in norm.arguments.items() if name != "affine"}
    return norm._replace(
        arguments=arguments, inputs=norm.inputs, output=node.output, weights=node.weights, frozen=node.frozen
    )


def _sum(node: TracedNode, above: Above) -> TracedNode | None:
    """a + b + c: consecutive additions in a module."""
    if node.kind != "add":
        return None
    for name in node.inputs:
        inner = above.lone.get(name)
        if inner is None or inner.kind != "add" or inner.output != node.output or _scope(inner) != _scope(node):
            continue
        if inner.written != node.written:
            continue
        terms = [term for each in node.inputs for term in (inner.inputs if each == name else (each,))]
        others = [each for each in node.inputs if each != name]
        if len(set(terms)) == len(terms) and not _is_residual(inner, others, above):
            return node._replace(inputs=tuple(terms))
    return None


def _is_residual(inner: TracedNode, others: Sequence[str], above: Above) -> bool:
    """Whether a sum is itself a residual, and the other terms come from elsewhere: a longer skip, say."""
    for base in inner.inputs:
        around = any(base in _series(term, above) for term in inner.inputs if term != base)
        if around and not all(base in _series(term, above) for term in others):
            return True
    return False


def _scope(node: TracedNode) -> str:
    return node.name.rpartition(".")[0]


def _reshape(node: TracedNode, above: Above) -> TracedNode | None:
    """A reshape of a reshape: only the last shape matters."""
    before = above.only(node, "reshape", "flatten") if node.kind == "reshape" else None
    return None if before is None else node._replace(inputs=before.inputs)


def _resized_like(node: TracedNode, above: Above) -> TracedNode | None:
    """A map resized like a tensor of a parallel path, if that has the size of the tensor that both begin at."""
    if node.kind != "upsample" or "like" not in node.arguments or node.inputs[1] in above.lone:
        return None
    entering, like = node.inputs
    own = set(_series(entering, above))
    size = above.shapes[like][1:]
    for name in _series(like, above):
        if above.shapes[name][1:] != size:
            break
        if name in own:
            return node._replace(arguments={**node.arguments, "like": name}, inputs=(entering, name))
    return None


def _series(tensor: str, above: Above) -> Iterator[str]:
    """A tensor and its predecessors, as long as each has a single input."""
    yield tensor
    while tensor in above.nodes and len(above.nodes[tensor].inputs) == 1:
        (tensor,) = above.nodes[tensor].inputs
        yield tensor
