"""Operations that are one layer together: those of a module, or of a function, that PyTorch takes apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from torch import nn
from torch.fx import Node as Operation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Group:
    """Operations one behind the other; the last one's result is what leaves."""

    name: str  # of the class, or of the function
    operations: tuple[Operation, ...]
    path: str  # of the module that it is
    module: nn.Module | None

    @property
    def result(self) -> Operation:
        """What leaves."""
        return self.operations[-1]

    @property
    def entering(self) -> tuple[Operation, ...]:
        """What is read from outside."""
        inside = set(self.operations)
        read = dict.fromkeys(source for each in self.operations for source in each.all_input_nodes)
        return tuple(source for source in read if source not in inside)

    def argument(self, op: str, position: int) -> object:
        """An argument of the first of its operations of a name; None where there is none."""
        found = next((each for each in self.operations if operator(each) == op and len(each.args) > position), None)
        return found.args[position] if found is not None else None

    def number(self, op: str) -> int | float | None:
        """The first number among the arguments of its operations of a name."""
        arguments = (argument for each in self.operations if operator(each) == op for argument in each.args)
        return next((argument for argument in arguments if isinstance(argument, int | float)), None)


def groups(
    operations: Sequence[Operation],
    modules: Mapping[str, nn.Module],
    classes: Mapping[type[nn.Module], object],
    functions: Mapping[str, object],
) -> Iterator[Group]:
    """The groups among operations: by modules of these classes, and else by functions of these names."""

    def key(operation: Operation) -> tuple[str, str] | None:
        for call, (path, _) in (operation.meta.get("nn_module_stack") or {}).items():
            module = modules.get(str(path).partition("@")[0])
            if class_of(module, classes) is not None:
                return str(call), str(path).partition("@")[0]
        call, function = operation.meta.get("torch_fn") or ("", "")
        name = str(function).removeprefix("function.")
        return (str(call), name) if name in functions else None

    for found, run in groupby(operations, key):
        if found is None:
            continue
        members = tuple(run)
        if any(reader not in members for each in members[:-1] for reader in each.users):
            continue
        module = modules.get(found[1])
        if class_of(module, classes) is not None:
            yield Group(type(module).__name__, members, found[1], module)
        else:
            yield Group(found[1], members, "", None)


def class_of(module: nn.Module | None, classes: Mapping[type[nn.Module], T]) -> T | None:
    """What is said of the class of a module, or of one that it is derived from."""
    return next((classes[each] for each in type(module).__mro__ if each in classes), None)


def operator(operation: Operation) -> str:
    """The operator's name, without the underscore that says "in place"; nothing for what is none."""
    name = str(getattr(getattr(operation.target, "overloadpacket", None), "__name__", ""))
    return name if name.startswith("__") else name.rstrip("_")
