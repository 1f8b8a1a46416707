"""Patterns of arithmetic and of moves: rescale, softplus, l2norm, groups normalized, pixel_unshuffle, repeats.

The table of all patterns is in `patterns`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.wiring import Wiring

Told: TypeAlias = "tuple[str, tuple[str, ...], list[Op], Mapping[str, object]] | None"
Number: TypeAlias = "Fraction | int"
EPS = Fraction(1, 100_000)
JOINED = frozenset({"Add", "Sub", "Mul", "Sum"})


def rescaled(op: Op, wiring: Wiring, taken: Callable[[Op], bool]) -> Told:
    """x·factor + offset, of as many operators as follow one another; `taken` says which are another pattern's."""
    factor: Number = 1
    offset: Number = 0
    inner: list[Op] = []
    at: Op | None = op
    data = ""
    if op.makes[0] in wiring.told:
        return None
    while at is not None and (step := _step(at, wiring)) is not None:
        data, more, added = step
        factor, offset = factor * more, factor * added + offset
        inner.append(at)
        at = wiring.maker(data, *STEPS)
        if at is not None and (wiring.readers[data] != 1 or taken(at)):
            at = None
    return ("rescale", (data,), inner[1:], {"factor": factor, "offset": offset}) if inner else None


def _step(op: Op, wiring: Wiring) -> tuple[str, Number, Number] | None:
    """What flows into one of these operators, the factor and what is added; None where it takes no number."""
    if op.kind == "Neg":
        return op.reads[0], -1, 0
    first, second = op.reads
    left, right = _fixed(first, wiring), _fixed(second, wiring)
    if right is not None and left is None:
        return first, *STEPS[op.kind](right)
    if left is None or right is not None or op.kind == "Div":
        return None
    return (second, -1, left) if op.kind == "Sub" else (second, *STEPS[op.kind](left))


def _fixed(name: str, wiring: Wiring) -> Number | None:
    """A number that is not learnt."""
    found = wiring.constant(name)
    return wiring.scalar(name) if found is not None and found.number else None


STEPS: Mapping[str, Callable[[Number], tuple[Number, Number]]] = {
    "Mul": lambda number: (number, 0),
    "Div": lambda number: (1 / Fraction(number), 0),
    "Add": lambda number: (1, number),
    "Sub": lambda number: (1, -number),
    "Neg": lambda number: (-1, 0),
}


def softplus(op: Op, wiring: Wiring) -> Told:
    """log(1 + e^(beta·x))/beta; as PyTorch's exporters write it, x itself beyond a threshold."""
    if op.kind == "Div":
        return _bent(op, wiring)
    which, x, soft = op.reads
    above = wiring.maker(which, "Greater")
    threshold = wiring.scalar(above.reads[1]) if above else None
    last = wiring.maker(soft, "Softplus", "Div")
    if above is None or threshold is None or last is None:
        return None
    found = _bent(last, wiring) if last.kind == "Div" else ("softplus", last.reads, [], {})
    scaled = found[2][-1].makes[0] if found and found[2] else x
    if found is None or found[1] != (x,) or above.reads[0] != scaled:
        return None
    return "softplus", (x,), [above, last, *found[2]], {**found[3], "threshold": threshold}


def _bent(op: Op, wiring: Wiring) -> Told:
    """Softplus(x·beta)/beta."""
    soft = wiring.maker(op.reads[0], "Softplus")
    product = wiring.maker(soft.reads[0], "Mul") if soft else None
    beta = wiring.scalar(op.reads[1])
    x = wiring.beside_scalar(product, beta) if beta else None
    if soft is None or product is None or x is None:
        return None
    return "softplus", (x,), [soft, product], {"beta": beta}


def l2norm(op: Op, wiring: Wiring) -> Told:
    """x over the Euclidean length of its channels, cut off at a small number, repeated for every channel."""
    x, name = op.reads
    inner: list[Op] = []
    for kinds in (("Expand",), ("Clip", "Max")):
        if (found := wiring.maker(name, *kinds)) is not None:
            inner.append(found)
            name = found.reads[0]
    length = wiring.maker(name, "ReduceL2")
    if length is None or length.reads[0] != x or not length.attributes.get("keepdims", 1):
        return None
    axes = length.attributes.get("axes") or _numbers(length.reads[1], wiring)
    return ("l2norm", (x,), [*inner, length], {}) if axes == [1] else None


def _numbers(name: str, wiring: Wiring) -> list[object] | None:
    found = wiring.constant(name)
    return None if found is None or found.value is None else list(found.value.flat)


def repeated(op: Op, wiring: Wiring) -> Told:
    """An Expand read only by what repeats axes of 1 itself."""
    kinds = wiring.read_by.get(op.makes[0], set())
    return ("repeated", op.reads, [], {}) if kinds and kinds <= JOINED else None


def pixel_unshuffle(op: Op, wiring: Wiring) -> Told:
    """[C, H/r, r, W/r, r], both r moved beside C; of sizes that are not known by a reshape for each axis of a map."""
    last = wiring.maker(op.reads[0], "Reshape") if op.kind == "Squeeze" else None
    turned = wiring.maker((last or op).reads[0], "Transpose")
    width = wiring.maker(turned.reads[0], "Reshape") if turned else None
    if turned is None or width is None or turned.whole("perm", ()) != [0, 1, 3, 5, 2, 4]:
        return None
    sizes = _numbers(width.reads[1], wiring) or []
    if last is None:
        found = len(sizes) == 6 and sizes[3] == sizes[5]
        return ("pixel_unshuffle", (width.reads[0],), [width, turned], {"factor": sizes[3]}) if found else None
    height = wiring.maker(width.reads[0], "Reshape")
    apart = wiring.maker(height.reads[0], "Unsqueeze") if height else None
    if height is None or apart is None or sizes[:5] != [0, 0, 0, 0, -1]:
        return None
    if _numbers(height.reads[1], wiring) != [0, 0, -1, sizes[5], 0] or _numbers(apart.reads[1], wiring) != [3]:
        return None
    return "pixel_unshuffle", (apart.reads[0],), [apart, height, width, turned, last], {"factor": sizes[5]}


def grouped(op: Op, wiring: Wiring) -> Told:
    """A normalization of groups: laid out as channels, each normalized without factors, and laid out as before."""
    normal = wiring.maker(op.reads[0], "InstanceNormalization")
    laid = wiring.maker(normal.reads[0], "Reshape") if normal else None
    sizes = _numbers(laid.reads[1], wiring) if laid else None
    if normal is None or laid is None or sizes is None or len(sizes) != 3 or sizes[2] != -1:
        return None
    factors = [wiring.constant(name) for name in normal.reads[1:3]]
    if not all(each and each.spelt_out(number) for each, number in zip(factors, (1, 0), strict=True)):
        return None
    told = {"num_groups": sizes[1], "eps": normal.get("epsilon", EPS)}
    return "grouped", (laid.reads[0], op.reads[1]), [laid, normal], told
