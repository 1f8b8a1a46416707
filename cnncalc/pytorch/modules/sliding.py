"""Builders of the layers that slide, and of pooling to a size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from cnncalc.pytorch.modules.place import Builder, Place
from cnncalc.pytorch.modules.resizing import Pairs, flat
from cnncalc.pytorch.modules.unshared import ConnectedConv, LocallyConnected, Subsample
from cnncalc.pytorch.modules.windows import (
    CROPPED_CONVS,
    PADDED_AVG_POOLS,
    PADDED_CONVS,
    PADDED_MAX_POOLS,
    after,
    before,
)

Modules = tuple[Callable[..., nn.Module], ...]  # for one, two and three spatial axes

CONVS: Modules = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED_CONVS: Modules = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
MAX_POOLS: Modules = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
AVG_POOLS: Modules = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
LP_POOLS: Modules = (nn.LPPool1d, nn.LPPool2d, nn.LPPool3d)
ADAPTIVE_AVG_POOLS: Modules = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)
ADAPTIVE_MAX_POOLS: Modules = (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d)


def padding(place: Place) -> Pairs:
    """Low and high padding of every axis; `same` by TensorFlow's rule: ⌈N/S⌉ windows, the odd row on the high side."""
    given = place.layer.padding
    if given != "same":
        pairs: Pairs = given
        return pairs
    fields = place.fields()
    kernel = fields["kernel_size"]
    stride, dilation = fields.get("stride", kernel), fields.get("dilation", (1,) * place.rank)
    totals = [
        max(0, (-(-n // s) - 1) * s + d * (f - 1) + 1 - n)
        for n, f, s, d in zip(place.shape[1:], kernel, stride, dilation, strict=True)
    ]
    return tuple((total // 2, total - total // 2) for total in totals)


def own(pads: Pairs) -> tuple[int, ...] | None:
    """The padding as PyTorch's modules take it; None where the sides differ."""
    return tuple(low for low, _ in pads) if all(low == high for low, high in pads) else None


def _conv(place: Place) -> nn.Module:
    if place.layer.connections is not None:
        return _connected(place)
    pads = padding(place)
    fields = place.fields("padding", "connections")
    equal = own(pads)
    if equal is not None:
        return CONVS[place.rank - 1](place.channels, padding=equal, **fields, **place.factory)
    mode = _mode(fields.pop("padding_mode"))
    return before(PADDED_CONVS[place.rank - 1](place.channels, **fields, **place.factory), pads, mode)


def _connected(place: Place) -> nn.Module:
    fields = place.fields("padding", "padding_mode", "groups", "out_channels")
    mode = _mode(place.layer.padding_mode)
    return ConnectedConv(**fields, before=flat(padding(place)), mode=mode, **place.factory)


def _mode(padding_mode: str) -> str:
    """The mode of `F.pad`."""
    return "constant" if padding_mode == "zeros" else padding_mode


def _conv_transpose(place: Place) -> nn.Module:
    pads = padding(place)
    fields = place.fields("padding")
    equal = own(pads)
    if equal is not None:
        return TRANSPOSED_CONVS[place.rank - 1](place.channels, padding=equal, **fields, **place.factory)
    return after(CROPPED_CONVS[place.rank - 1](place.channels, **fields, **place.factory), pads)


def _locally_connected(place: Place) -> nn.Module:
    fields = place.fields("padding", "out_channels")
    return LocallyConnected(place.channels, place.output, before=flat(padding(place)), **fields, **place.factory)


def _maxpool(place: Place) -> nn.Module:
    pads = padding(place)
    fields = _with_stride(place.fields("padding"))
    equal = own(pads)
    if equal is not None and _short(equal, place):
        return MAX_POOLS[place.rank - 1](padding=equal, **fields)
    return before(PADDED_MAX_POOLS[place.rank - 1](**fields), pads, value=float("-inf"))


def _avgpool(place: Place) -> nn.Module:
    pads = padding(place)
    fields = _with_stride(place.fields("padding"))
    equal = own(pads)
    if equal is not None and _short(equal, place) and not _larger_than_volume(place):
        return AVG_POOLS[place.rank - 1](padding=equal, **fields)
    real_only = not fields.pop("count_include_pad") and "divisor_override" not in fields
    module = PADDED_AVG_POOLS[place.rank - 1](**fields)
    module.real_only = real_only
    return before(module, pads)


def _with_stride(fields: dict[str, Any]) -> dict[str, Any]:
    return {"stride": fields["kernel_size"], **fields}


def _short(pads: tuple[int, ...], place: Place) -> bool:
    """Whether PyTorch's pooling takes this padding: at most half of the kernel, in which dilation does not count."""
    return all(pad <= f // 2 for pad, f in zip(pads, place.layer.kernel_size, strict=True))


def _larger_than_volume(place: Place) -> bool:
    """Whether PyTorch's mean over three axes would refuse the kernel, for it does not count its own padding."""
    return place.rank == 3 and any(f > n for n, f in zip(place.shape[1:], place.layer.kernel_size, strict=True))


def _lppool(place: Place) -> nn.Module:
    fields = place.fields()
    if place.rank == 1:  # LPPool1d takes no list
        fields = {name: value[0] if isinstance(value, tuple) else value for name, value in fields.items()}
    return LP_POOLS[place.rank - 1](**fields)


def _adaptive(modules: Modules) -> Builder:
    return lambda place: modules[place.rank - 1](place.fields().get("output_size", 1))


SLIDING: dict[str, Builder] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "locally_connected": _locally_connected,
    "maxpool": _maxpool,
    "avgpool": _avgpool,
    "lppool": _lppool,
    "subsample": lambda place: Subsample(place.channels, **place.fields(), **place.factory),
    "adaptive_avgpool": _adaptive(ADAPTIVE_AVG_POOLS),
    "adaptive_maxpool": _adaptive(ADAPTIVE_MAX_POOLS),
    "global_avgpool": _adaptive(ADAPTIVE_AVG_POOLS),
    "global_maxpool": _adaptive(ADAPTIVE_MAX_POOLS),
}
