"""Recognises a view by strides, which PyTorch's exporter writes as a gather from the flat list of all numbers.

Its indices are b·S + c·s₁ + …, with b from a `Range` over the batch. PyTorch makes such views where it keeps the order
in which a kernel leaves its output, such as that of a global average pooling of a map that lies channels last.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from operator import add
from typing import Any

import numpy as np

from cnncalc.importers.onnx.arithmetic import Match
from cnncalc.importers.onnx.arrays import map_over
from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.wiring import Wiring

MOST_TERMS = 16  # one for every axis, and one for where the view starts


def strided(op: Op, wiring: Wiring) -> Match:
    """Match a view of all numbers of a map in their order: a reshape."""
    flat = wiring.maker(op.reads[0], "Reshape")
    if flat is None or op.attributes.get("axis", 0) != 0 or wiring.numbers(flat.reads[1]) != [-1]:
        return None
    fixed: Any = np.zeros((), dtype=object)
    images: list[tuple[int, int]] = []
    for name in _terms(op.reads[1], wiring):
        constant = wiring.constant(name)
        if constant is not None and constant.value is not None:
            fixed = map_over(add, fixed, constant.value)
        else:
            images.append(_of_images(name, wiring))
    if list(fixed.flat) != list(range(fixed.size)) or len(images) > 1:
        return None
    batch, *sizes = fixed.shape
    if images and (batch, *images) != (1, (prod(sizes), len(sizes))):
        return None
    return "Reshape", (flat.reads[0],), [flat], {"shape": [0 if images else batch, *sizes]}


def _terms(name: str, wiring: Wiring) -> Iterator[str]:
    """Yield the terms of a sum; raises ValueError where there are too many."""
    waiting = [name]
    for _ in range(2 * MOST_TERMS):
        if not waiting:
            return
        added = wiring.maker(name := waiting.pop(), "Add")
        if added is None:
            yield name
        else:
            waiting += added.reads
    raise ValueError("too many terms")


def _of_images(name: str, wiring: Wiring) -> tuple[int, int]:
    """The stride in Range(0, images, 1)·stride, and the axes of 1 behind it; raises ValueError for anything else."""
    behind = wiring.maker(name, "Unsqueeze")
    axes = wiring.numbers(behind.reads[1]) if behind else []
    product = wiring.maker(behind.reads[0], "Mul") if behind else None
    rows = wiring.maker(product.reads[0] if product else behind.reads[0] if behind else "", "Range")
    strides = wiring.numbers(product.reads[1]) if product else [1]
    if rows is None or not axes or axes != list(range(1, len(axes) + 1)) or len(strides) != 1:
        raise ValueError("not the images of a batch")
    if (wiring.numbers(rows.reads[0]), wiring.numbers(rows.reads[2])) != ([0], [1]):
        raise ValueError("not every image")
    return strides[0], len(axes)
