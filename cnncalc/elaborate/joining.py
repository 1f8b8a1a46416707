"""Hints for joins: the layer that brings an input to the shape of another, and what to write for one named twice."""

from __future__ import annotations

from cnncalc.document.types import LayerCall
from cnncalc.elaborate.frame import Frame
from cnncalc.errors import Fault, Span, SpecError
from cnncalc.layers.layer import Layer, Shape, text
from cnncalc.symbolic import Size, relation_eq

_MOST_STRIDE = 64


def joins_network_input(call: LayerCall, frame: Frame) -> bool:
    """Whether `add: input` stands in a block, where `input` still means the network's."""
    while frame.block is None and frame.parent:
        frame = frame.parent
    return frame.block is not None and any(reference.text == "input" for reference in call.joined)


def joining_hint(layer: Layer, names: tuple[str, ...], shapes: tuple[Shape, ...], joined_by: str) -> str:
    """How to bring the inputs of an elementwise join to the same shape; `joined_by` as for `add_context`."""
    if len({len(shape) for shape in shapes}) > 1:
        return _axes_hint(names, shapes)
    first, second = _first_mismatch(shapes)
    if gate := _gate_hint(layer, (names[first], names[second]), (shapes[first], shapes[second])):
        return gate
    if joined_by:
        return _residual_hint(shapes[second], shapes[first], joined_by)
    name, wanted = names[second], shapes[first]
    if all(map(_match, shapes[second][1:], wanted[1:])):
        return f"make the channels equal first: put {adapt(shapes[second], wanted)} after {name}"
    return "make the sizes equal first: adjust stride or padding, or add `crop` or `upsample` to one of the inputs"


def adapt(shape: Shape, wanted: Shape) -> str | None:
    """The layer that gives `wanted` from `shape`, as a spec writes it: linear, or conv of kernel 1; None if neither."""
    if len(shape) == 1:
        return f"`linear: {wanted[0]}`"
    strides = _smaller(wanted, shape)
    if strides is not None:
        equal = len(set(strides)) == 1
        stride = strides[0] if equal else list(strides)
        return f"`conv: {{out_channels: {wanted[0]}, kernel_size: 1{'' if stride == 1 else f', stride: {stride}'}}}`"
    if len(shape) == 2 and _equal(shape[0], wanted[0]):
        return f"`linear: {{out_features: {wanted[1]}, axis: last}}`"
    return None


def _residual_hint(shape: Shape, wanted: Shape, joined_by: str) -> str:
    """How the shortcut of a residual gets the shape of its body."""
    if joined_by == "shortcut":
        return f"make the shortcut end in {text(wanted)} like the body, with its stride and channels"
    if adapter := adapt(shape, wanted):
        return f"give the residual a shortcut: {{body: […], shortcut: [{adapter.strip('`')}]}}"
    return "keep the size in the body with `padding: same`, or give the residual a shortcut with `crop` or `upsample`"


def _first_mismatch(shapes: tuple[Shape, ...]) -> tuple[int, int]:
    """The indices of the widest input and of the first one that does not match it."""
    widest = max(range(len(shapes)), key=lambda index: (sum(size != 1 for size in shapes[index]), -index))
    for index, shape in enumerate(shapes):
        if not all(map(_match, shape, shapes[widest])):
            return (widest, index) if widest < index or _is_gate(shape) else (index, widest)
    return 0, 1


def _gate_hint(layer: Layer, names: tuple[str, str], shapes: tuple[Shape, Shape]) -> str | None:
    """For a map of one pixel per channel beside a larger map: the channels that it lacks."""
    for index in (0, 1):
        gate, other = shapes[index], shapes[1 - index]
        if len(gate) > 1 and _is_gate(gate) and not _is_gate(other):
            what = "gate" if layer.kind == "multiply" else "map of one pixel"
            end = f"give it {other[0]} with `conv: {{out_channels: {other[0]}, kernel_size: 1}}`"
            return f"the {what} {names[index]} has {gate[0]} channels, {names[1 - index]} {other[0]}: {end}"
    return None


def _axes_hint(names: tuple[str, ...], shapes: tuple[Shape, ...]) -> str:
    """How to bring a vector with one element per channel, as in squeeze-and-excite, to the axes of a map."""
    largest = max(shapes, key=len)
    name, shape = next(pair for pair in zip(names, shapes, strict=True) if len(pair[1]) < len(largest))
    if len(shape) > 1:
        return f"give {name} the axes of {text(largest)}: `reshape` or `flatten` one of them"
    reshape = f"`reshape: {text((largest[0], *(1,) * (len(largest) - 1)))}` after it"
    if _equal(shape[0], largest[0]):
        return f"add axes to the vector: {reshape}"
    return f"the vector {name} has {shape[0]} elements, not one per channel: `linear: {largest[0]}`, and {reshape}"


def _is_gate(shape: Shape) -> bool:
    return all(isinstance(size, int) and size == 1 for size in shape[1:])


def _smaller(wanted: Shape, shape: Shape) -> tuple[int, ...] | None:
    """The strides at which a kernel of 1 makes the sizes of `shape` those of `wanted`; None if there are none."""
    strides = tuple(_stride(size, out) for size, out in zip(shape[1:], wanted[1:], strict=True))
    return None if None in strides else tuple(stride for stride in strides if stride is not None)


def _stride(size: Size, out: Size) -> int | None:
    return next((stride for stride in range(1, _MOST_STRIDE + 1) if _equal((size - 1) // stride + 1, out)), None)


def _match(one: Size, other: Size) -> bool:
    return any(isinstance(size, int) and size == 1 for size in (one, other)) or _equal(one, other)


def _equal(one: Size, other: Size) -> bool:
    return relation_eq(one, other) is True


def fault_of_duplicate_join(call: LayerCall, place: int, tensor: str, first: bool) -> SpecError:
    """The fault of a join that names one of its inputs again, the first or another of `from`."""
    texts = [reference.text for reference in call.joined]
    span = call.joined[min(place, len(texts) - 1)].span
    if not first:
        hint = f"name it once; to join it with itself, name it twice under 'from' and write '{call.kind}' alone"
        return SpecError([Fault(f"{call.kind}: {tensor} is already listed under 'from'", span, hint)])
    alone = f"name another one; to join it with itself, write 'from: [{texts[0]}, {texts[0]}]'"
    hint = f"leave it out, or list all inputs: 'from: [{', '.join(texts)}]'" if len(texts) > 1 else alone
    return SpecError([Fault(f"{call.kind}: {tensor} is already the first input", span, hint)])


def fault_of_lone_join(call: LayerCall, where: str, span: Span) -> SpecError:
    """The fault of a join that has only the running tensor."""
    hint = f"name the tensor to join: '{call.kind}: x' or 'from: [x, y]'"
    return SpecError([Fault(f"{where}: {call.kind} has nothing to join with its input", span, hint)])
