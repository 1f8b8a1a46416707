"""Rules for padding and interpolation."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call, Rule
from cnncalc.importers.pytorch.emission import Padded
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Inexpressible, Tensor


def _pad(call: Call) -> Tensor:
    """Padding; of no rows too, as it may add some at another size: `remove_sizes` decides, and removes it."""
    entering = call.tensor("self")
    mode = call.arguments.get("mode", "constant")
    value = float(call.arguments.get("value") or 0)
    sides = list(call["pad"])
    amounts = [(sides[i], sides[i + 1]) for i in range(0, len(sides), 2)][::-1]
    amounts = [(0, 0)] * (len(entering.order) - len(amounts)) + amounts
    if any(any(pair) and abs(axis) == 1 for axis, pair in zip(entering.order, amounts, strict=True)):
        entering = call.arranged(entering, None)
    by_axis = dict(zip(map(abs, entering.order), amounts, strict=True))
    if any(by_axis.get(0, ())) or any(by_axis[1]):
        raise Inexpressible
    spatial = tuple(by_axis[axis] for axis in range(2, len(entering.shape) + 1))
    if any(side < 0 for pair in spatial for side in pair):
        margin = tuple((max(-low, 0), max(-high, 0)) for low, high in spatial)
        entering = _crop(call, entering, margin)
        spatial = tuple((max(low, 0), max(high, 0)) for low, high in spatial)
        if not any(side for pair in spatial for side in pair):
            return entering
    shape = (
        entering.shape[0],
        *(low + size + high for size, (low, high) in zip(entering.shape[1:], spatial, strict=True)),
    )
    padded = Padded(entering.name, spatial, mode, value, call.path)
    if value == float("-inf"):
        name = call.emission.unknown("pad", [entering.name], shape, call.path, ())
    else:
        arguments = {
            "padding": [list(pair) for pair in spatial],
            "mode": mode,
            "value": exact(value),
        }
        name = call.emit("pad", arguments, [entering], shape).name
    call.emission.pads[name] = padded
    return Tensor(name, shape, entering.order)


def _crop(call: Call, entering: Tensor, margin: tuple[tuple[int, int], ...]) -> Tensor:
    """Negative padding, as a crop."""
    pairs = zip(entering.shape[1:], margin, strict=True)
    shape = (entering.shape[0], *(size - low - high for size, (low, high) in pairs))
    return call.emit("crop", {"margin": [list(pair) for pair in margin]}, [entering], shape, entering.order)


def _interpolate(mode: str, antialias: bool = False) -> Rule:
    def rule(call: Call) -> Tensor:
        entering = call.plain("input")
        if entering.order[0] != 0:
            raise Inexpressible
        arguments: dict[str, object] = {"mode": mode}
        if call["scale_factors"] is not None:
            arguments["scale_factor"] = [exact(factor) for factor in call["scale_factors"]]
        else:
            arguments["size"] = list(call["output_size"])
        if call.arguments.get("align_corners"):
            arguments["align_corners"] = True
        if antialias:
            arguments["antialias"] = True
        return call.emit("upsample", arguments, [entering], call.seen[1:])

    return rule


def _shuffle(kind: str, factor: str) -> Rule:
    def rule(call: Call) -> Tensor:
        return call.emit(kind, {factor: call[factor]}, [call.plain("self")], call.seen[1:])

    return rule


RESIZING: dict[str, Rule] = {
    "pad": _pad,
    "constant_pad_nd": _pad,
    **{f"upsample_nearest{rank}d": _interpolate("nearest") for rank in (1, 2, 3)},
    **{f"_upsample_nearest_exact{rank}d": _interpolate("nearest-exact") for rank in (1, 2, 3)},
    "upsample_linear1d": _interpolate("linear"),
    "upsample_bilinear2d": _interpolate("bilinear"),
    "upsample_trilinear3d": _interpolate("trilinear"),
    "upsample_bicubic2d": _interpolate("bicubic"),
    "_upsample_bilinear2d_aa": _interpolate("bilinear", antialias=True),
    "_upsample_bicubic2d_aa": _interpolate("bicubic", antialias=True),
    "pixel_shuffle": _shuffle("pixel_shuffle", "upscale_factor"),
    "pixel_unshuffle": _shuffle("pixel_unshuffle", "downscale_factor"),
    "channel_shuffle": _shuffle("channel_shuffle", "groups"),
}
