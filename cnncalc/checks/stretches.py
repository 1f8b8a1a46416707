"""Computes which rows a position sees of the map where its stretch of stride 1 began, to detect holes from dilation."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.checks.axes import as_int
from cnncalc.checks.wiring import Wiring
from cnncalc.graph import Node
from cnncalc.layers.layer import Shape
from cnncalc.layers.window import Window
from cnncalc.records import NamedTuple

LONGEST = 1 << 16  # rows that a mask may span


class Seen(NamedTuple):
    """The rows that a position sees along one axis of the map where its stretch began.

    Bit k of `mask` is set where position i reads row i + k − `before`.
    """

    mask: int
    before: int

    @property
    def holes(self) -> int:
        """The number of rows between the first and the last that are not read."""
        mask = self.mask >> ((self.mask & -self.mask).bit_length() - 1)
        return mask.bit_length() - mask.bit_count()

    @property
    def rows(self) -> int:
        """The number of rows that are read."""
        return self.mask.bit_count()


ITSELF = Seen(1, 0)


class Stretches:
    """The stretches of a network: the rows each layer sees, the map where its stretch began, the last dilated layer.

    A stretch begins at an input or where the map is resampled. If layers of several stretches meet, or positions are
    lost otherwise, the new stretch has no start, and is not reported.
    """

    def __init__(self, wiring: Wiring, sliding: dict[str, tuple[Node, tuple[Window, ...]]]) -> None:
        self.wiring = wiring
        self._sliding = sliding
        self.seen: dict[str, tuple[Seen, ...]] = {}
        self.start: dict[str, str | None] = {}
        self.last_dilated: dict[str, str | None] = {}
        self.depth: dict[str, int] = {}  # the most consecutive layers, since the start, that read more than one row
        self._leaving: set[str] = set()  # layers that certainly end the stretch of their input
        for name, shape in wiring.graph.inputs.items():
            self._begin_stretch(name, shape, name)
        for node in wiring.graph.nodes:
            self._walk(node)

    def ends(self, node: Node) -> bool:
        """Whether the stretch ends after this layer: it is an output, or all its readers resample or pool it."""
        readers = self.wiring.consumers.get(node.name, [])
        return node.name in self.wiring.outputs or all(reader.name in self._leaving for reader in readers)

    def _begin_stretch(self, name: str, shape: Shape, start: str | None) -> None:
        self.seen[name] = (ITSELF,) * (len(shape) - 1)
        self.start[name] = start
        self.last_dilated[name] = None
        self.depth[name] = 0

    def _walk(self, node: Node) -> None:
        paths = [name for name, shape in zip(node.inputs, node.shapes, strict=True) if not _is_gate(shape, node.output)]
        starts = {self.start[name] for name in paths}
        seen = self._rows_through(node, paths) if len(starts) == 1 else None
        if seen is None or any(each.mask.bit_length() > LONGEST for each in seen):
            resampled = self._resamples(node)
            self._begin_stretch(node.name, node.output, node.name if resampled else None)
            if resampled or node.layer.positions == "gathered":
                self._leaving.add(node.name)
            return
        self.seen[node.name] = seen
        self.start[node.name] = starts.pop()
        before = [last for name in paths if (last := self.last_dilated[name])]
        self.depth[node.name] = max(self.depth[name] for name in paths) + any(
            w.kernel != 1 for w in self._windows(node)
        )
        self.last_dilated[node.name] = node.name if is_dilated(self._windows(node)) else next(iter(before), None)

    def _rows_through(self, node: Node, paths: list[str]) -> tuple[Seen, ...] | None:
        """The rows that a layer sees if it keeps its positions; None if it begins a stretch."""
        seen = [self.seen[name] for name in paths]
        if node.layer.positions == "kept":
            return _merge(list(zip(*seen, strict=True)))
        windows = self._windows(node)
        return tuple(map(_slide, seen[0], windows)) if windows and all(map(_is_steady, windows)) else None

    def _resamples(self, node: Node) -> bool:
        return node.layer.positions == "resampled" or any(window.stride != 1 for window in self._windows(node))

    def _windows(self, node: Node) -> tuple[Window, ...]:
        return self._sliding[node.name][1] if node.name in self._sliding else ()


def is_dilated(windows: Iterable[Window]) -> bool:
    """Whether a layer skips rows between its taps."""
    return any(window.dilation != 1 and window.kernel != 1 for window in windows)


def _is_gate(shape: Shape, output: Shape) -> bool:
    """Whether the input is one pixel that all positions read."""
    return all(size == 1 for size in shape[1:]) and any(size != 1 for size in output[1:])


def _slide(seen: Seen, window: Window) -> Seen:
    """Row i reads i − low + D·u for every tap u."""
    kernel, low, dilation = map(as_int, (window.kernel, window.low, window.dilation))
    mask, taps = seen.mask, 1
    while taps < kernel:  # doubles each time
        more = min(taps, kernel - taps)
        mask |= mask << dilation * more
        taps += more
    return Seen(mask, seen.before + low)


def _merge(axes: list[tuple[Seen, ...]]) -> tuple[Seen, ...] | None:
    """The union of the paths of a merge, per axis; None if padding shifts them by more than a mask can span."""
    apart = [max(path.before for path in paths) - min(path.before for path in paths) for paths in axes]
    return None if max(apart, default=0) > LONGEST else tuple(map(_union, axes))


def _union(paths: tuple[Seen, ...]) -> Seen:
    before = max(path.before for path in paths)
    mask = 0
    for path in paths:
        mask |= path.mask << (before - path.before)
    return Seen(mask, before)


def _is_steady(window: Window) -> bool:
    """Whether the stride is 1, all sizes are known, and a mask can span the window."""
    known = window.stride == 1 and all(isinstance(value, int) for value in window[1:6])
    return known and as_int(window.extent) <= LONGEST
