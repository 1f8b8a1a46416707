"""Groups the operations of a module or function that PyTorch decomposes but that is one layer in a spec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from torch import nn
from torch.fx import Node as Operation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Group:
    """Consecutive operations; the result of the last one is the output."""

    name: str  # of the class, or of the function
    operations: tuple[Operation, ...]
    path: str  # of the module that it is
    module: nn.Module | None

    @property
    def result(self) -> Operation:
        """The operation that computes the output."""
        return self.operations[-1]

    @property
    def entering(self) -> tuple[Operation, ...]:
        """The operations outside the group that it reads."""
        inside = set(self.operations)
        read = dict.fromkeys(source for each in self.operations for source in each.all_input_nodes)
        return tuple(source for source in read if source not in inside)

    def argument(self, op: str, position: int) -> object:
        """A positional argument of the group's first operation of this operator; None where there is none."""
        operation = next((each for each in self.operations if operator(each) == op and len(each.args) > position), None)
        return operation.args[position] if operation is not None else None

    def number(self, op: str) -> int | float | None:
        """The first numeric argument among the group's operations of this operator; None where there is none."""
        arguments = (argument for each in self.operations if operator(each) == op for argument in each.args)
        return next((argument for argument in arguments if isinstance(argument, int | float)), None)


def groups(
    operations: Sequence[Operation],
    modules: Mapping[str, nn.Module],
    classes: Mapping[type[nn.Module] | str, object],
    functions: Mapping[str, object],
) -> Iterator[Group]:
    """The groups among operations: by modules of these classes, else by functions of these names."""

    def key(operation: Operation) -> tuple[str, str] | None:
        for call, (path, _) in (operation.meta.get("nn_module_stack") or {}).items():
            module = modules.get(str(path).partition("@")[0])
            if class_of(module, classes) is not None:
                return str(call), str(path).partition("@")[0]
        call, function = operation.meta.get("torch_fn") or ("", "")
        name = str(function).removeprefix("function.")
        return (str(call), name) if name in functions else None

    for group_key, run in groupby(operations, key):
        if group_key is None:
            continue
        members = tuple(run)
        if any(reader not in members for each in members[:-1] for reader in each.users):
            continue
        module = modules.get(group_key[1])
        if class_of(module, classes) is not None:
            yield Group(type(module).__name__, members, group_key[1], module)
        else:
            yield Group(group_key[1], members, "", None)


def class_of(module: nn.Module | None, classes: Mapping[type[nn.Module] | str, T]) -> T | None:
    """The entry for the class of a module, for one of its base classes, or for its name; None where there is none."""
    names: tuple[type[Any] | str, ...] = (*type(module).__mro__, type(module).__name__)
    return next((classes[each] for each in names if each in classes), None)


def operator(operation: Operation) -> str:
    """The operator's name, without the trailing underscore of in-place variants; empty for anything else."""
    name = str(getattr(getattr(operation.target, "overloadpacket", None), "__name__", ""))
    return name if name.startswith("__") else name.rstrip("_")


def output_shapes(operation: Operation) -> list[tuple[int, ...]]:
    """The output shapes, batch included."""
    value: Any = operation.meta.get("val")
    values = value if isinstance(value, list | tuple) else [value]
    return [tuple(map(int, each.shape)) for each in values if hasattr(each, "shape")]
