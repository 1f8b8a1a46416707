"""Builds the view of `cnncalc memory`: weights and activations per layer, the peak and what is alive then, training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncalc.analysis.memory.memory import Activation, Memory
from cnncalc.analysis.memory.moment import Live, Moment
from cnncalc.analysis.parameters import Parameters, total
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.quantities.bytes import bytes_text
from cnncalc.quantities.sizes import Layout, listed, plural, shape_record, shape_text, size_text
from cnncalc.render.layer_words import row_words
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
from cnncalc.render.views import heading
from cnncalc.symbolic import Size

COLUMNS = (
    *heading.NAMED,
    Column("output", narrow="drop"),
    Column("weights", right=True),
    Column("activation", right=True),
)
SAVED = Column("saved for backward", right=True)
MOST_NAMED = 6  # allocations listed at a peak


def memory_view(
    report: Report,
    memory: Memory,
    *,
    layout: Layout = "chw",
    depth: int | None = None,
    training: bool = False,
    exact: bool = False,
    budget: int | None = None,
) -> View:
    """Build the memory table; `training` adds a training step, `budget` (bytes) the largest batch that fits."""
    rows = _Rows(memory, layout, training, exact)
    main = [layer for layer in report.layers if not layer.node.training]
    heads = [layer for layer in report.layers if layer.node.training]
    sections = [rows.section("", main, depth)]
    if heads and training:
        sections.append(rows.section(heading.TRAINING_HEADS, heads, depth))
    facts = (
        *heading.facts(report, layout),
        ("batch", size_text(memory.batch)),
        ("dtype", f"{memory.dtype}, {plural(memory.width, 'byte')} per element"),
    )
    notes = [*_inference_notes(memory, exact), *(_training_notes(memory, exact) if training else ())]
    if budget is not None:
        notes.append(_fit_note(memory, training, budget, exact))
    notes += heading.left_out_notes(report)
    notes.append(Cell(_fine_print(exact), "dim"))
    columns = (*COLUMNS, SAVED) if training else COLUMNS
    return View(heading.title(report), facts, columns, tuple(sections), tuple(notes))


class _Rows:
    """Builds the rows of the table."""

    def __init__(self, memory: Memory, layout: Layout, training: bool, exact: bool) -> None:
        self.memory, self.layout, self.training, self.exact = memory, layout, training, exact
        self.activations = {activation.name: activation for activation in memory.activations}

    def section(self, headline: str, layers: Sequence[LayerReport], depth: int | None) -> Section:
        """The rows of these layers, and their total."""
        rows = [self.row(entry) for entry in entries(layers, depth)]
        cells = (Cell("total"), EMPTY, EMPTY, *self._figure_cells([layer.name for layer in layers], layers))
        return Section(headline, (*rows, Row(tuple(cell._replace(style="strong") for cell in cells), total=True)))

    def row(self, entry: Entry) -> Row:
        """The row of a layer, of a block's header, or of a folded block."""
        empty = (EMPTY,) * (2 if self.training else 1)
        output = Cell(shape_text(entry.last.output, self.layout))
        if entry.header:
            return Row((Cell(entry.name, "strong"), EMPTY, output, EMPTY, *empty), entry.level)
        names = [layer.name for layer in entry.layers]
        figures = self._figure_cells(names, entry.layers)
        if entry.layer is None:
            name, words = Cell(entry.name, "strong"), Cell(plural(len(names), "layer"))
        else:
            name, words = Cell(entry.name), Cell(row_words(entry.layer.node))
            figures = (figures[0], self._activation_cell(self.activations[entry.layer.name]), *figures[2:])
        return Row((name, words, output, *figures), entry.level, self._record(entry, names))

    def _figure_cells(self, names: Sequence[str], layers: Iterable[LayerReport]) -> tuple[Cell, ...]:
        owned = sum((layer.parameters for layer in layers), Parameters())
        activation_bytes = total(self.activations[name].bytes for name in names)
        texts = [self._bytes_text(owned.params * self.memory.width), self._bytes_text(activation_bytes)]
        if self.training:
            texts.append(self._bytes_text(self._saved_bytes(names)))
        return tuple(map(Cell, texts))

    def _activation_cell(self, activation: Activation) -> Cell:
        if activation.memory_of is not None:
            return Cell(f"in {activation.memory_of}", "dim")
        return Cell(self._bytes_text(activation.bytes))

    def _saved_bytes(self, names: Sequence[str]) -> Size | None:
        saved = [self.memory.training.saved_by(name) for name in names]
        return None if None in saved else total(size for size in saved if size is not None)

    def _bytes_text(self, size: Size | None) -> str:
        return "" if isinstance(size, int) and size == 0 else bytes_text(size, self.exact)

    def _record(self, entry: Entry, names: Sequence[str]) -> dict[str, object]:
        layer = entry.layer
        owned = sum((inner.parameters for inner in entry.layers), Parameters())
        record: dict[str, object] = {
            "layer": entry.path,
            "kind": layer.kind if layer else "block",
            "output": shape_record(entry.last.output, self.layout),
            "weight_bytes": owned.params * self.memory.width,
            "activation_bytes": total(self.activations[name].bytes for name in names),
            "memory_of": self.activations[layer.name].memory_of if layer else None,
        }
        return record | ({"saved_bytes": self._saved_bytes(names)} if self.training else {})


