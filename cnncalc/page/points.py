"""The document of a sweep: its points column by column, and which of them are on the Pareto front."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from cnncalc.analysis.figures import FIGURES
from cnncalc.document.expectations import BYTES
from cnncalc.expression.values import show
from cnncalc.quantities.sizes import tensors_text
from cnncalc.render.views.sweep import COUNTS, TENSORS, TITLES
from cnncalc.sweeps.block import Row
from cnncalc.sweeps.pareto import Front
from cnncalc.sweeps.timing import TIME
from cnncalc.sweeps.where import Objective, evaluate_constant
from cnncalc.version import __version__

SCHEMA = "cnncalc-sweep-page/1"
EXACT = 1 << 53  # the page reads whole numbers below this as they are, and others as text
SIZES = {1: ("length",), 2: ("height", "width"), 3: ("frames", "height", "width")}


def points_document(
    names: Sequence[str], rows: Sequence[Row], notes: Sequence[str] = (), objectives: Sequence[Objective] = ()
) -> dict[str, Any]:
    """The document of a page that draws points (docs/page.md describes it).

    Args:
        names: of the columns, as of `Sweep.names`.
        rows: a value per name.
        notes: sentences about the sweep as a whole.
        objectives: what decides the Pareto front, bound to these names.

    Raises:
        UsageError: an objective has no number at a point.
    """
    columns = [_column(name, [row[place] for row in rows]) for place, name in enumerate(names)]
    sizes = [size for name, column in zip(names, zip(*rows, strict=True), strict=True) for size in _sizes(name, column)]
    networks = list(dict.fromkeys(str(row[0]) for row in rows))
    return {
        "schema": SCHEMA,
        "version": __version__,
        "title": ", ".join(networks) if len(networks) <= 3 else f"{len(networks):,} networks",
        "notes": list(notes),
        "points": len(rows),
        "columns": columns + sizes,
        "objectives": [each.text for each in objectives],
        "front": front_of(rows, objectives) if objectives else [],
    }


def front_of(rows: Sequence[Row], objectives: Sequence[Objective]) -> list[int]:
    """The places of the points that no other beats; one at which an objective is not known is left out."""
    front = Front(len(objectives))
    for place, row in enumerate(rows):
        key = tuple(objective.key(row) for objective in objectives) if row[-1] is None else (None,)
        if None not in key:
            front.add(key, (place,))
    return sorted(place for (place,) in front.rows())  # type: ignore[misc]


def _column(name: str, values: Sequence[object]) -> dict[str, Any]:
    """A column: numbers as they are, texts by their places in `texts`."""
    column: dict[str, Any] = {
        "name": name,
        "label": "time in s" if name == TIME else TITLES.get(name, name),
        "of": _kind(name),
    }
    if name in FIGURES:
        column["unit"] = "bytes" if name in BYTES else "count" if name in COUNTS else "amount"
    numbers = [
        evaluate_constant(value) if isinstance(value, str) and column["of"] == "param" else value for value in values
    ]
    if all(value is None or _is_number(value) for value in numbers):
        return column | {"values": [None if value is None else _number(value) for value in numbers]}
    shown = [None if value is None else _text(name, value) for value in values]
    places = {text: place for place, text in enumerate(dict.fromkeys(text for text in shown if text is not None))}
    return column | {"texts": list(places), "values": [None if text is None else places[text] for text in shown]}


def _kind(name: str) -> str:
    if name in ("network", "error", *TENSORS):
        return name
    return "figure" if name in FIGURES or name == TIME else "param"


def _is_number(value: object) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def _number(value: Any) -> int | float | str:  # noqa: ANN401
    """A number as JSON, or its digits if the page would round them: 1/3, 2^60."""
    if isinstance(value, int):
        return value if abs(value) < EXACT else str(value)
    number = float(value)
    return number if Fraction(repr(number)) == value else show(value)


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in TENSORS:
        return tensors_text(value if isinstance(value, Mapping) else {"": value})  # type: ignore[dict-item]
    return show(value)


def _sizes(name: str, values: Sequence[object]) -> Iterator[dict[str, Any]]:
    """Columns for the sizes of a shape that differ from point to point, as axes of the picture; equal ones are one."""
    shapes = [value for value in values if value is not None]
    ranks = {len(shape) if isinstance(shape, tuple) else 0 for shape in shapes}
    if name not in TENSORS or len(ranks) != 1 or ranks == {0}:
        return
    (rank,) = ranks
    axes = ["channels", *SIZES.get(rank - 1, [f"axis {axis}" for axis in range(1, rank)])] if rank > 1 else ["features"]
    by_sizes: dict[tuple[int, ...], list[str]] = {}
    for place, axis in enumerate(axes):
        by_sizes.setdefault(tuple(shape[place] for shape in shapes), []).append(axis)  # type: ignore[index]
    for sizes, together in by_sizes.items():
        if len(set(sizes)) > 1:
            label = f"{name} {' = '.join(together)}"
            each = iter(sizes)
            column = [None if value is None else _number(next(each)) for value in values]
            yield {"name": label, "label": label, "of": "size", "values": column}
