"""Rules for layers with a sliding window, and for adaptive pooling."""

from __future__ import annotations

from functools import partial
from math import inf, prod
from typing import Any

from cnncalc.importers.pytorch.call import Call, Rule
from cnncalc.importers.pytorch.padded import Before, padding_before
from cnncalc.importers.pytorch.rules.folded import on_each
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Stored, Tensor

GAMMA_DIGITS = 9  # after the point: below lies the rounding of the root
STANDARDIZED = ("StdConv", "StdConv2d", "StdConv2dSame", "ScaledStdConv2d", "ScaledStdConv2dSame")
COMPUTED = "the weights are computed from parameters in every run; this cost is not counted, everything else is exact"


def per_axis(value: int | list[int], rank: int) -> list[int]:
    """One value per axis: PyTorch's lists may hold a single one for all."""
    entries = [value] if isinstance(value, int) else list(value)
    return entries * rank if len(entries) == 1 else entries


def _image(call: Call, name: str, rank: int) -> Tensor:
    """A map with this many spatial axes and the batch in front."""
    tensor = call.plain(name)
    if tensor.order[0] != 0 or len(tensor.shape) != rank + 1:
        raise Inexpressible
    return tensor


def _conv(rank: int) -> Rule:
    def rule(call: Call) -> Tensor:
        weight = call["weight"]
        if not isinstance(weight, Constant):
            raise Inexpressible
        before = _padding(call, "input", list(weight.shape[2:]), 0.0)
        if is_blur(call):
            return _blurpool(call, before)
        arguments = {
            "out_channels": weight.shape[0],
            "kernel_size": list(weight.shape[2:]),
            "stride": per_axis(call["stride"], rank),
            "padding": before.padding,
            "dilation": per_axis(call["dilation"], rank),
            "groups": call["groups"],
            "bias": call["bias"] is not None,
            "padding_mode": before.mode,
        }
        return _weighted(call, "conv", arguments, before.entering)

    return rule


def is_blur(call: Call) -> bool:
    """Whether a fixed filter, one for each channel, stands under the name that blur pooling gives it."""
    weight: Constant = call["weight"]
    if not weight.whole or weight.sources[0].learnt or call["bias"] is not None:
        return False
    depthwise = weight.shape[1] == 1 and weight.shape[0] == call["groups"]
    undilated = set(call["dilation"]) == {1} and not isinstance(call["padding"], str)
    return depthwise and undilated and weight.sources[0].name.rpartition(".")[2] == "filt"


def _blurpool(call: Call, before: Before) -> Tensor:
    weight: Constant = call["weight"]
    arguments = {
        "kernel_size": list(weight.shape[2:]),
        "stride": per_axis(call["stride"], len(weight.shape) - 2),
        "padding": before.padding,
        "padding_mode": before.mode,
    }
    return call.emit("blurpool", arguments, [before.entering], call.seen[1:], None, {"filt": weight.sources[0]})


def _padding(call: Call, name: str, kernel: list[int], value: float) -> Before:
    """The tensor under the window, and its padding. PyTorch's `same` needs a stride of 1, where it equals ours."""
    rank = len(kernel)
    entering = _image(call, name, rank)
    if isinstance(call["padding"], str):
        return Before(entering, call["padding"])
    stride = per_axis(call["stride"] or kernel, rank)
    window = (kernel, stride, per_axis(call["dilation"], rank))
    return padding_before(call, entering, per_axis(call["padding"], rank), value, window)


def _conv_transpose(rank: int) -> Rule:
    def rule(call: Call) -> Tensor:
        weight = call["weight"]
        arguments = {
            "out_channels": weight.shape[1] * call["groups"],
            "kernel_size": list(weight.shape[2:]),
            "stride": per_axis(call["stride"], rank),
            "padding": per_axis(call["padding"], rank),
            "output_padding": per_axis(call["output_padding"], rank),
            "groups": call["groups"],
            "bias": call["bias"] is not None,
            "dilation": per_axis(call["dilation"], rank),
        }
        return _weighted(call, "conv_transpose", arguments, _image(call, "input", rank))

    return rule


