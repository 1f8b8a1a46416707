"""Recognises patterns of arithmetic and of reshapes: rescale, softplus, l2norm, group norm, pixel_unshuffle, repeats.

The table of all patterns is in `patterns`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.wiring import Wiring

Match: TypeAlias = "tuple[str, tuple[str, ...], list[Op], Mapping[str, object]] | None"
Number: TypeAlias = "Fraction | int"
EPS = Fraction(1, 100_000)
JOINED = frozenset({"Add", "Sub", "Mul", "Sum"})


def match_rescale(op: Op, wiring: Wiring, taken: Callable[[Op], bool]) -> Match:
    """Match x·factor + offset over a whole chain of operators; `taken` returns whether another pattern has one."""
    factor: Number = 1
    offset: Number = 0
    inner: list[Op] = []
    at: Op | None = op
    data = ""
    if op.makes[0] in wiring.fixed:
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
    """Return the data input of one operator of the chain, its factor and its offset; None when it has no number."""
    if op.kind == "Neg":
        return op.reads[0], -1, 0
    first, second = op.reads
    left, right = _fixed_number(first, wiring), _fixed_number(second, wiring)
    if right is not None and left is None:
        return first, *STEPS[op.kind](right)
    if left is None or right is not None or op.kind == "Div":
        return None
    return (second, -1, left) if op.kind == "Sub" else (second, *STEPS[op.kind](left))


def _fixed_number(name: str, wiring: Wiring) -> Number | None:
    """Return a constant that is one number and not a weight; None otherwise."""
    tensor = wiring.constant(name)
    return wiring.scalar(name) if tensor is not None and tensor.number else None


STEPS: Mapping[str, Callable[[Number], tuple[Number, Number]]] = {
    "Mul": lambda number: (number, 0),
    "Div": lambda number: (1 / Fraction(number), 0),
    "Add": lambda number: (1, number),
    "Sub": lambda number: (1, -number),
    "Neg": lambda number: (-1, 0),
}


def softplus(op: Op, wiring: Wiring) -> Match:
    """Match log(1 + e^(beta·x))/beta and, as PyTorch's exporters write it, x itself above a threshold."""
    if op.kind == "Div":
        return _scaled_softplus(op, wiring)
    which, x, soft = op.reads
    above = wiring.maker(which, "Greater")
    threshold = wiring.scalar(above.reads[1]) if above else None
    last = wiring.maker(soft, "Softplus", "Div")
    if above is None or threshold is None or last is None:
        return None
    match = _scaled_softplus(last, wiring) if last.kind == "Div" else ("softplus", last.reads, [], {})
    scaled = match[2][-1].makes[0] if match and match[2] else x
    if match is None or match[1] != (x,) or above.reads[0] != scaled:
        return None
    return "softplus", (x,), [above, last, *match[2]], {**match[3], "threshold": threshold}


def _scaled_softplus(op: Op, wiring: Wiring) -> Match:
    """Match Softplus(x·beta)/beta."""
    soft = wiring.maker(op.reads[0], "Softplus")
    product = wiring.maker(soft.reads[0], "Mul") if soft else None
    beta = wiring.scalar(op.reads[1])
    x = wiring.beside_scalar(product, beta) if beta else None
    if soft is None or product is None or x is None:
        return None
    return "softplus", (x,), [soft, product], {"beta": beta}


def l2norm(op: Op, wiring: Wiring) -> Match:
    """Match x divided by the L2 norm over some axes, clamped from below and expanded."""
    x, name = op.reads
    inner: list[Op] = []
    for kinds in (("Expand",), ("Clip", "Max")):
        if (inner_op := wiring.maker(name, *kinds)) is not None:
            inner.append(inner_op)
            name = inner_op.reads[0]
    length = wiring.maker(name, "ReduceL2")
    if length is None or length.reads[0] != x or not length.attributes.get("keepdims", 1):
        return None
    axes = length.attributes.get("axes") or wiring.numbers(length.reads[1])
    return ("l2norm", (x,), [*inner, length], {"axes": axes}) if axes else None


def repeated(op: Op, wiring: Wiring) -> Match:
    """Match an Expand, of what flows, that only broadcasting operators read."""
    kinds = wiring.read_by.get(op.makes[0], set())
    return ("repeated", op.reads, [], {}) if kinds and kinds <= JOINED and op.reads[0] not in wiring.fixed else None


def pixel_unshuffle(op: Op, wiring: Wiring) -> Match:
    """Match [C, H/r, r, W/r, r] with both r moved next to C; with symbolic sizes, one reshape per spatial axis."""
    last = wiring.maker(op.reads[0], "Reshape") if op.kind == "Squeeze" else None
    turned = wiring.maker((last or op).reads[0], "Transpose")
    width = wiring.maker(turned.reads[0], "Reshape") if turned else None
    if turned is None or width is None or turned.whole("perm", ()) != [0, 1, 3, 5, 2, 4]:
        return None
    sizes = wiring.numbers(width.reads[1])
    if last is None:
        matches = len(sizes) == 6 and sizes[3] == sizes[5]
        return ("pixel_unshuffle", (width.reads[0],), [width, turned], {"factor": sizes[3]}) if matches else None
    height = wiring.maker(width.reads[0], "Reshape")
    apart = wiring.maker(height.reads[0], "Unsqueeze") if height else None
    if height is None or apart is None or sizes[:5] != [0, 0, 0, 0, -1]:
        return None
    if wiring.numbers(height.reads[1]) != [0, 0, -1, sizes[5], 0] or wiring.numbers(apart.reads[1]) != [3]:
        return None
    return "pixel_unshuffle", (apart.reads[0],), [apart, height, width, turned, last], {"factor": sizes[5]}


def grouped(op: Op, wiring: Wiring) -> Match:
    """Match a group norm: reshaped to groups, instance norm without factors, reshaped back."""
    normal = wiring.maker(op.reads[0], "InstanceNormalization")
    laid = wiring.maker(normal.reads[0], "Reshape") if normal else None
    sizes = wiring.numbers(laid.reads[1]) if laid else None
    if normal is None or laid is None or sizes is None or len(sizes) != 3 or sizes[2] != -1:
        return None
    factors = [wiring.constant(name) for name in normal.reads[1:3]]
    if not all(each and each.spelt_out(number) for each, number in zip(factors, (1, 0), strict=True)):
        return None
    attributes = {"num_groups": sizes[1], "eps": normal.get("epsilon", EPS)}
    return "grouped", (laid.reads[0], op.reads[1]), [laid, normal], attributes
