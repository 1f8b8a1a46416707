"""Replaces groups of operators that are one layer: what exporters write for layers that their opset lacked.

A pattern starts at the last operator and follows its inputs backwards. It returns the kind, inputs and attributes of
the operator that replaces the group, and the operators that this one absorbs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from cnncalc.importers.onnx.arithmetic import (
    STEPS,
    Match,
    grouped,
    l2norm,
    match_rescale,
    pixel_unshuffle,
    repeated,
    softplus,
)
from cnncalc.importers.onnx.circular import rolled, wrapped
from cnncalc.importers.onnx.norms import bare, grn, normalized
from cnncalc.importers.onnx.operators import MALFORMED, Op, UnsupportedError
from cnncalc.importers.onnx.strided import strided
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.wiring import Wiring

PatternMatch: TypeAlias = (
    "tuple[str, tuple[str, ...], list[Op]] | Match"  # kind, inputs, absorbed operators, attributes
)
Pattern: TypeAlias = Callable[[Op, Wiring], PatternMatch]
LRN_CHAIN = ("Reshape", "Squeeze", "Unsqueeze", "Pad", "AveragePool", "If", "Equal", "Gather", "Shape")
ROOT_2 = Fraction("1.41421356")


def rewrite_patterns(ops: Sequence[Op], constants: Mapping[str, Tensor], outputs: Iterable[str]) -> list[Op]:
    """Return the operators with each matched group replaced by one operator, at the place of its last."""
    kept = list(outputs)
    wiring = Wiring(ops, constants, kept)
    gone: set[tuple[str, ...]] = set()
    changed: dict[tuple[str, ...], Op] = {}
    for op in reversed(ops):
        if op.makes in gone:
            continue
        for pattern in PATTERNS.get(op.kind, ()):
            match = _match(pattern, op, wiring)
            if match is None or any(each.makes in gone for each in match[2]):
                continue
            kind, reads, inner, *given = match
            if wiring.only_inside(inner, op):
                attributes = given[0] if given else _attributes(kind, inner, wiring)
                changed[op.makes] = replace(op, kind=kind, reads=reads, attributes=attributes)
                gone.update(each.makes for each in inner)
                break
    return [changed.get(op.makes, op) for op in ops if op.makes not in gone]


def _match(pattern: Pattern, op: Op, wiring: Wiring) -> PatternMatch:
    """Return what a pattern matches; None for an operator of the wrong form."""
    try:
        return pattern(op, wiring)
    except (UnsupportedError, *MALFORMED):
        return None


def _attributes(kind: str, inner: Sequence[Op], wiring: Wiring) -> Mapping[str, object]:
    """Return the attributes of the operator that replaces a group."""
    if kind == "Gelu":
        return {"approximate": "none" if any(each.kind == "Erf" for each in inner) else "tanh"}
    if kind == "LRN":
        return _lrn_attributes(inner, wiring)
    return {}


def linear(op: Op, wiring: Wiring) -> PatternMatch:
    """Match x·W + b."""
    for product, bias in (op.reads, op.reads[::-1]):
        matmul, constant = wiring.maker(product, "MatMul"), wiring.constant(bias)
        if matmul is None or constant is None or constant.shape is None or len(constant.shape) != 1:
            continue
        weight = wiring.constant(matmul.reads[1])
        if weight is not None and len(weight.shape or ()) == 2 and (weight.shape or ())[1] == constant.shape[0]:
            return "linear", (*matmul.reads, bias), [matmul]
    return None


def gate(op: Op, wiring: Wiring) -> PatternMatch:
    """Match x·f(x): silu, hardswish, mish."""
    for x, gated in (op.reads, op.reads[::-1]):
        if (sigmoid := wiring.maker(gated, "Sigmoid")) and sigmoid.reads[0] == x:
            return "silu", (x,), [sigmoid]
        if (hard := wiring.maker(gated, "HardSigmoid")) and hard.reads[0] == x and _is_sixth(hard):
            return "hardswish", (x,), [hard]
        tanh = wiring.maker(gated, "Tanh")
        soft = wiring.maker(tanh.reads[0], "Softplus") if tanh else None
        if tanh and soft and soft.reads[0] == x:
            return "mish", (x,), [soft, tanh]
        clip = _match_sixths(gated, wiring)  # x·(clip(x + 3)/6)
        if clip and clip[0] == x:
            return "hardswish", (x,), clip[1]
    return None


def _is_sixth(op: Op) -> bool:
    return abs(op.get("alpha", Fraction(1, 5)) - Fraction(1, 6)) < Fraction(1, 10**6)


def _match_clip(name: str, wiring: Wiring) -> tuple[str, list[Op]] | None:
    """Match clip(x + 3, 0, 6); return x and the operators."""
    clip = wiring.maker(name, "Clip")
    shifted = wiring.maker(clip.reads[0], "Add") if clip else None
    x = wiring.beside_scalar(shifted, 3)
    if clip is None or shifted is None or x is None or _bounds(clip, wiring) != (0, 6):
        return None
    return x, [shifted, clip]


def _bounds(clip: Op, wiring: Wiring) -> tuple[object, object]:
    if "min" in clip.attributes:
        return clip.attributes["min"], clip.attributes.get("max")
    given = [wiring.scalar(name) for name in clip.reads[1:3]]
    return (given[0], given[1]) if len(given) == 2 else (None, None)


def _match_sixths(name: str, wiring: Wiring) -> tuple[str, list[Op]] | None:
    """Match clip(x + 3, 0, 6)/6, written as a division or a product."""
    last = wiring.maker(name, "Div", "Mul")
    inner = wiring.beside_scalar(last, 6 if last and last.kind == "Div" else Fraction(1, 6))
    clipped = _match_clip(inner, wiring) if inner else None
    return (clipped[0], [*clipped[1], last]) if clipped and last else None


def hard(op: Op, wiring: Wiring) -> PatternMatch:
    """Match clip(x + 3, 0, 6)/6 as hardsigmoid and x·clip(x + 3, 0, 6)/6 as hardswish."""
    inner = wiring.beside_scalar(op, 6 if op.kind == "Div" else Fraction(1, 6))
    if inner is None:
        return None
    if clipped := _match_clip(inner, wiring):
        return "hardsigmoid", (clipped[0],), clipped[1]
    product = wiring.maker(inner, "Mul")
    for x, gated in (product.reads, product.reads[::-1]) if product else ():
        clipped = _match_clip(gated, wiring)
        if product and clipped and clipped[0] == x:
            return "hardswish", (x,), [*clipped[1], product]
    return None


def gelu(op: Op, wiring: Wiring) -> PatternMatch:
    """Match x·0.5·(1 + erf(x/√2)) in the two orders that exporters write."""
    whole = wiring.beside_scalar(op, Fraction(1, 2))
    product = wiring.maker(whole, "Mul") if whole else None
    pairs = [(op.reads, [])] if product is None else [(product.reads, [product])]
    for (one, two), before in pairs:
        for x, other in ((one, two), (two, one)):
            more = list(before)
            half = wiring.maker(x, "Mul")
            base = wiring.beside_scalar(half, Fraction(1, 2)) if product is None else x
            if product is None and half is not None:
                more.append(half)
            shifted = _match_erf(other, wiring)
            if base is not None and shifted and shifted[0] == base:
                return "Gelu", (base,), [*shifted[1], *more]
    return None


def _match_erf(name: str, wiring: Wiring) -> tuple[str, list[Op]] | None:
    """Match 1 + erf(x/√2); return x and the operators."""
    added = wiring.maker(name, "Add")
    inner = wiring.beside_scalar(added, 1)
    erf = wiring.maker(inner, "Erf") if inner else None
    divided = wiring.maker(erf.reads[0], "Div", "Mul") if erf else None
    x = wiring.beside_scalar(divided, ROOT_2 if divided and divided.kind == "Div" else 1 / ROOT_2)
    if added is None or erf is None or divided is None or x is None:
        return None
    return x, [divided, erf, added]


def lrn(op: Op, wiring: Wiring) -> PatternMatch:
    """Match x/(k + α·mean of x² over neighbouring channels)^β, with the mean as an average pooling over channels."""
    x = op.reads[0]
    power = wiring.maker(op.reads[1], "Pow")
    shifted = wiring.maker(power.reads[0], "Add") if power else None
    scaled = wiring.maker(wiring.data(shifted), "Mul") if shifted else None
    if power is None or shifted is None or scaled is None:
        return None
    inner, name = [power, shifted, scaled], wiring.data(scaled)
    while maker := wiring.maker(name, *LRN_CHAIN):
        inner.append(maker)
        name = maker.reads[0]
    square = wiring.maker(name, "Mul", "Pow")
    pooled = any(each.kind == "AveragePool" for each in inner)
    if square is None or not pooled or square.reads[0] != x or (square.kind == "Mul" and square.reads[1] != x):
        return None
    return "LRN", (x,), [*inner, square]


def _lrn_attributes(inner: Sequence[Op], wiring: Wiring) -> Mapping[str, object]:
    power, shifted, scaled = inner[:3]
    pool = next(each for each in inner if each.kind == "AveragePool")
    return {
        "size": pool.whole("kernel_shape", [1])[0],
        "alpha": wiring.number(scaled),
        "bias": wiring.number(shifted),
        "beta": wiring.scalar(power.reads[1]),
    }


def per_channel(op: Op, wiring: Wiring) -> PatternMatch:
    """Match x·c + d, or a part of it, with constants per channel of a feature map, or trainable ones for all."""
    for x, constant in (op.reads, op.reads[::-1]):
        for shared, fits in ((False, _is_per_channel), (True, _is_learnt_scalar)):
            if not fits(constant, wiring) or wiring.constant(x) is not None:
                continue
            told = {"shared": True} if shared else {}
            if op.kind == "Mul":
                return "scale", (x, constant), [], told
            mul = wiring.maker(x, "Mul")
            product = per_channel(mul, wiring) if mul else None
            if mul and product and len(product) == 4 and product[3] == told:
                return "scale", (*product[1], constant), [mul], {**told, "bias": True}
            return "scale", (x, constant), [], {**told, "factor": False, "bias": True}
    return None


def _is_learnt_scalar(name: str, wiring: Wiring) -> bool:
    """Return whether a constant is one trainable number."""
    tensor = wiring.constant(name)
    return tensor is not None and tensor.learnt and not tensor.number and all(size == 1 for size in tensor.shape or ())


def _is_per_channel(name: str, wiring: Wiring) -> bool:
    """Return whether a constant holds one number per channel: [C, 1, 1], optionally with a batch axis of 1."""
    shape = (tensor.shape if (tensor := wiring.constant(name)) else None) or ()
    inner = shape[1:] if len(shape) > 1 and shape[0] == 1 else shape
    return len(inner) >= 2 and inner[0] != 1 and all(size == 1 for size in inner[1:])


def rescale(op: Op, wiring: Wiring) -> PatternMatch:
    """Match x·factor + offset where no other pattern applies."""
    return match_rescale(op, wiring, lambda at: any(_match(each, at, wiring) for each in MORE.get(at.kind, ())))


MORE: Mapping[str, Sequence[Pattern]] = {
    "Add": (linear, grn, normalized, per_channel),
    "Mul": (gate, hard, gelu, normalized, bare, per_channel),
    "Div": (hard, lrn, softplus, l2norm, bare),
    "Where": (softplus,),
    "Reshape": (pixel_unshuffle, grouped),
    "Squeeze": (pixel_unshuffle,),
    "Expand": (repeated,),
    "Gather": (strided,),
    "Concat": (wrapped, rolled),
}
PATTERNS = {**MORE, **{kind: (*MORE.get(kind, ()), rescale) for kind in STEPS}}
