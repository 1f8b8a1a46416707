"""Shapes and counts as text for readers: 96×55×55; 60,965,224."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import Literal

from cnncalc.symbolic import Shape, Size, render

Layout = Literal["chw", "hwc"]


def numel(shape: Iterable[Size]) -> Size:
    """The number of elements of a tensor of this shape; 1 for a scalar, whose shape is empty."""
    return prod(shape)


def or_zero(size: Size | None) -> Size:
    """The size, or 0 if it is not known; `size or 0` would have to decide whether a closed form is 0."""
    return 0 if size is None else size


def size_text(size: Size) -> str:
    """A size as text: 55, or ⌊(H+3)/4⌋."""
    return str(size) if isinstance(size, int) else render(size, "unicode")


def shape_text(shape: Shape, layout: Layout = "chw", batch: int = 1) -> str:
    """A shape as text: 96×55×55, or 55×55×96 for `hwc`; a batch larger than 1 comes first."""
    shape = in_layout(shape, layout)
    texts = [size_text(size) for size in ((batch, *shape) if batch > 1 else shape)]
    if len(texts) > 1:
        texts = [f"({text})" if "·" in text and " " not in text else text for text in texts]
    return times(texts) or "a single number"


def shape_record(shape: Shape, layout: Layout = "chw") -> str:
    """A shape in machine-readable form: 96x55x55."""
    texts = [str(n) if isinstance(n, int) or len(shape) == 1 else f"({n})" for n in in_layout(shape, layout)]
    return "x".join(texts)


def in_layout(shape: Shape, layout: Layout) -> Shape:
    """The shape with its axes in the order of a layout; a vector is unchanged."""
    return (*shape[1:], shape[0]) if layout == "hwc" and shape else shape


def from_layout(shape: Shape, layout: Layout) -> Shape:
    """The shape, channels first, of a shape with its axes in the order of a layout; a vector is unchanged."""
    return (shape[-1], *shape[:-1]) if layout == "hwc" and shape else shape


def tensors_text(shapes: Mapping[str, Shape], layout: Layout = "chw", batch: int = 1) -> str:
    """The shape of a single tensor; several with their names: image 3×224×224, mask 1×224×224."""
    if len(shapes) == 1:
        return shape_text(next(iter(shapes.values())), layout, batch)
    return ", ".join(f"{name} {shape_text(shape, layout, batch)}" for name, shape in shapes.items())


def count_text(count: Size) -> str:
    """A count as text: 60,965,224, or a closed form."""
    return f"{count:,}" if isinstance(count, int) else render(count, "unicode")


def least_text(count: Size, at_least: bool) -> str:
    """A count that may be incomplete: at least 60,965,224."""
    return f"at least {count_text(count)}" if at_least else count_text(count)


def times(texts: Iterable[str]) -> str:
    """The texts joined by ×, such as sizes or one value per axis: 3×3; sums are put in parentheses."""
    each = list(texts)
    held = (f"({text})" if " " in text and not text.startswith("[") else text for text in each)
    return "×".join(held if len(each) > 1 else each)


def alike(texts: Iterable[str]) -> str:
    """One text if all axes agree, else one per axis: 2, or 2×1."""
    each = list(texts)
    return each[0] if len(set(each)) == 1 else times(each)


def plural(number: int, word: str) -> str:
    """A number with its noun: 1 layer, 2 layers, 1,000 layers, 2 fixes."""
    ending = "" if number == 1 else "es" if word.endswith("x") else "s"
    return f"{number:,} {word}{ending}"


def listed(names: list[str], most: int = 6) -> str:
    """The first names and how many more there are: conv1, conv2 and 5 more."""
    rest = len(names) - most
    return ", ".join(names) if rest <= 0 else f"{', '.join(names[:most])} and {rest:,} more"
