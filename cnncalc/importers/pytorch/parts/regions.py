"""Layers that were captured with regions in the place of images: the regions of one image become an axis.

A map of every region, [C, h, w], becomes [C, regions, h, w]; a vector [F] becomes [F, regions].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cnncalc.errors import LayerError
from cnncalc.importers.pytorch.values import Sizes
from cnncalc.importers.traced import TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer


class Unfit(Exception):  # noqa: N818 - a result, not a failure
    """A call that has no layers of ours."""


Arguments = dict[str, Any]
OF_WINDOWS = {"kernel_size": 1, "stride": 1, "dilation": 1, "output_padding": 0}
BY_CHANNEL = frozenset({"batchnorm", "dropout", "lrn", "rescale", "scale"})  # the other axes do not matter to them
INTERPOLATION = {"linear": "bilinear", "bilinear": "trilinear"}


def with_regions(
    inputs: Mapping[str, Sizes], nodes: Sequence[TracedNode], regions: int
) -> tuple[dict[str, Sizes], list[TracedNode]]:
    """The layers with an axis of regions.

    Raises:
        Unfit: a layer has no such form.
    """
    before: dict[str, Any] = {**inputs, **{node.name: node.output for node in nodes}}
    entering = {name: add_regions(shape, regions) for name, shape in inputs.items()}
    shapes: dict[str, Any] = dict(entering)
    made: list[TracedNode] = []
    for node in nodes:
        if not node.inputs:
            raise Unfit(node.name)  # a tensor of the network's own has no regions
        source = node.inputs[0]
        if node.kind in ("flatten", "reshape") and len(node.output) == 1:
            made += _flatten(node, before[source], shapes)
            continue
        arguments = _arguments(node, before[source], regions)
        made.append(_checked(node._replace(arguments=arguments), shapes, add_regions(node.output, regions)))
    return entering, made


def add_regions(shape: Sequence[Any], regions: int) -> Sizes:
    """The shape of a tensor of every region."""
    return (shape[0], regions, *shape[1:])


def _arguments(node: TracedNode, shape: Sizes, regions: int) -> Arguments:
    arguments: Arguments = dict(node.arguments)
    rank = len(shape) - 1
    if rank and OF_WINDOWS.keys() & arguments.keys():
        for name, alone in OF_WINDOWS.items():
            if name in arguments:
                arguments[name] = [alone, *_per_axis(arguments[name], rank)]
        if not isinstance(arguments.get("padding", ""), str):
            arguments["padding"] = [0, *_per_axis(arguments["padding"], rank)]
        return arguments
    if node.kind in SPECIAL:
        return SPECIAL[node.kind](arguments, rank, regions)
    layer = LAYERS[node.kind]
    if layer.activation or layer.idle or node.kind in BY_CHANNEL or (layer.broadcasts and not arguments):
        return arguments
    raise Unfit(node.name)


def _per_axis(value: Any, rank: int) -> list[Any]:  # noqa: ANN401
    return list(value) if isinstance(value, list | tuple) else [value] * rank


def _along_channels(arguments: Arguments, rank: int, regions: int) -> Arguments:
    if rank and arguments.get("axis") != "channels":
        raise Unfit
    return {**arguments, "axis": "channels"}


def _upsample(arguments: Arguments, rank: int, regions: int) -> Arguments:
    mode = arguments.get("mode", "nearest")
    if "like" in arguments or mode == "bicubic":
        raise Unfit
    for name, alone in (("size", regions), ("scale_factor", 1)):
        if name in arguments:
            arguments[name] = [alone, *_per_axis(arguments[name], rank)]
    return {**arguments, "mode": INTERPOLATION.get(mode, mode)}


def _along_dimension(arguments: Arguments, rank: int, regions: int) -> Arguments:
    dim = arguments.get("dim", 1) % (rank + 2)
    return {**arguments, "dim": dim if dim == 1 else dim + 1}


SPECIAL: dict[str, Callable[[Arguments, int, int], Arguments]] = {
    "linear": _along_channels,
    "layernorm": _along_channels,
    "softmax": _along_dimension,
    "log_softmax": _along_dimension,
    "upsample": _upsample,
}


def _flatten(node: TracedNode, shape: Sizes, shapes: dict[str, Any]) -> list[TracedNode]:
    """The regions go last, and what is before them becomes one axis."""
    rank = len(shape)
    if rank == 1:  # nothing is merged
        return [_checked(node._replace(kind="flatten", arguments={"start_dim": 1, "end_dim": 1}), shapes, None)]
    moved = f"{node.name}_regions_last"
    dims = [1, *range(3, rank + 2), 2]
    permuted = _checked(node._replace(name=moved, kind="permute", arguments={"dims": dims}), shapes, None)
    flat: Arguments = {"start_dim": 1, "end_dim": rank}
    return [permuted, _checked(node._replace(kind="flatten", arguments=flat, inputs=(moved,)), shapes, None)]


def _checked(node: TracedNode, shapes: dict[str, Any], output: Sizes | None) -> TracedNode:
    """The layer with the shapes that our rules give; raises Unfit if they refuse it, or give another output."""
    entering = [shapes[name] for name in node.inputs]
    try:
        layer = LAYERS[node.kind].make(node.arguments, len(entering[0]) - 1)
        computed: Any = layer.output(entering, _require)
        weights: Any = layer.weights(entering, computed) if _has_weights(layer) else {}
    except LayerError:
        raise Unfit(node.name) from None
    if output is not None and computed != output:
        raise Unfit(node.name)
    shapes[node.name] = computed
    return node._replace(output=computed, weights=weights)


def _has_weights(layer: Layer) -> bool:
    return type(layer).weights is not Layer.weights


def _require(holds: object, why: Callable[[], LayerError]) -> None:
    if holds is not True:
        raise why()
