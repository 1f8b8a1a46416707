"""Reads layers that PyTorch decomposes into several operations: some of its functions, and our own modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from torch import nn

from cnncalc.importers.pytorch.grouping import Group
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Inexpressible
from cnncalc.pytorch import written_out


class Whole(NamedTuple):
    """A layer in the words of a spec; `stored` names the parameters and buffers of the module that belong to it."""

    kind: str
    arguments: Mapping[str, object]
    stored: tuple[str, ...] = ()
    reads: tuple[int, ...] = ()  # its inputs, numbered in the order in which the module uses them, where that differs
    channels: int = 1  # the dimension that PyTorch sees of our channels; 0: any order, `dim` in PyTorch's numbers


Reading: TypeAlias = "Callable[[Group], Whole]"


def _local_response_norm(group: Group) -> Whole:
    """Squares, padded and averaged over neighbouring channels: x / (k + α·mean)^β."""
    window = group.argument("avg_pool3d", 1) or group.argument("avg_pool2d", 1)
    if not isinstance(window, list | tuple):
        raise Inexpressible
    numbers = {"alpha": _number(group, "mul"), "k": _number(group, "add"), "beta": _number(group, "pow")}
    return Whole("lrn", {"size": window[0], **numbers})


def _lp_pool(group: Group) -> Whole:
    """Powers, averaged and multiplied by the window's size, to the power 1/p."""
    pool = next(op for rank in (1, 2, 3) if group.argument(op := f"avg_pool{rank}d", 1))
    window, steps = group.argument(pool, 1), group.argument(pool, 2) or []
    if not isinstance(window, list | tuple) or not isinstance(steps, list | tuple):
        raise Inexpressible
    arguments = {
        "norm_type": _number(group, "pow"),
        "kernel_size": list(window),
        "stride": list(steps or window),
        "ceil_mode": bool(group.argument(pool, 4)),
    }
    return Whole("lppool", arguments)


def _normalize(group: Group) -> Whole:
    """Division by the Euclidean norm over some dimensions."""
    power, given = group.argument("linalg_vector_norm", 1), group.argument("linalg_vector_norm", 2)
    if power != 2 or not isinstance(given, list | tuple):
        raise Inexpressible
    rank = group.result.meta["val"].dim()
    dims = sorted(dim % rank for dim in given)
    return Whole("l2norm", {"eps": _number(group, "clamp_min"), "dim": dims}, channels=0)


def _grn(group: Group) -> Whole:
    """Lengths of channels over a map, divided by their mean, times the input; channels first or last."""
    module: Any = group.module
    rank = group.result.meta["val"].dim()
    given = group.argument("linalg_vector_norm", 2)
    if group.argument("linalg_vector_norm", 1) not in (2, None) or not isinstance(given, list | tuple):
        raise Inexpressible
    dims = sorted(dim % rank for dim in given)
    places = {tuple(range(2, rank)): 1, tuple(range(1, rank - 1)): -1}
    if tuple(dims) not in places:
        raise Inexpressible
    return Whole("grn", {"eps": exact(module.eps)}, ("weight", "bias"), channels=places[tuple(dims)])


def _subsample(group: Group) -> Whole:
    module: Any = group.module
    return Whole(
        "subsample", {"kernel_size": list(module.kernel_size), "stride": list(module.stride)}, ("weight", "bias")
    )


def _connected(group: Group) -> Whole:
    module: Any = group.module
    mode = group.argument("pad", 2) or "constant"
    arguments = {
        "out_channels": len(module.connections),
        "kernel_size": list(module.weight.shape[1:]),
        "stride": module.stride,
        "padding": _padding(group),
        "dilation": module.dilation,
        "bias": module.bias is not None,
        "padding_mode": "zeros" if mode == "constant" else mode,
        "connections": module.connections,
    }
    return Whole("conv", arguments, ("weight", "bias") if module.bias is not None else ("weight",))


def _locally_connected(group: Group) -> Whole:
    module: Any = group.module
    arguments = {
        "out_channels": module.weight.shape[0],
        "kernel_size": list(module.kernel_size),
        "stride": list(module.stride),
        "padding": _padding(group),
        "dilation": list(module.dilation),
        "bias": module.bias is not None,
    }
    return Whole("locally_connected", arguments, ("weight", "bias") if module.bias is not None else ("weight",))