def _weighted(call: Call, kind: str, arguments: dict[str, object], entering: Tensor) -> Tensor:
    """A convolution; if its weight is computed from a stored tensor, the convolution with that tensor and a remark."""
    weight: Constant = call["weight"]
    output = call.seen[1:]
    bias = call.weights("bias")
    if weight.whole:
        return call.emit(kind, arguments, [entering], output, None, {"weight": weight.sources[0], **bias})
    base, rest = _base(weight)
    fields = _standardized(call, rest) if kind == "conv" else None
    if fields is not None and arguments["padding_mode"] == "zeros":
        arguments = {name: value for name, value in arguments.items() if name != "padding_mode"} | fields
        stored = {"weight": base, **bias, **({"gain": rest[0]} if rest else {})}
        return call.emit("std_conv", arguments, [entering], output, None, stored)
    # With learnt tensors only, it stays a convolution: an `unknown` beside it would make every total a lower bound.
    note = partial(call.emission.note, COMPUTED)
    gain = [stored for stored in rest if stored.learnt]
    if kind == "conv" and len(gain) == 1 and gain == rest and gain[0].numel == output[0]:
        # A factor per filter on the weight equals a factor per channel on the output, before the bias.
        conv = call.emit(kind, {**arguments, "bias": False}, [entering], output, None, {"weight": base})
        note(conv.name)
        return call.emit("scale", {"bias": bool(bias)}, [conv], output, None, {"weight": gain[0], **bias}, own=False)
    conv = call.emit(kind, arguments, [entering], output, None, {"weight": base, **bias})
    if any(stored.key not in call.emission.owners for stored in rest):
        name = call.emission.unknown("weight transform", [conv.name], output, f"{call.path.rstrip('.')}.", rest)
        return Tensor(name, output, conv.order)
    note(conv.name)
    return conv


def _standardized(call: Call, rest: list[Stored]) -> dict[str, object] | None:
    """The fields of a convolution that standardizes its weights, by the class of its module; None for any other."""
    module: Any = call.module
    if type(module).__name__ not in STANDARDIZED or not isinstance(getattr(module, "eps", None), int | float):
        return None
    fields: dict[str, object] = {"eps": exact(module.eps), "gain": bool(rest)}
    if not rest:
        return fields
    scale = getattr(module, "scale", None)
    if len(rest) > 1 or not isinstance(scale, float) or rest[0].numel != call["weight"].shape[0]:
        return None
    gamma = scale * prod(call["weight"].shape[1:]) ** 0.5
    return fields | {"gamma": exact(round(gamma, GAMMA_DIGITS))}


def _base(weight: Constant) -> tuple[Stored, list[Stored]]:
    """The stored tensor that a computed weight is a transform of, by its numel; and the other tensors in it."""
    numel = prod(weight.shape)
    candidates = [stored for stored in weight.sources if stored.numel == numel and stored.learnt]
    if len(candidates) != 1:
        raise Inexpressible
    return candidates[0], [stored for stored in weight.sources if stored is not candidates[0]]


def _max_pool(rank: int) -> Rule:
    def rule(call: Call) -> Tensor:
        kernel = per_axis(call["kernel_size"], rank)
        before = _padding(call, "self", kernel, -inf)
        arguments = {
            "kernel_size": kernel,
            "stride": per_axis(call["stride"] or kernel, rank),
            "padding": before.padding,
            "dilation": per_axis(call["dilation"], rank),
            "ceil_mode": call["ceil_mode"],
        }
        return call.emit("maxpool", arguments, [before.entering], call.seen[1:])

    return rule


def _avg_pool(rank: int) -> Rule:
    def rule(call: Call) -> Tensor:
        entering = _image(call, "self", rank)
        kernel = per_axis(call["kernel_size"], rank)
        arguments = {
            "kernel_size": kernel,
            "stride": per_axis(call["stride"] or kernel, rank),
            "padding": per_axis(call["padding"], rank),
            "ceil_mode": call["ceil_mode"],
            "count_include_pad": call["count_include_pad"],
        }
        if call.arguments.get("divisor_override"):
            arguments["divisor_override"] = call["divisor_override"]
        return call.emit("avgpool", arguments, [entering], call.seen[1:])

    return rule


def _adaptive(kind: str, rank: int) -> Rule:
    def rule(call: Call) -> Tensor:
        entering = _image(call, "self", rank)
        size = per_axis(call["output_size"], rank)
        if all(each == 1 for each in size):
            return call.emit(f"global_{kind}", {}, [entering], call.seen[1:])
        return call.emit(f"adaptive_{kind}", {"output_size": size}, [entering], call.seen[1:])

    return rule


SLIDING: dict[str, Rule] = {
    **{f"conv{rank}d": on_each(_conv, rank) for rank in (1, 2, 3)},
    **{f"conv_transpose{rank}d": _conv_transpose(rank) for rank in (1, 2, 3)},
    **{f"max_pool{rank}d": on_each(_max_pool, rank) for rank in (1, 2, 3)},
    **{f"avg_pool{rank}d": on_each(_avg_pool, rank) for rank in (1, 2, 3)},
    **{f"max_pool{rank}d_with_indices": _max_pool(rank) for rank in (1, 2, 3)},
    **{f"adaptive_avg_pool{rank}d": _adaptive("avgpool", rank) for rank in (1, 2, 3)},
    **{f"adaptive_max_pool{rank}d": _adaptive("maxpool", rank) for rank in (1, 2, 3)},
}
