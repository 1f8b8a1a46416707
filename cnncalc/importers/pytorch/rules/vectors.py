"""Rules for linear layers, matrix products and attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cnncalc.importers.pytorch.call import Call, Rule, ascending, sign
from cnncalc.importers.pytorch.rules import attention
from cnncalc.importers.pytorch.rules.joins import concatenate
from cnncalc.importers.pytorch.rules.learnt import merge
from cnncalc.importers.pytorch.rules.normalization import along_last
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Stored, Tensor

COMPUTED = "its bias is computed from the stored one"


def _linear(call: Call) -> Tensor:
    bias = call["bias"]
    if isinstance(bias, Constant) and not bias.whole:
        return _with_computed_bias(call, bias)
    stored = call.weights("weight", "bias")
    arguments: dict[str, object] = {"out_features": call["weight"].shape[0], "bias": "bias" in stored}
    return along_last(call, "linear", arguments, call.tensor("input"), call["weight"].shape[0], stored)


def _with_computed_bias(call: Call, bias: Constant) -> Tensor:
    """A linear layer whose bias is a stored tensor with zeros in it, or several in a row, some of them buffers."""
    learnt = [stored for stored in bias.sources if stored.learnt]
    if len(bias.sources) == 1 and learnt and learnt[0].numel == call["weight"].shape[0]:
        result = _linear(replace(call, arguments={**call.arguments, "bias": Constant(bias.shape, bias.sources, True)}))
        call.emission.note(COMPUTED, result.name)
        return result
    parts = bias.made.call.arguments.get("tensors", []) if bias.made is not None else []
    if not parts or not all(isinstance(part, Constant) and part.whole for part in parts):
        raise Inexpressible
    weight = call.weight("weight")
    assert weight is not None
    return concatenate(call, [_part_of_linear(call, weight, number, part) for number, part in enumerate(parts)], -1)


def _part_of_linear(call: Call, weight: Stored, number: int, bias: Constant) -> Tensor:
    """Some rows of a linear layer, whose bias is a parameter or a buffer."""
    rows, own = bias.shape[0], bias.sources[0]
    stored = {"weight": weight._replace(key=hash((weight.key, number)), shape=(rows, *weight.shape[1:]))}
    stored |= {"bias": own} if own.learnt else {}
    arguments: dict[str, object] = {"out_features": rows, "bias": own.learnt}
    result = along_last(call, "linear", arguments, call.tensor("input"), rows, stored)
    call.emission.owners.setdefault(weight.key, result.name)
    return result if own.learnt else merge(call, "add", result, bias)


def _matmul(left: str, right: str) -> Rule:
    def rule(call: Call) -> Tensor:
        factor = call[right]
        if isinstance(factor, Constant) and factor.whole and len(factor.shape) == 2:  # a linear layer without bias
            rows, columns = factor.shape
            stored = {"weight": factor.sources[0]._replace(shape=(columns, rows))}
            arguments: dict[str, object] = {"out_features": columns, "bias": False}
            return along_last(call, "linear", arguments, call.tensor(left), columns, stored)
        return multiply_matrices(call, call.tensor(left), call.tensor(right))

    return rule


def multiply_matrices(call: Call, left: Tensor, right: Tensor) -> Tensor:
    """The product over the last two axes, or the attention that it completes."""
    attended = attention.either_product(call, left, right)
    if attended is not None:
        return attended
    a, b = (call.arranged(tensor, None) for tensor in (left, right))
    folded_rows = min((*a.order[:-2], a.order[-1])) > 0 > a.order[-2]
    if folded_rows and b.order == tuple(range(len(a.order) + 1)):
        b = b._replace(order=a.order)  # no input enters it: it is the same for every row
    elif a.order != b.order or len(a.order) < 3 or min(a.order[-2:]) <= 0:
        raise Inexpressible
    front = tuple(max(sizes) for sizes in zip(a.shape[:-2], b.shape[:-2], strict=True))
    return call.emit("matmul", {}, [a, b], (*front, a.shape[-2], b.shape[-1]), ascending(a.order))


def _embedding(call: Call) -> Tensor:
    """The vectors of a table; their elements are our channels, PyTorch's last axis."""
    numbers, stored = call.tensor("indices"), call.weights("weight")
    rows, width = call["weight"].shape
    order = (*(axis + (axis > 0) - (axis < 0) for axis in numbers.order), 1)
    arguments: dict[str, object] = {"num_embeddings": rows, "embedding_dim": width}
    return call.emit("embedding", arguments, [numbers], (width, *numbers.shape), order, stored)


def _einsum(call: Call) -> Tensor:
    """A product of two tensors over one letter, as a product of matrices."""
    equation, tensors = call["equation"].replace(" ", ""), call["tensors"]
    entering, _, leaving = equation.partition("->")
    letters = entering.split(",")
    if len(letters) != 2 or "." in equation or not all(isinstance(tensor, Tensor) for tensor in tensors):
        raise Inexpressible
    left, right = letters
    if len(tensors[1].order) > len(right):
        right, tensors = _broadcast(call, left, right, tensors)
    front = [letter for letter in leaving if letter in left and letter in right]
    summed = [letter for letter in left if letter in right and letter not in leaving]
    rows, columns = ([letter for letter in own if letter in leaving and letter not in front] for own in letters)
    if any(len(each) != 1 for each in (summed, rows, columns)) or {len(set(own)) - len(own) for own in letters} != {0}:
        raise Inexpressible
    if sorted(left) != sorted([*front, *rows, *summed]) or sorted(right) != sorted([*front, *summed, *columns]):
        raise Inexpressible
    a = _ordered(tensors[0], left, [*front, *rows, *summed])
    b = _ordered(tensors[1], right, [*front, *summed, *columns])
    result = multiply_matrices(call, a, b)
    return _ordered(result, "".join([*front, *rows, *columns]), list(leaving))


def _broadcast(call: Call, left: str, right: str, tensors: Sequence[Tensor]) -> tuple[str, list[Tensor]]:
    """The second factor of a product, a tensor that no input enters, with the axes that it lacks, but for the rows."""
    lead = [letter for letter in left if letter not in right][:-1]
    signs = [sign(tensors[0].order[left.index(letter)]) for letter in lead]
    factor = call.arranged(tensors[1], None)
    if factor.order != tuple(range(len(right) + 1)) or not lead or signs[0] > 0:
        raise Inexpressible
    shape = ((1,) * sum(each != 0 for each in signs)) + factor.shape
    if shape != factor.shape:
        factor = call.emit("reshape", {"shape": list(shape)}, [factor], shape, own=False)
    order = ascending([*signs, *(1 for _ in right)])
    return "".join([*lead, right]), [tensors[0], factor._replace(order=order)]


def _ordered(tensor: Tensor, letters: str, wanted: list[str]) -> Tensor:
    """The axes in another order."""
    return tensor._replace(order=tuple(tensor.order[letters.index(letter)] for letter in wanted))


VECTORS: dict[str, Rule] = {
    "linear": _linear,
    "embedding": _embedding,
    "matmul": _matmul("self", "other"),
    "scaled_dot_product_attention": attention.function,
    "scaled_dot_product_attention, step by step": attention.step_by_step,
    "einsum": _einsum,
    "bmm": _matmul("self", "mat2"),
}
