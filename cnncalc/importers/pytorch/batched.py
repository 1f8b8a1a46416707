"""Operations on tensors that were concatenated along the batch: on each of them by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch.fx import Node as Operation

from cnncalc.importers.pytorch.call import Parts, Result, flat
from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.pytorch.grouping import operator
from cnncalc.importers.pytorch.values import Batched, Sizes, Tensor

DIVIDING = ("chunk", "split", "split_with_sizes", "tensor_split")


def find_batched(arguments: Mapping[str, Any]) -> list[Batched]:
    """The arguments that stand for several tensors."""
    return [value for value in flat(arguments.values()) if isinstance(value, Batched)]


def divide(operation: Operation, arguments: Mapping[str, Any], outputs: list[Sizes], batch: int) -> Result | None:
    """The tensors again, where an operation divides them along the batch as they were; else None."""
    given = arguments.get("self", arguments.get("input"))
    if not isinstance(given, Batched) or given.parts[0].order[0] != 0 or arguments.get("dim", 0) != 0:
        return None
    op = operator(operation)
    if op in DIVIDING and len(outputs) == len(given.parts) and all(shape[0] == batch for shape in outputs):
        return Parts(given.parts.__getitem__)
    start = arguments.get("start") or 0
    if op == "slice" and outputs[0][0] == batch and start % batch == 0 and arguments.get("step", 1) == 1:
        return given.parts[start // batch]
    return None


def on_each(
    arguments: Mapping[str, Any], outputs: list[Sizes], batch: int, run: Callable[[Mapping[str, Any], Sizes], Result]
) -> Batched | None:
    """The results of an operation on each of several tensors; None if it is none on single images.

    `run` takes the arguments for one of them, and the output shape.
    """
    counts = {len(batched.parts) for batched in find_batched(arguments)}
    count = counts.pop()
    if counts or len(outputs) != 1 or not outputs[0] or outputs[0][0] != count * batch:
        return None
    seen = (batch, *outputs[0][1:])
    results = [run(_pick(dict(arguments), number), seen) for number in range(count)]
    tensors = [result for result in results if isinstance(result, Tensor)]
    return Batched(tensors) if len(tensors) == count else None


def join(batched: Batched, emission: Emission, path: str) -> Tensor:
    """Several tensors as one, which no layer of ours makes."""
    first = batched.parts[0]
    shape = (len(batched.parts), *first.shape)
    name = emission.unknown("cat", [tensor.name for tensor in batched.parts], shape, path, ())
    return Tensor(name, shape, tuple(-1 if axis == 0 else axis + (1 if axis > 0 else -1) for axis in first.order))


def replace_batched(value: Any, make: Callable[[Batched], Tensor]) -> Any:  # noqa: ANN401
    """An argument, at any depth, with one tensor in the place of several."""
    if isinstance(value, Batched):
        return make(value)
    return [replace_batched(entry, make) for entry in value] if isinstance(value, list) else value


def _pick(arguments: dict[str, Any], number: int) -> dict[str, Any]:
    return {name: replace_batched(value, lambda each: each.parts[number]) for name, value in arguments.items()}
