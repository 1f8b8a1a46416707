"""Folds a network into boxes and edges. A layer that keeps the shape of its only input rides along in the box before
it, since figures in papers write `conv1 · bn · relu` as one step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.quantities.sizes import plural, shape_text
from cnncalc.records import NamedTuple
from cnncalc.render.layer_words import joins, layer_words
from cnncalc.render.tree import Entry, entries
from cnncalc.visible import visible

MOST_BOXES = 24  # of a picture whose depth is not given
LONGEST = 52  # letters of a line


class Box(NamedTuple):
    """A network input, a layer with what rides along, or a folded block."""

    title: str
    words: str  # empty for an input
    kind: str  # input, layer, block or join


class Edge(NamedTuple):
    """A tensor from a box to a later one, and its shape, written where it differs from the one before."""

    source: int
    target: int
    shape: str


class Drawing(NamedTuple):
    """Boxes in execution order, and the edges between them; the outputs by the boxes that compute them."""

    name: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    outputs: tuple[tuple[int, str], ...]


def drawing_of(report: Report, depth: int | None = None) -> Drawing:
    """Fold a network; training heads are left out."""
    layers = [layer for layer in report.layers if not layer.node.training]
    groups = list(_groups(report, layers, _fitting_depth(report, layers) if depth is None else depth))
    inputs = report.graph.inputs
    boxes = [Box(_line(name), "", "input") for name in inputs] + [_box(group) for group in groups]
    owner = {name: place for place, name in enumerate(inputs)}
    for place, group in enumerate(groups, len(inputs)):
        owner.update({layer.name: place for layer in group.layers})
    shapes = {**inputs, **{layer.name: layer.output for layer in layers}}
    edges: dict[tuple[int, int], Edge] = {}
    for layer in layers:
        for name in layer.node.inputs:
            source, target = owner[name], owner[layer.name]
            if source != target:
                edges.setdefault((source, target), Edge(source, target, shape_text(shapes[name])))
    outputs = [(owner[tensor], shape_text(shapes[tensor])) for tensor in report.graph.outputs.values()]
    return Drawing(_line(report.graph.name), tuple(boxes), tuple(edges.values()), tuple(dict.fromkeys(outputs)))


class _Group(NamedTuple):
    entry: Entry
    riders: tuple[LayerReport, ...] = ()
    times: int = 1  # how many equal blocks follow each other here

    @property
    def layers(self) -> tuple[LayerReport, ...]:
        return (*self.entry.layers, *self.riders)


def _groups(report: Report, layers: Iterable[LayerReport], depth: int) -> list[_Group]:
    """The boxes of the network folded to a depth, each with the layers that ride along."""
    readers = _count_readers(report)
    groups: list[_Group] = []
    for entry in entries(layers, max(1, depth)):
        if entry.header:
            continue
        last = groups[-1] if groups else None
        if last and last.entry.layer and entry.layer and _rides(entry.layer, last, readers):
            groups[-1] = _Group(last.entry, (*last.riders, entry.layer))
        else:
            groups.append(_Group(entry))
    return _merge_repeats(groups, readers)


def _merge_repeats(groups: list[_Group], readers: Mapping[str, int]) -> list[_Group]:
    """Make one box of equal blocks that follow each other."""
    merged: list[_Group] = []
    for group in groups:
        last = merged[-1] if merged else None
        if last is None or not _repeats(group, last, readers):
            merged.append(group)
            continue
        path = f"{last.entry.path.partition(' … ')[0]} … {group.entry.path.rpartition('.')[2]}"
        merged[-1] = _Group(last.entry._replace(path=path, layers=(*last.layers, *group.layers)), (), last.times + 1)
    return merged


def _repeats(group: _Group, before: _Group, readers: Mapping[str, int]) -> bool:
    """Whether a folded block is the block before it once more, and alone reads what that computes."""
    length = len(group.layers)
    if group.entry.layer is not None or before.times * length != len(before.layers) or length < 2:
        return False
    if group.entry.path.rpartition(".")[0] != before.entry.path.rpartition(".")[0]:
        return False
    turn, own = before.layers[-length:], {layer.name for layer in group.layers}
    equal = all(
        mine.node.layer == its.node.layer and mine.output == its.output
        for mine, its in zip(group.layers, turn, strict=True)
    )
    read = [name for layer in group.layers for name in dict.fromkeys(layer.node.inputs) if name not in own]
    return equal and set(read) == {turn[-1].name} and readers[turn[-1].name] == len(read)


def _rides(layer: LayerReport, group: _Group, readers: dict[str, int]) -> bool:
    """Whether a layer follows a box as its only reader, in the same block, and keeps its shape."""
    node, before = layer.node, group.layers[-1]
    alone = node.inputs == (before.name,) and readers[before.name] == 1
    same = alone and node.output == before.output and layer.fit is None
    return same and node.name.rpartition(".")[0] == before.name.rpartition(".")[0]


def _count_readers(report: Report) -> dict[str, int]:
    readers: dict[str, int] = dict.fromkeys((*report.graph.inputs, *(layer.name for layer in report.layers)), 0)
    for node in report.graph.nodes:
        for name in set(node.inputs):
            readers[name] += not node.training
    for name in report.graph.outputs.values():
        readers[name] += 1
    return readers


def _fitting_depth(report: Report, layers: list[LayerReport]) -> int:
    """The largest depth with at most `MOST_BOXES` boxes, or 1."""
    deepest = max((layer.name.count(".") + 1 for layer in layers), default=1)
    for depth in range(2, deepest + 1):
        if len(_groups(report, layers, depth)) > MOST_BOXES:
            return depth - 1
    return deepest


def _box(group: _Group) -> Box:
    first, *others = group.layers
    if group.entry.layer is None and not _is_step(group.layers):
        each = plural(len(group.layers) // group.times, "layer")
        return Box(_line(group.entry.path), f"{group.times} × {each}" if group.times > 1 else each, "block")
    words = " · ".join([layer_words(first.node).replace(", no bias", ""), *(other.kind for other in others)])
    return Box(_line(group.entry.path), _line(words), "join" if joins(first.node) else "layer")


def _is_step(layers: tuple[LayerReport, ...]) -> bool:
    """Whether a block is one layer and what rides along with it."""
    return all(
        layer.node.inputs == (before.name,) and layer.output == before.output and layer.fit is None
        for before, layer in pairwise(layers)
    )


def _line(text: str) -> str:
    """A text of outside on one line, shortened."""
    shown = visible(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def changed_shape(edge: Edge, drawing: Drawing) -> str:
    """The shape of an edge; empty if every edge into its source has the same."""
    before = [each.shape for each in drawing.edges if each.target == edge.source]
    return "" if before and all(shape == edge.shape for shape in before) else edge.shape
