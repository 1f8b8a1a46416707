"""Writes a drawing as SVG, black on white, with text as text."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from cnncalc.render.pictures.drawing import Box, Drawing, changed_shape
from cnncalc.render.pictures.layered import Layout, place

MARGIN = 8.0
BOX = (36.0, 20.0)  # heights: of two lines, of one
STEP = 66.0  # from rank to rank
LETTER = 5.7  # the mean width of a letter at 11 px; of bold titles, a tenth more
NARROWEST = 56.0
_STYLE = (
    "text{font:11px Helvetica,Arial,sans-serif;fill:#000}.t{font-weight:bold}"
    ".s{font-size:10px;paint-order:stroke;stroke:#fff;stroke-width:3px}"
    "rect,path{fill:none;stroke:#000}.b{fill:#fff}.e{marker-end:url(#a)}"
)
_ARROW = (
    '<marker id="a" markerWidth="7" markerHeight="7" refX="6" refY="3" orient="auto">'
    '<path d="M0 0L6 3L0 6z" style="fill:#000"/></marker>'
)


def svg_text(drawing: Drawing) -> str:
    """Return the drawing as an SVG document."""
    count = len(drawing.boxes)
    ends = [(source, count + number) for number, (source, _) in enumerate(drawing.outputs)]
    widths = [_width(box) for box in drawing.boxes] + [NARROWEST] * len(ends)
    edges = [(edge.source, edge.target) for edge in drawing.edges]
    layout = place(widths, [*edges, *ends])
    paper = _Paper(drawing, layout, widths)
    parts = [*map(paper.edge, range(len(edges))), *map(paper.end, range(len(ends))), *map(paper.box, range(count))]
    width, height = paper.size()
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label={quoteattr(drawing.name or "network")}>'
    )
    ground = '<rect width="100%" height="100%" style="fill:#fff;stroke:none"/>'
    return "\n".join([head, f"<style>{_STYLE}</style><defs>{_ARROW}</defs>{ground}", *parts, "</svg>"]) + "\n"


def _width(box: Box) -> float:
    return max(NARROWEST, 18 + LETTER * max(1.1 * len(box.title), len(box.words)))


class _Paper:
    """Places of the boxes of a drawing, in pixels."""

    def __init__(self, drawing: Drawing, layout: Layout, widths: list[float]) -> None:
        self._drawing, self._layout, self._widths = drawing, layout, widths
        self._labelled: set[tuple[int, str]] = set()
        self._ends_of_labels: list[float] = []

    def size(self) -> tuple[float, float]:
        """Width and height."""
        layout = self._layout
        right = max(middle + width / 2 for middle, width in zip(layout.middles, self._widths, strict=True))
        right = max([right + 3, *(middle + 5 for way in layout.ways for middle in way), *self._ends_of_labels])
        return right + 2 * MARGIN, STEP * max(layout.ranks) + BOX[0] + 2 * MARGIN

    def box(self, number: int) -> str:
        """One box with its text."""
        box = self._drawing.boxes[number]
        x, y, width, height = self._x(number), self._y(number), self._widths[number], self._height(number)
        rounding = 2 if box.kind in ("layer", "block") else height / 2
        frame = (
            f'<rect class="b" x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" '
            f'width="{width:.1f}" height="{height:.1f}" rx="{rounding:.0f}"/>'
        )
        if box.kind == "block":  # drawn as a stack
            frame = frame.replace('class="b"', 'class="b" transform="translate(3 3)"') + frame
        title = _text(x, y - 3 if box.words else y + 4, box.title, 'class="t" ')
        words = _text(x, y + 11, box.words) if box.words else ""
        return frame + title + words

    def edge(self, number: int) -> str:
        """One edge, with the shape of its tensor where it changes; a tensor that several boxes read has it once."""
        edge = self._drawing.edges[number]
        shape = changed_shape(edge, self._drawing)
        way = self._layout.ways[number]
        label = "" if not shape or (edge.source, shape) in self._labelled else self._label(edge.source, way, shape)
        self._labelled.add((edge.source, shape))
        return self._path(edge.source, edge.target, way) + label

    def end(self, number: int) -> str:
        """An output: an arrow to its shape."""
        source, shape = self._drawing.outputs[number]
        target = len(self._drawing.boxes) + number
        path = self._path(source, target, self._layout.ways[len(self._drawing.edges) + number])
        x, y = self._x(target), self._y(target)
        return path + _text(x, y + 4, shape)

    def _label(self, source: int, way: tuple[float, ...], shape: str) -> str:
        """A shape beside its edge: below the box, or on the lane if there is one."""
        x, y = self._x(source), self._y(source) + self._height(source) / 2 + 15
        if way:
            x, y = way[0] + MARGIN, self._rank_y(self._layout.ranks[source] + 1)
        self._ends_of_labels.append(x + LETTER * len(shape))
        return f'<text class="s" x="{x + 5:.1f}" y="{y:.1f}">{escape(shape)}</text>'

    def _path(self, source: int, target: int, way: tuple[float, ...]) -> str:
        x, y = self._x(source), self._y(source) + self._height(source) / 2
        path = f"M{x:.1f} {y:.1f}"
        rank = self._layout.ranks[source]
        for step, middle in enumerate(way, 1):
            at, middle_y = middle + MARGIN, self._rank_y(rank + step)
            path += _bend(x, y, at, middle_y - BOX[0] / 2) + f"V{middle_y + BOX[0] / 2:.1f}"
            x, y = at, middle_y + BOX[0] / 2
        return f'<path class="e" d="{path}{_bend(x, y, self._x(target), self._y(target) - self._height(target) / 2)}"/>'

    def _x(self, number: int) -> float:
        return self._layout.middles[number] + MARGIN

    def _y(self, number: int) -> float:
        return self._rank_y(self._layout.ranks[number])

    def _rank_y(self, rank: int) -> float:
        return MARGIN + BOX[0] / 2 + STEP * rank

    def _height(self, number: int) -> float:
        return BOX[number >= len(self._drawing.boxes) or not self._drawing.boxes[number].words]


def _text(x: float, y: float, text: str, extra: str = "") -> str:
    return f'<text {extra}x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>'


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(x - to_x) < 0.5:
        return f"L{to_x:.1f} {to_y:.1f}"
    middle = (y + to_y) / 2
    return f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
