"""Depths and widths: parameters for every number that they scale, and a variant for every scale of the file.

`c64` is ⌈min(64, max_channels)·width/8⌉·8, `n3` is max(round(3·depth), 1). The package computes with floating point:
where that rounds otherwise than exact numbers do, a scale states the number.
"""

from __future__ import annotations

import math
from fractions import Fraction

from cnncalc.errors import Fault, Span, SpecError
from cnncalc.importers.ultralytics.model import Model, Scale, factor_of
from cnncalc.importers.ultralytics.nodes import Built
from cnncalc.source.nodes import Node

MULTIPLE = 8  # channels are rounded up to a multiple of this
LARGE = {"large": "mlx", "largest": "lx"}  # parameters that are true at these scales
MOST = 1_000_000


class Scaling:
    """What a model's factors make of its numbers; `params` are those that the rows have asked for."""

    def __init__(self, model: Model, letter: str | None) -> None:
        self.scales = dict(model.scales)
        self.letter = _chosen(model, letter)
        own = self.scales.get(self.letter) if self.letter else _of_keys(model)
        self.own = own
        self.params: dict[str, Built] = {}
        self._channels: dict[int, None] = {}
        self._repeats: dict[int, None] = {}
        self._words: dict[str, None] = {}

    def channels(self, number: int | Fraction, span: Span) -> Built:
        """The scaled number of channels."""
        if not 0 < number <= MOST:
            raise SpecError([Fault(f"expected a number of channels from 1 to {MOST:,}", span)])
        if self.own is None:
            return math.ceil(number / MULTIPLE) * MULTIPLE
        if not isinstance(number, int):
            raise SpecError([Fault("expected a whole number of channels", span)])
        self._channels[number] = None
        return f"c{number}"

    def repeats(self, number: int) -> Built:
        """The scaled number of repeats."""
        if number == 1 or self.own is None:
            return number
        self._repeats[number] = None
        return f"n{number}"

    def flag(self, word: str) -> Built:
        """Whether the scale is one of those at which modules change: `large`, `largest`."""
        if not self.scales:
            return False
        self._words[word] = None
        return word

    def parameters(self) -> dict[str, Built]:
        """The parameters of the spec, in their order."""
        if self.own is None:
            return {}
        params: dict[str, Built] = dict(self._settings(self.own, self.letter or ""))
        limit = ", max_channels)" if "max_channels" in params else ""
        for number in sorted(self._channels):
            least = f"min({number}{limit}" if limit else str(number)
            params[f"c{number}"] = f"{MULTIPLE} * ceil({least} * width / {MULTIPLE})"
        for number in sorted(self._repeats):
            params[f"n{number}"] = f"max(round({number} * depth), 1)"
        return params | self._differing(self.own)

    def variants(self) -> dict[str, dict[str, Built]]:
        """The parameters of every scale."""
        return {
            letter: dict(self._settings(scale, letter)) | self._differing(scale)
            for letter, scale in self.scales.items()
        }

    def _settings(self, scale: Scale, letter: str) -> dict[str, Built]:
        settings: dict[str, Built] = {"depth": scale.depth, "width": scale.width}
        if any(each.most is not None for each in (*self.scales.values(), *([self.own] if self.own else []))):
            settings["max_channels"] = MOST if scale.most is None else scale.most
        return settings | {word: letter in LARGE[word] for word in self._words}

    def _differing(self, scale: Scale) -> dict[str, Built]:
        """The numbers that floating point rounds otherwise."""
        width, depth = scale.width, scale.depth
        differing: dict[str, Built] = {}
        for number in self._channels:
            least = number if scale.most is None else min(number, scale.most)
            counted = math.ceil(least * float(width) / MULTIPLE) * MULTIPLE
            if counted != math.ceil(least * width / MULTIPLE) * MULTIPLE:
                differing[f"c{number}"] = counted
        for number in self._repeats:
            counted = max(round(number * float(depth)), 1)
            if counted != max(round(number * depth), 1):
                differing[f"n{number}"] = counted
        return differing


def _chosen(model: Model, letter: str | None) -> str | None:
    """The scale: of the file's name, or of its key `scale`, or its first."""
    if not model.scales:
        return None
    if letter in model.scales:
        return letter
    node = model.keys["scale"][1] if "scale" in model.keys else None
    text = getattr(node, "text", "")
    return text if text in model.scales else next(iter(model.scales))


def _of_keys(model: Model) -> Scale | None:
    """The factors of `depth_multiple` and `width_multiple`; None if there are none."""
    names = ("depth_multiple", "width_multiple", "max_channels")
    nodes = {key: model.keys[key][1] for key in names if key in model.keys}
    if not nodes:
        return None
    factors = {key: _factor(key, node) for key, node in nodes.items()}
    depth, width, most = (factors.get(key) for key in names)
    return Scale(depth or 1, width or 1, None if most is None else int(most), model.start)


def _factor(key: str, node: Node) -> Fraction | int:
    factor = factor_of(node)
    if factor is None:
        raise SpecError([Fault(f"{key}: expected a number above 0", node.span, f"for example {key}: 0.5")])
    return factor
