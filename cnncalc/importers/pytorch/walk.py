"""Translates the captured graph into a list of layers in one walk over its operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from operator import getitem
from typing import Any

import torch
from torch import nn
from torch.fx import Node as Operation

from cnncalc.importers.pytorch.batched import divide, find_batched, join, on_each, replace_batched
from cnncalc.importers.pytorch.binding import bind
from cnncalc.importers.pytorch.call import Call, Parts, Result
from cnncalc.importers.pytorch.composites import FUNCTIONS, MODULES, Whole
from cnncalc.importers.pytorch.constants import constant_of
from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.pytorch.exporting import Program
from cnncalc.importers.pytorch.grouping import Group, class_of, groups, operator, output_shapes
from cnncalc.importers.pytorch.hoisting import hoist
from cnncalc.importers.pytorch.materialized import materialize
from cnncalc.importers.pytorch.names import Names
from cnncalc.importers.pytorch.norms import WrittenNorm, written_norms
from cnncalc.importers.pytorch.rows import merged_rows
from cnncalc.importers.pytorch.rules.learnt import by_itself
from cnncalc.importers.pytorch.translating import remember, translate
from cnncalc.importers.pytorch.unknown import unknown
from cnncalc.importers.pytorch.values import Batched, Constant, Inexpressible, Sizes, Stored, Tensor, Value, plain

VIEWS = {
    *("view", "reshape", "unsqueeze", "squeeze", "alias", "detach", "contiguous", "to", "clone", "type_as", "flatten"),
    *("reshape_as", "view_as", "lift_fresh_copy", "transpose", "permute", "t"),
}
FILLED = ("new_zeros", "new_ones", "new_full", "new_empty", "zeros_like", "ones_like", "full_like", "empty_like")


class Walk:
    """The value of every operation, and the layers that were added on the way."""

    def __init__(self, program: Program, inputs: Mapping[str, Sizes]) -> None:
        self.program = program
        self.emission = Emission(inputs, Names(inputs), program.batch)
        self.kept = {stored.name: stored for stored in program.stored.values()}
        self.values: dict[Operation, Result] = {}
        self._alone: dict[Constant, Tensor] = {}
        self._modules = dict(program.module.named_modules(remove_duplicate=False))
        self._groups = {
            group.operations[0]: group for group in groups(program.operations, self._modules, MODULES, FUNCTIONS)
        }
        self._rows = merged_rows(program.operations)
        self._norms = written_norms(program.operations)
        for operation in program.operations:
            if operation not in self.values:
                self._step(operation)
        tensors = {name: self._tensor(operation) for name, operation in program.outputs.items()}
        self.outputs = {name: tensor.name for name, tensor in tensors.items() if tensor is not None}

    def _tensor(self, operation: Operation) -> Tensor | None:
        """An operation's result in our axis order; None where it does not depend on an input."""
        value = self.values.get(operation)
        if isinstance(value, Batched):
            value = self._join(operation, value)
        if not isinstance(value, Tensor) or value.plain:
            return value if isinstance(value, Tensor) else None
        return self._call(operation, {}).arranged(value, None)

    def _step(self, operation: Operation) -> None:
        if operation.op == "placeholder":
            self.values[operation] = self._placeholder(operation)
        elif operation.target is getitem and not operation.users:
            return  # a part that nothing reads
        elif operation.target is getitem:
            source = self.values[operation.args[0]]  # type: ignore[index]
            assert isinstance(source, Parts)
            self.values[operation] = source[operation.args[1]]  # type: ignore[index]
        elif self._add_several(operation):
            return
        elif isinstance(operation.target, torch._ops.OpOverload) and output_shapes(operation):
            self.values[operation] = self._result(operation)

    def _add_several(self, operation: Operation) -> bool:
        """Whether an operation is the first of several that are one layer, which is added."""
        if operation in self._rows and self._add_linear(operation, *self._rows[operation]):
            return True
        if operation in self._norms and self._add_norm(self._norms[operation]):
            return True
        return operation in self._groups and self._add_group(self._groups[operation])

    def _add_group(self, group: Group) -> bool:
        """Whether a group of operations is one layer; if so, it is added. A module may read several tensors."""
        if any(isinstance(self.values.get(each), Batched) for each in group.entering):
            return False
        entering = [value for each in group.entering if isinstance(value := self.values.get(each), Tensor)]
        if not entering or (len(entering) > 1 and group.module is None):
            return False
        call = self._call(group.result, {f"input{number}": tensor for number, tensor in enumerate(entering)})
        if group.path:
            call = replace(call, path=group.path)
        self.emission.begin()
        try:
            whole = (class_of(group.module, MODULES) or FUNCTIONS[group.name])(group)
            stored = {name: self.kept[f"{group.path}.{name}".lstrip(".")] for name in whole.stored}
            if whole.channels == 1:
                inputs = [call.plain(f"input{number}") for number in whole.reads or range(len(entering))]
                tensor = call.emit(whole.kind, whole.arguments, inputs, call.seen[1:], None, stored)
            else:
                tensor = self._in_its_order(call, whole, entering[0], stored)
        except Inexpressible:
            self.emission.roll_back()
            return False
        for name, kept in self.kept.items():  # buffers of our own modules that their layer does not count
            if group.path and name.startswith(f"{group.path}.") and not kept.learnt:
                self.emission.owners.setdefault(kept.key, tensor.name)
        self.values.update(dict.fromkeys(group.operations, tensor))
        return True

    def _in_its_order(self, call: Call, whole: Whole, tensor: Tensor, stored: Mapping[str, Stored]) -> Tensor:
        """The layer of a group whose channels PyTorch sees in another place, in the order of its input."""
        arguments = whole.arguments
        if whole.channels == 0:
            dims = sorted(tensor.axis(dim) for dim in arguments["dim"])  # type: ignore[attr-defined] # numbers
            arguments = {name: value for name, value in arguments.items() if name != "dim"}
            arguments |= {} if dims == [1] else {"dim": dims}
        elif tensor.order[whole.channels] != 1:
            raise Inexpressible
        return call.emit(whole.kind, arguments, [tensor], tensor.shape, tensor.order, stored)

    def _add_linear(self, first: Operation, linear: Operation, last: Operation) -> bool:
        """Whether a linear layer between two views is added, as one of the tensor before them."""
        shape = (*output_shapes(last)[0][:-1], output_shapes(first)[0][-1])
        entering = translate(replace(self._call(first, bind(first, self.values)), seen=shape))
        if not isinstance(entering, Tensor):
            return False
        call = self._call(linear, bind(linear, {**self.values, first: entering}))
        result = translate(replace(call, seen=output_shapes(last)[0]))
        if not isinstance(result, Tensor):
            return False
        self.values.update({first: entering, linear: result, last: result})
        return True

    def _add_norm(self, norm: WrittenNorm) -> bool:
        """Whether a normalization that is written out is added as one layer."""
        arguments = {"input": self.values.get(norm.entering), "dim": norm.dim, "eps": norm.eps}
        if not isinstance(arguments["input"], Tensor):
            return False
        result = translate(replace(self._call(norm.operations[-1], arguments), op="rms_norm, written out"))
        if result is None:
            return False
        self.values.update(dict.fromkeys(norm.operations, result))
        return True

    def _placeholder(self, operation: Operation) -> Value:
        name = str(operation.target)
        if name in self.program.inputs:
            given = self.program.inputs[name]
            return plain(given, self.emission.shapes[given])
        shape = tuple(operation.meta["val"].shape)
        stored = self.program.stored.get(name)
        return Constant(shape, (stored,), True) if stored else Constant(shape)

    def _result(self, operation: Operation) -> Result:
        arguments = bind(operation, self.values)
        if not find_batched(arguments):
            return self._on_one(operation, arguments, output_shapes(operation)[0])
        shapes, batch = output_shapes(operation), self.program.batch
        divided = divide(operation, arguments, shapes, batch)
        if divided is not None:
            return divided
        each = on_each(arguments, shapes, batch, lambda given, seen: self._on_one(operation, given, seen))
        if each is not None:
            if operation.target._schema.is_mutable:  # type: ignore[union-attr]
                self.values[operation.args[0]] = each  # type: ignore[index]
            return each
        whole = {name: replace_batched(value, partial(self._join, operation)) for name, value in arguments.items()}
        return self._on_one(operation, whole, shapes[0])

    def _join(self, operation: Operation, batched: Batched) -> Tensor:
        return join(batched, self.emission, f"{self._place(operation)[0].rstrip('.')}.".lstrip("."))

    def _on_one(self, operation: Operation, arguments: Mapping[str, Any], seen: Sizes) -> Result:
        call = replace(self._call(operation, arguments), seen=seen)
        if call.op in FILLED or not any(True for _ in call.tensors()):
            learnt = any(stored.learnt for constant in call.constants() for stored in constant.sources)
            apart = learnt and any(constant.repeated is not None for constant in call.constants())
            apart = apart and call.op not in FILLED
            made = translate(call, self._with_layers) if apart else None
            return made or constant_of(operation, call, VIEWS)
        result = hoist(call, translate) or translate(call)
        result = result or translate(call, self._with_layers) or materialize(call)
        result = result or translate(replace(call, op=f"{call.op}, step by step")) or self._unknown(operation, call)
        remember(call, result)
        if isinstance(result, Tensor) and isinstance(operation.meta["val"], list | tuple):
            result = _first_output(result, call, operation)
        if call.inplace and isinstance(result, Tensor):
            self._overwrite(operation, result)
        return result

    def _with_layers(self, call: Call) -> Call:
        """The call with a layer for every tensor that is repeated for all images."""
        if all(constant.repeated is None for constant in call.constants()):
            raise Inexpressible

        def one(value: Any) -> Any:  # noqa: ANN401
            if isinstance(value, Constant):
                return value if value.repeated is None else self._layer_of(call, value)
            return [one(each) for each in value] if isinstance(value, list) else value

        return replace(call, arguments={name: one(value) for name, value in call.arguments.items()})

    def _layer_of(self, call: Call, constant: Constant) -> Tensor:
        """The layer of a tensor that is repeated for every image, the same one each time."""
        key = constant._replace(made=None)
        if key not in self._alone or self._alone[key].name not in self.emission.nodes:
            self._alone[key] = by_itself(call, constant)
        return self._alone[key]

    def _call(self, operation: Operation, arguments: Mapping[str, Any]) -> Call:
        op = operator(operation)
        self.emission.operation = operation
        path, module = self._place(operation)
        first = next((arg for arg in operation.args if isinstance(arg, Operation)), None)
        return Call(
            op=op,
            arguments=arguments,
            seen=output_shapes(operation)[0] if arguments else (),
            path=path,
            module=module,
            inplace=bool(arguments) and operation.target._schema.is_mutable,  # type: ignore[union-attr]
            alone=first is None or len(first.users) == 1,
            readers=frozenset(map(operator, operation.users)),
            emission=self.emission,
            kept=self.kept,
        )

    def _place(self, operation: Operation) -> tuple[str, nn.Module]:
        """The path and module of the innermost module around an operation; other paths than torch.nn's end in a dot."""
        stack = operation.meta.get("nn_module_stack") or {}
        path = str(next(reversed(stack.values()))[0]).partition("@")[0] if stack else ""
        module = self._modules.get(path, self.program.module)
        own = type(module).__module__.startswith("torch.nn.") and not isinstance(module, nn.Sequential)
        return (path if own or not path else f"{path}."), module

    def _unknown(self, operation: Operation, call: Call) -> Result:
        shapes = output_shapes(operation)
        if not isinstance(operation.meta["val"], list | tuple):
            return unknown(call, call.seen)
        return Parts(lambda number: unknown(call, shapes[number]))

    def _overwrite(self, operation: Operation, result: Tensor) -> None:
        """After an in-place operation, replace its operand, under every view, by its result."""
        written: Any = operation.args[0]
        before = self.values[written]
        self.values[written] = result
        if isinstance(before, Tensor):
            for other, value in self.values.items():
                if isinstance(value, Tensor) and value.name == before.name and value.shape == result.shape:
                    self.values[other] = value._replace(name=result.name)


def _first_output(result: Tensor, call: Call, operation: Operation) -> Parts:
    """Several outputs of which the first is the layer's; the others (the indices of a maximum, say) are unknown."""
    shapes = output_shapes(operation)
    return Parts(lambda number: result if number == 0 else unknown(call, shapes[number]))
