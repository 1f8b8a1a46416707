"""Recipes of normalizations, scale, and layers that act only in training."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.linear import over_axis
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, channels, dims_of, expression, fields, function, rank
from cnncalc.pytorch.recipes.terms import Arg, Method, Text, X, call, positional


def _norm(module: str, **defaults: Any) -> Writer:  # noqa: ANN401
    """Return a writer for a module with a variant per rank, whose first argument is the channels."""

    def write(node: Node) -> Recipe:
        name = module.format(max(1, rank(node)))
        return Recipe(call(name, positional(channels(node), "num_features"), *fields(node, **defaults)), role="wraps")

    return write


def _groupnorm(node: Node) -> Recipe:
    layer: Any = node.layer
    sizes = positional(layer.num_groups, "num_groups"), positional(channels(node), "num_channels")
    return Recipe(call("nn.GroupNorm", *sizes, *fields(node, eps=1e-5, affine=True)), role="wraps")


def _layernorm(node: Node) -> Recipe:
    rest = fields(node, eps=1e-5, elementwise_affine=True, bias=True)
    return over_axis(node, "nn.LayerNorm", "normalized_shape", *rest, role="wraps")


def _rmsnorm(node: Node) -> Recipe:
    return over_axis(
        node, "nn.RMSNorm", "normalized_shape", *fields(node, eps=None, elementwise_affine=True), role="wraps"
    )


def _grn(node: Node) -> Recipe:
    return Recipe(call("Grn", positional(channels(node), "channels"), *fields(node, eps=1e-6)))


def _lrn(node: Node) -> Recipe:
    """Make a volume contiguous first: PyTorch views it, which fails for a permuted one."""
    layer: Any = node.layer
    arguments = positional(layer.size, "size"), *fields(node, alpha=1e-4, beta=0.75, k=1)
    if rank(node) == 3:
        return expression(call("F.local_response_norm", Method(X, "contiguous", ()), *arguments))
    return function("F.local_response_norm", "nn.LocalResponseNorm", *arguments)


def _l2norm(node: Node) -> Recipe:
    return expression(call("F.normalize", X, Arg(Text(dims_of(node)), "dim"), *fields(node, eps=1e-12)))


def _scale(node: Node) -> Recipe:
    layer: Any = node.layer
    size = 1 if layer.shared else channels(node)
    return Recipe(call("Scale", positional(size, "channels"), *fields(node, bias=False, init=1, factor=True)))


def _dropout(node: Node) -> Recipe:
    layer: Any = node.layer
    axes = f"{rank(node)}d" if layer.mode == "channel" else ""
    p, inplace = positional(layer.p, "p"), fields(node, inplace=False)
    training = Arg(Text("self.training"), "training")
    run = call(f"F.dropout{axes}", X, p, training, *inplace)
    return Recipe(call(f"nn.Dropout{axes}", p, *inplace), run, registered=False)


NORMALIZATION: dict[str, Writer] = {
    "batchnorm": _norm("nn.BatchNorm{}d", eps=1e-5, momentum=0.1, affine=True, track_running_stats=True),
    "instancenorm": _norm("nn.InstanceNorm{}d", eps=1e-5, momentum=0.1, affine=False, track_running_stats=False),
    "groupnorm": _groupnorm,
    "layernorm": _layernorm,
    "lrn": _lrn,
    "l2norm": _l2norm,
    "rmsnorm": _rmsnorm,
    "grn": _grn,
    "scale": _scale,
    "dropout": _dropout,
    "drop_path": lambda node: Recipe(call("DropPath", *fields(node, p=0.1))),
    "identity": lambda node: Recipe(call("nn.Identity"), X, registered=False),
}