def _rbf(group: Group) -> Whole:
    module: Any = group.module
    return Whole("rbf", {"classes": module.codes.shape[0]}, ("codes",))


def _capsule(group: Group) -> Whole:
    module: Any = group.module
    capsules, _, dim, _ = module.weight.shape
    return Whole("capsule", {"capsules": capsules, "dim": dim, "routings": module.routings}, ("weight",))


def _scale(group: Group) -> Whole:
    module: Any = group.module
    return Whole("scale", {"bias": module.bias is not None}, ("weight", "bias")[: 1 + (module.bias is not None)])


def _deform_conv(group: Group) -> Whole:
    module: Any = group.module
    padding: Any = _padding(group)
    arguments = {
        "out_channels": module.weight.shape[0],
        "kernel_size": list(module.kernel_size),
        "stride": list(module.stride),
        "padding": padding if isinstance(padding, list) else list(module.padding),
        "dilation": list(module.dilation),
        "groups": module.groups,
        "offset_groups": module.offset_groups,
        "bias": module.bias is not None,
    }
    stored = ("weight", "bias")[: 1 + (module.bias is not None)]
    return Whole("deform_conv", arguments, stored)


def _roi_align(group: Group) -> Whole:
    module: Any = group.module
    arguments = {
        "output_size": list(module.output_size),
        "spatial_scale": exact(module.spatial_scale),
        "sampling_ratio": module.sampling_ratio,
        "aligned": module.aligned,
    }
    return Whole("roi_align", arguments, reads=(1, 0))


def _blurpool(group: Group) -> Whole:
    module: Any = group.module
    arguments = {
        "kernel_size": list(module.kernel_size),
        "stride": module.stride,
        "padding": _padding(group),
        "padding_mode": "zeros" if module.padding_mode == "constant" else module.padding_mode,
    }
    return Whole("blurpool", arguments, ("filt",))


def _attention(group: Group) -> Whole:
    """All fields of our module; q, k, v and mask are read in their order."""
    module: Any = group.module
    heads, grouped = module.heads
    fields = {"num_kv_heads": grouped if grouped != heads else None, "key_dim": module.key_dim}
    fields |= {name: getattr(module, name) for name in ("window", "shift", "grid", "dilation")}
    words = ("packing", "relative_bias", "qk_norm", "rotary", "prefix_tokens", "is_causal")
    fields |= {name: getattr(module, name) for name in words}
    fields |= {"scale": "learnt" if module.learnt else "fixed", "dropout": exact(module.dropout)}
    fields |= {"attn_mask": "mask" if module.masked else None}
    stored = tuple(name for name, _ in (*module.named_parameters(), *module.named_buffers()))
    given = {name: value for name, value in fields.items() if value not in (None, False, 0, "none", "parts", "fixed")}
    return Whole("attention", {"num_heads": heads, **given}, stored)


def _padding(group: Group) -> object:
    """The padding of a module that pads before its window slides, as a spec writes it: first axis first."""
    flat = group.argument("pad", 1)
    return [[flat[i], flat[i + 1]] for i in range(len(flat) - 2, -1, -2)] if isinstance(flat, list | tuple) else 0


def _number(group: Group, op: str) -> object:
    value = group.number(op)
    if value is None:
        raise Inexpressible
    return exact(value)


MODULES: dict[type[nn.Module] | str, Reading] = {
    written_out.Subsample: _subsample,
    written_out.ConnectedConv: _connected,
    written_out.LocallyConnected: _locally_connected,
    written_out.Rbf: _rbf,
    written_out.Capsule: _capsule,
    written_out.Scale: _scale,
    written_out.Attention: _attention,
    written_out.BlurPool: _blurpool,
    written_out.Grn: _grn,
    "GlobalResponseNorm": _grn,  # as timm calls it
    written_out.DeformConv: _deform_conv,
    written_out.RoiAlign: _roi_align,
}
FUNCTIONS: dict[str, Reading] = {
    "local_response_norm": _local_response_norm,
    "lp_pool1d": _lp_pool,
    "lp_pool2d": _lp_pool,
    "lp_pool3d": _lp_pool,
    "normalize": _normalize,
}
