"""What positions see of the map on which their stretch of stride 1 began, row by row: the holes of dilation show."""

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
    """What a position sees along one axis of the map where its stretch began.

    Bit k of `mask` is set where position i reads row i + k − `before`.
    """

    mask: int
    before: int

    @property
    def holes(self) -> int:
        """How many rows between the first and the last are not read."""
        mask = self.mask >> ((self.mask & -self.mask).bit_length() - 1)
        return mask.bit_length() - mask.bit_count()

    @property
    def rows(self) -> int:
        """How many rows are read."""
        return self.mask.bit_count()


ITSELF = Seen(1, 0)


class Stretches:
    """The stretches of a network: what every layer sees, on which map its stretch began, and its last dilated layer.

    A stretch begins at an input or where the map is resampled. Where layers of several stretches meet, or positions are
    lost otherwise, the one that begins has no start: nothing is said of it.
    """

    def __init__(self, wiring: Wiring, sliding: dict[str, tuple[Node, tuple[Window, ...]]]) -> None:
        self.wiring = wiring
        self._sliding = sliding
        self.seen: dict[str, tuple[Seen, ...]] = {}
        self.start: dict[str, str | None] = {}
        self.last_dilated: dict[str, str | None] = {}
        self.depth: dict[str, int] = {}  # the most layers in a row, since its beginning, that read more than one row
        self._leaving: set[str] = set()  # layers that end the stretch which they read, for certain
        for name, shape in wiring.graph.inputs.items():
            self._begin(name, shape, name)
        for node in wiring.graph.nodes:
            self._walk(node)

    def ends(self, node: Node) -> bool:
        """Whether the stretch is over behind this layer: it is an output, or all its readers resample or pool it."""
        readers = self.wiring.consumers.get(node.name, [])
        return node.name in self.wiring.outputs or all(reader.name in self._leaving for reader in readers)

    def _begin(self, name: str, shape: Shape, start: str | None) -> None:
        self.seen[name] = (ITSELF,) * (len(shape) - 1)
        self.start[name] = start
        self.last_dilated[name] = None
        self.depth[name] = 0

    def _walk(self, node: Node) -> None:
        ways = [name for name, shape in zip(node.inputs, node.shapes, strict=True) if not _gate(shape, node.output)]
        starts = {self.start[name] for name in ways}
        found = self._through(node, ways) if len(starts) == 1 else None
        if found is None or any(each.mask.bit_length() > LONGEST for each in found):
            resampled = self._resamples(node)
            self._begin(node.name, node.output, node.name if resampled else None)
            if resampled or node.layer.positions == "gathered":
                self._leaving.add(node.name)
            return
        self.seen[node.name] = found
        self.start[node.name] = starts.pop()
        before = [last for name in ways if (last := self.last_dilated[name])]
        self.depth[node.name] = max(self.depth[name] for name in ways) + any(w.kernel != 1 for w in self._windows(node))
        self.last_dilated[node.name] = node.name if is_dilated(self._windows(node)) else next(iter(before), None)

    def _through(self, node: Node, ways: list[str]) -> tuple[Seen, ...] | None:
        """What a layer sees, where it keeps its positions; None where it begins a stretch."""
        entering = [self.seen[name] for name in ways]
        if node.layer.positions == "kept":
            return _joined(list(zip(*entering, strict=True)))
        windows = self._windows(node)
        return tuple(map(_slid, entering[0], windows)) if windows and all(map(_steady, windows)) else None

    def _resamples(self, node: Node) -> bool:
        return node.layer.positions == "resampled" or any(window.stride != 1 for window in self._windows(node))

    def _windows(self, node: Node) -> tuple[Window, ...]:
        return self._sliding[node.name][1] if node.name in self._sliding else ()


def is_dilated(windows: Iterable[Window]) -> bool:
    """Whether a layer leaves out rows between its taps."""
    return any(window.dilation != 1 and window.kernel != 1 for window in windows)


def _gate(shape: Shape, output: Shape) -> bool:
    """Whether what enters is one pixel that all positions read alike."""
    return all(size == 1 for size in shape[1:]) and any(size != 1 for size in output[1:])


def _slid(seen: Seen, window: Window) -> Seen:
    """Row i reads i − low + D·u for every tap u."""
    kernel, low, dilation = map(as_int, (window.kernel, window.low, window.dilation))
    mask, taps = seen.mask, 1
    while taps < kernel:  # twice as many each time
        more = min(taps, kernel - taps)
        mask |= mask << dilation * more
        taps += more
    return Seen(mask, seen.before + low)


def _joined(axes: list[tuple[Seen, ...]]) -> tuple[Seen, ...] | None:
    """What a merge sees of its ways, axis by axis; None where padding has them further apart than a mask."""
    apart = [max(way.before for way in ways) - min(way.before for way in ways) for ways in axes]
    return None if max(apart, default=0) > LONGEST else tuple(map(_union, axes))


def _union(ways: tuple[Seen, ...]) -> Seen:
    before = max(way.before for way in ways)
    mask = 0
    for way in ways:
        mask |= way.mask << (before - way.before)
    return Seen(mask, before)


def _steady(window: Window) -> bool:
    """Whether the window moves by 1, its numbers are known, and a mask spans it."""
    known = window.stride == 1 and all(isinstance(value, int) for value in window[1:6])
    return known and as_int(window.extent) <= LONGEST
