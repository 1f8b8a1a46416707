"""A receptive field in words, the same in every command: the size of the local field, and what is seen beside it.

The local field moves with the position. A path that sees everything, such as the gate of squeeze-and-excite, does not
change its size: it is named beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.field.extent import Extent
from cnncalc.analysis.field.receptive_field import ReceptiveField
from cnncalc.explanations.fit_words import ROWS
from cnncalc.quantities.sizes import size_text, times

WHOLE = "whole"
UNKNOWN = "unknown"
AND_WHOLE = "+ whole"
AXES = {2: ("height", "width"), 3: ("depth", "height", "width")}


def field_text(field: ReceptiveField) -> str:
    """Format the size of the local field: 11×11, whole (nothing is local), unknown."""
    if field.only_whole:
        return WHOLE
    texts = [
        WHOLE if axis.only_whole else UNKNOWN if axis.size is None else size_text(axis.size) for axis in field.axes
    ]
    return UNKNOWN if set(texts) == {UNKNOWN} else times(texts)


def brief_text(field: ReceptiveField) -> str:
    """Format the size in a cell without room for a remark: 11×11, or 11×11 + whole beside a gate."""
    return f"{field_text(field)} {AND_WHOLE}" if is_joined(field) else field_text(field)


def is_joined(field: ReceptiveField) -> bool:
    """Whether the whole of an axis is seen beside the local field."""
    return any(map(_is_joined, field.axes))


def beside_text(field: ReceptiveField, where: str = "the input") -> str:
    """Name what is seen beside the local field: `all of the input through a gate`; empty if nothing is."""
    if not is_joined(field):
        return ""
    return f"{_seen_rows(field)} of {where} through {field.through or 'another path'}"


def exceeding_axes(axes: Sequence[int], rank: int) -> str:
    """Name the axes along which a field exceeds a tensor of `rank` axes: ` in height`; empty if along all."""
    names = AXES.get(rank, tuple(f"axis {axis + 1}" for axis in range(rank)))
    return "" if len(axes) == rank else f" in {' and '.join(names[axis] for axis in axes)}"


def tensor_name(name: str, field: ReceptiveField, alone: bool) -> str:
    """Name the tensor that is seen: the image, the input, mask; `alone`: it is the only input of the network."""
    return name if not alone else "the image" if len(field.axes) == 2 else "the input"


def tensor_text(name: str, field: ReceptiveField, alone: bool) -> str:
    """Name the tensor that is seen, with its sizes: the image (224×224), the input (784), mask (32×32)."""
    sizes = f" ({times(size_text(axis.image) for axis in field.axes)})" if field.axes else ""
    return f"{tensor_name(name, field, alone)}{sizes}"


def _is_joined(axis: Extent) -> bool:
    return axis.whole and bool(axis.phases)


def _seen_rows(field: ReceptiveField) -> str:
    if field.whole:
        return "all"
    words = ROWS.get(len(field.axes), ("row",) * len(field.axes))
    return " and ".join(f"all {word}s" for word, axis in zip(words, field.axes, strict=True) if _is_joined(axis))