def _inference_notes(memory: Memory, exact: bool) -> Iterable[Cell]:
    folded = f", {plural(len(memory.folded), 'batch normalization')} folded" if memory.folded else ""
    yield Cell(f"weights {bytes_text(memory.weights, exact)}, buffers {bytes_text(memory.buffers, exact)}{folded}")
    yield Cell(f"peak activations {_moment_text(memory.peak, exact)}", "strong")
    least = "at least " if memory.at_least else ""
    yield Cell(f"inference takes {least}{bytes_text(memory.inference_bytes, exact)}: weights, buffers and the peak")


def _training_notes(memory: Memory, exact: bool) -> Iterable[Cell]:
    training = memory.training
    parts = {
        "weights": training.weights,
        "buffers": training.buffers,
        "gradients": training.gradients,
        f"state of {memory.optimizer}": training.optimizer,
        "inputs": training.inputs,
        "activations saved for backward": training.saved,
    }
    texts = ", ".join(f"{name} {bytes_text(size, exact)}" for name, size in parts.items())
    yield Cell(f"training: {texts}")
    yield Cell(f"training peak besides weights, buffers and state {_moment_text(training.peak, exact)}", "strong")
    least = "at least " if training.at_least else ""
    yield Cell(f"training takes {least}{bytes_text(training.bytes, exact)}: weights, buffers, state and the peak")
    if memory.unfused:
        other = memory.unfused.training
        saved, takes = bytes_text(other.saved, exact), bytes_text(other.bytes, exact)
        yield Cell(f"without the fused kernel of attention: saved for backward {saved}, training takes {least}{takes}")


def _moment_text(moment: Moment, exact: bool) -> str:
    if moment.node is None:
        return f"{bytes_text(moment.bytes, exact)}; the layer depends on the symbols"
    again = f" (and at {listed(list(moment.again), 3)})" if moment.again else ""
    way = "in the backward pass of" if moment.backward else "at"
    ordered = sorted(moment.alive, key=_sort_key, reverse=True) if moment.backward else moment.alive
    alive = [f"{live.name} {bytes_text(live.bytes, exact)}" for live in ordered[:MOST_NAMED]]
    rest = len(moment.alive) - len(alive)
    more = f" and {rest:,} more" if rest else ""
    return f"{bytes_text(moment.bytes, exact)} {way} {moment.node}{again}: {', '.join(alive)}{more}"


def _sort_key(live: Live) -> int:
    """The sort key of an allocation, in bytes; 0 if it depends on a symbol."""
    return live.bytes if isinstance(live.bytes, int) else 0


def _fit_note(memory: Memory, training: bool, budget: int, exact: bool) -> Cell:
    most = memory.fits(budget, training)
    what = f"training with {memory.optimizer}" if training else "inference"
    within = bytes_text(budget, exact)
    if not most:
        return Cell(f"not even one sample fits {within} for {what}", "warning")
    partly = memory.training.at_least if training else memory.at_least
    bound = "at most " if partly else ""  # an unknown layer may need more
    return Cell(f"{bound}{plural(most, 'sample')} per batch fit {within} for {what}", "strong")


def _fine_print(exact: bool) -> str:
    units = "" if exact else "KiB, MiB and GiB are 1024-based; "
    return f"{units}workspace of operations and rounding by the allocator are not counted"
