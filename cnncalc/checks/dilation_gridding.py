"""Dilated convolutions that together leave holes in what they read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from cnncalc.checks.axes import whole
from cnncalc.checks.finding import Mend
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.graph import Node
from cnncalc.layers.activation import Elementwise
from cnncalc.layers.layer import Shape
from cnncalc.layers.merge import Add, Concat
from cnncalc.layers.window import Window

LONGEST = 1 << 16  # rows that a mask may span


class Seen(NamedTuple):
    """What a position sees along one axis of the map where a stretch of stride 1 begins.

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


class DilationGridding(Rule):
    """The sums of the taps D·t of a stretch of dilated convolutions leave rows out."""

    name: ClassVar[str] = "dilation-gridding"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = (
        "Dilated convolutions in a row read their map in a grid: rows within their field are never read."
    )
    why: ClassVar[str] = (
        "Neighbouring outputs then see disjoint sets of pixels, and what is local falls apart into a grid. Rates of 2,"
        " 2, 2 with a kernel of 3 do so, and rates of 1, 2, 5 do not. The condition of hybrid dilated convolution is "
        "that the distances M_i = max(M_{i+1} − 2r_i, 2r_i − M_{i+1}, r_i), with M_n = r_n, come down to M_2 ≤ K; here"
        " the rows read are counted out one by one, branches and plain convolutions of the same stretch included."
    )
    example: ClassVar[str] = """\
input: 16x64x64
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 2, dilation: 2}
  - relu
  - conv: {out_channels: 16, kernel_size: 3, padding: 2, dilation: 2}
"""
    mended: ClassVar[str] = """\
input: 16x64x64
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - conv: {out_channels: 16, kernel_size: 3, padding: 2, dilation: 2}
"""
    source: ClassVar[str] = (
        "Wang, Chen, Yuan, Liu, Huang, Hou, Cottrell: Understanding Convolution for Semantic Segmentation, WACV 2018, "
        "arXiv:1702.08502, section 3.2."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """The last dilated layer of every stretch that ends with holes."""
        nodes = subject.report.graph.nodes
        if not any(map(_dilated, (windows for _, windows in subject.sliding.values()))):
            return
        told = set()
        stretch = Stretch(subject)
        for node in nodes:
            last = stretch.last_dilated.get(node.name)
            seen = stretch.seen.get(node.name)
            holed = next((each for each in seen if each.holes), None) if seen else None
            if last is None or holed is None or not stretch.ends(node) or last in told:
                continue
            told.add(last)
            rows, start = holed.rows + holed.holes, stretch.start[node.name]
            message = f"of the {rows} rows in its field over {start} {holed.holes} are never read"
            yield Case(subject.wiring.producers[last], message, ("dilation",), lambda: _MEND)


_MEND = Mend("let the dilations begin with 1 and share no factor: 1, 2, 5")


class Stretch:
    """What every position sees of the map on which its stretch of stride 1 began, layer by layer."""

    def __init__(self, subject: Subject) -> None:
        self.wiring = subject.wiring
        self._sliding = subject.sliding
        self.seen: dict[str, tuple[Seen, ...]] = {}
        self.start: dict[str, str] = {}
        self.last_dilated: dict[str, str | None] = {}
        for name, shape in self.wiring.graph.inputs.items():
            self._begin(name, shape)
        for node in self.wiring.graph.nodes:
            self._walk(node)

    def ends(self, node: Node) -> bool:
        """Whether the stretch is left here: by an output, or to a reader that begins another."""
        readers = self.wiring.consumers.get(node.name, [])
        start = self.start[node.name]
        return node.name in self.wiring.outputs or not all(self.start[reader.name] == start for reader in readers)

    def _windows(self, node: Node) -> tuple[Window, ...]:
        return self._sliding[node.name][1] if node.name in self._sliding else ()

    def _begin(self, name: str, shape: Shape) -> None:
        self.seen[name] = (ITSELF,) * (len(shape) - 1)
        self.start[name] = name
        self.last_dilated[name] = None

    def _walk(self, node: Node) -> None:
        starts = {self.start[name] for name in node.inputs}
        found = self._through(node) if len(starts) == 1 else None
        if found is None or any(each.mask.bit_length() > LONGEST for each in found):
            self._begin(node.name, node.output)
            return
        self.seen[node.name] = found
        self.start[node.name] = starts.pop()
        before = [last for name in node.inputs if (last := self.last_dilated[name])]
        self.last_dilated[node.name] = node.name if _dilated(self._windows(node)) else next(iter(before), None)

    def _through(self, node: Node) -> tuple[Seen, ...] | None:
        """What a layer sees, where it keeps its positions; None where it begins a stretch."""
        entering = [self.seen[name] for name in node.inputs]
        if isinstance(node.layer, Elementwise):
            return entering[0]
        if isinstance(node.layer, Add) or (isinstance(node.layer, Concat) and node.layer.dim == 1):
            alike = all(shape[1:] == node.output[1:] for shape in node.shapes)
            return tuple(map(_union, zip(*entering, strict=True))) if alike else None
        windows = self._windows(node)
        if not windows or not all(_whole(window) for window in windows):
            return None
        return tuple(map(_slid, entering[0], windows))


def _slid(seen: Seen, window: Window) -> Seen:
    """Row i reads i − low + D·u for every tap u."""
    kernel, low, dilation = map(whole, (window.kernel, window.low, window.dilation))
    mask = 0
    for tap in range(kernel):
        mask |= seen.mask << dilation * tap
    return Seen(mask, seen.before + low)


def _union(ways: tuple[Seen, ...]) -> Seen:
    before = max(way.before for way in ways)
    mask = 0
    for way in ways:
        mask |= way.mask << (before - way.before)
    return Seen(mask, before)


def _whole(window: Window) -> bool:
    """Whether the window moves by 1 and its numbers are known."""
    return window.stride == 1 and all(isinstance(value, int) for value in window[1:6])


def _dilated(windows: tuple[Window, ...]) -> bool:
    return any(window.dilation != 1 and window.kernel != 1 for window in windows)
