"""Recognises normalizations that are written out: layer norm, RMS norm, and the global response norm of ConvNeXt V2.

Exporters before opset 17, and converters of TensorFlow, write the first as means, squares and a root; no opset has the
last. The operators that replace them carry the axes: `layernorm`, `rmsnorm` and `grn`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.importers.onnx.arithmetic import Match
from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.wiring import Wiring


def grn(op: Op, wiring: Wiring) -> Match:
    """Match x + (w·(x·n) + b), where n is the length of each channel over the mean of the lengths."""
    for x, scaled in (op.reads, op.reads[::-1]):
        shifted = wiring.maker(scaled, "Add")
        for weight, factors, bias, last in _affine(shifted, wiring):
            product = wiring.maker(weight, "Mul")
            if product is None or bias is None or x not in product.reads:
                continue
            share = wiring.maker(product.reads[1 - product.reads.index(x)], "Div")
            found = _share(share, wiring) if share else None
            if found and found[0] == x:
                return "grn", (x, factors, bias), [*last, product, *found[1]], found[2]
    return None


def _share(share: Op, wiring: Wiring) -> tuple[str, list[Op], dict[str, object]] | None:
    """Match length/(mean of lengths + eps); return what the lengths are of, the operators, and axes and eps."""
    length, shifted = wiring.maker(share.reads[0], "ReduceL2"), wiring.maker(share.reads[1], "Add")
    mean = wiring.maker(wiring.data(shifted), "ReduceMean") if shifted else None
    if length is None or shifted is None or mean is None or mean.reads[0] != share.reads[0]:
        return None
    attributes: dict[str, object] = {"axes": _axes(length, wiring), "epsilon": wiring.number(shifted)}
    return length.reads[0], [share, shifted, mean, length], attributes


def normalized(op: Op, wiring: Wiring) -> Match:
    """Match a layer norm or an RMS norm from its last operator: with a bias, with a factor alone, or with neither."""
    for data, weight, bias, last in _affine(op, wiring):
        found = _normalized(wiring.makers.get(data), wiring)
        if found is not None:
            kind, x, inner, attributes = found
            reads = (x, weight) if bias is None else (x, weight, bias)
            return kind, reads, [each for each in (*last, *inner) if each is not op], attributes
    return None


def bare(op: Op, wiring: Wiring) -> Match:
    """Match such a norm without factors."""
    found = _normalized(op, wiring)
    readers = wiring.read_by.get(op.makes[0], set())
    if found is None or (readers == {"Mul"} and wiring.readers[op.makes[0]] == 1):
        return None  # a factor behind it is its own, if it is stored
    kind, x, inner, attributes = found
    return kind, (x,), [each for each in inner if each is not op], attributes


def _affine(op: Op | None, wiring: Wiring) -> Iterator[tuple[str, str, str | None, list[Op]]]:
    """Match data·weight + bias, or data·weight; yield data, weight, bias and the operators."""
    if op is None:
        return
    if op.kind == "Add":
        for data, bias in (op.reads, op.reads[::-1]):
            steps = [op]
            mul = wiring.maker(data, "Mul")
            product = wiring.beside_scalar(mul, 1)  # PyTorch's `addcmul` multiplies by one
            if mul is not None and product is not None:
                steps.append(mul)
                mul = wiring.maker(product, "Mul")
            if mul is not None and wiring.constant(bias) is not None:
                yield from ((x, weight, bias, [*steps, *inner]) for x, weight, _, inner in _affine(mul, wiring))
    elif op.kind == "Mul":
        for data, weight in (op.reads, op.reads[::-1]):
            tensor = wiring.constant(weight)
            if tensor is not None and not tensor.number and wiring.constant(data) is None:
                yield data, weight, None, [op]


def _normalized(op: Op | None, wiring: Wiring) -> tuple[str, str, list[Op], dict[str, object]] | None:
    """Match x/√(mean of x² + eps), of x or of its difference from its mean."""
    if op is None or op.kind not in ("Div", "Mul"):
        return None
    for data, divisor in (op.reads, op.reads[::-1]) if op.kind == "Mul" else (op.reads,):
        inner = [op]
        if op.kind == "Mul":
            inverse = wiring.maker(divisor, "Reciprocal", "Div")
            if inverse is None or (inverse.kind == "Div" and wiring.scalar(inverse.reads[0]) != 1):
                continue
            inner.append(inverse)
            divisor = inverse.reads[-1]
        root = wiring.maker(divisor, "Sqrt")
        if root is None:
            continue
        inner.append(root)
        shifted = wiring.maker(root.reads[0], "Add")
        mean = wiring.maker(wiring.data(shifted), "ReduceMean") if shifted else None
        square = wiring.maker(mean.reads[0], "Pow", "Mul") if mean else None
        if shifted is None or mean is None or square is None or not _is_square(square, data, wiring):
            continue
        inner += [shifted, mean, square]
        attributes: dict[str, object] = {"axes": _axes(mean, wiring), "epsilon": wiring.number(shifted)}
        centred = wiring.maker(data, "Sub")
        if centred is None:
            return "rmsnorm", data, inner, attributes
        average = wiring.maker(centred.reads[1], "ReduceMean")
        if average is not None and average.reads[0] == centred.reads[0]:
            return "layernorm", centred.reads[0], [*inner, centred, average], attributes
    return None


def _is_square(op: Op, data: str, wiring: Wiring) -> bool:
    return op.reads[0] == data and (op.reads[1] == data if op.kind == "Mul" else wiring.scalar(op.reads[1]) == 2)


def _axes(op: Op, wiring: Wiring) -> list[int]:
    """The axes of a reduction that keeps them; empty for any other, which no normalization is."""
    given: Any = op.attributes.get("axes")
    if given is None and len(op.reads) > 1:
        tensor: Tensor | None = wiring.constant(op.reads[1])
        given = None if tensor is None or tensor.value is None else [int(axis) for axis in tensor.value.flat]
    return list(given or []) if op.attributes.get("keepdims", 1) else []
