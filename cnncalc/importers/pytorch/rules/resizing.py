"""Maps made larger or smaller without a window: padding and interpolation."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call, Rule
from cnncalc.importers.pytorch.emission import Padded
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Inexpressible, Tensor, plain


def _pad(call: Call) -> Tensor:
    """Padding; of nothing too, since at another size it may be of something: `freed` tells, and takes it off."""
    entering = call.plain("self")
    mode = call.arguments.get("mode", "constant")
    value = float(call.arguments.get("value") or 0)
    sides = list(call["pad"])
    amounts = [(sides[i], sides[i + 1]) for i in range(0, len(sides), 2)][::-1]
    amounts = [(0, 0)] * (len(entering.order) - len(amounts)) + amounts
    if any(any(pair) for pair in amounts[:2]) or entering.order[:2] != (0, 1):
        raise Inexpressible
    spatial = tuple(amounts[2:])
    if any(side < 0 for pair in spatial for side in pair):
        margin = tuple((max(-low, 0), max(-high, 0)) for low, high in spatial)
        entering = _cropped(call, entering, margin)
        spatial = tuple((max(low, 0), max(high, 0)) for low, high in spatial)
        if not any(side for pair in spatial for side in pair):
            return entering
    padded = Padded(entering.name, spatial, mode, value, call.path)
    if value == float("-inf"):
        name = call.emission.unknown("pad", [entering.name], call.seen[1:], call.path, ())
    else:
        arguments = {
            "padding": [list(pair) for pair in spatial],
            "mode": mode,
            "value": exact(value),
        }
        name = call.emit("pad", arguments, [entering], call.seen[1:]).name
    call.emission.pads[name] = padded
    return plain(name, call.seen[1:])


def _cropped(call: Call, entering: Tensor, margin: tuple[tuple[int, int], ...]) -> Tensor:
    """Negative padding."""
    pairs = zip(entering.shape[1:], margin, strict=True)
    shape = (entering.shape[0], *(size - low - high for size, (low, high) in pairs))
    return call.emit("crop", {"margin": [list(pair) for pair in margin]}, [entering], shape)


def _interpolated(mode: str) -> Rule:
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
        return call.emit("upsample", arguments, [entering], call.seen[1:])

    return rule


def _shuffled(kind: str, factor: str) -> Rule:
    def rule(call: Call) -> Tensor:
        return call.emit(kind, {factor: call[factor]}, [call.plain("self")], call.seen[1:])

    return rule


RESIZING: dict[str, Rule] = {
    "pad": _pad,
    "constant_pad_nd": _pad,
    **{f"upsample_nearest{rank}d": _interpolated("nearest") for rank in (1, 2, 3)},
    **{f"_upsample_nearest_exact{rank}d": _interpolated("nearest-exact") for rank in (1, 2, 3)},
    "upsample_linear1d": _interpolated("linear"),
    "upsample_bilinear2d": _interpolated("bilinear"),
    "upsample_trilinear3d": _interpolated("trilinear"),
    "upsample_bicubic2d": _interpolated("bicubic"),
    "pixel_shuffle": _shuffled("pixel_shuffle", "upscale_factor"),
    "pixel_unshuffle": _shuffled("pixel_unshuffle", "downscale_factor"),
    "channel_shuffle": _shuffled("channel_shuffle", "groups"),
}
