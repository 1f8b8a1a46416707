"""Binds the arguments of a block call to the block's parameters."""

from __future__ import annotations

from collections.abc import Container, Iterable

from cnncalc.document.types import Block, BlockCall, Item, LayerCall, Reference
from cnncalc.elaborate.scope import Scope, value_of
from cnncalc.errors import Fault, Span, SpecError
from cnncalc.layers import LAYERS
from cnncalc.layers.values import format_value
from cnncalc.suggest import suggest


def bind(block: Block, call: BlockCall, scope: Scope, spec: Scope, span: Span, where: str) -> dict[str, object]:
    """Parameter → value; arguments are evaluated in the caller's scope, defaults in the spec's, with the caller's
    input shape.

    Raises:
        SpecError: an argument has no parameter, or a parameter has no value.
    """
    names = [parameter.name for parameter in block.parameters]
    given = dict(call.arguments)
    if call.natural is not None:
        if not names:
            raise SpecError([Fault(f"block {block.name} takes no arguments", call.natural.span)])
        if block.parameters[0].tensor:
            hint = f"name it: {call.name}: {{{names[0]}: …}}"
            raise SpecError([Fault(f"{names[0]} of block {block.name} is a tensor", call.natural.span, hint)])
        given[names[0]] = call.natural
    for argument, template in given.items():
        if argument not in names:
            hint = suggest(argument, names, f"it has {', '.join(names) or 'none'}")
            raise SpecError([Fault(f"unknown parameter '{argument}' of block {block.name}", template.span, hint)])
    bound: dict[str, object] = {name: value_of(template, scope, name, where) for name, template in given.items()}
    for parameter in block.parameters:
        if parameter.name in bound or parameter.tensor:
            continue
        if parameter.default is None:
            raise SpecError([Fault(f"block {block.name} needs {parameter.name}", span)])
        inner = spec.with_values(bound.items())
        inner.shape = scope.shape
        bound[parameter.name] = value_of(parameter.default, inner, parameter.name, where)
    return bound


def tensors_of(block: Block, call: BlockCall, span: Span) -> dict[str, tuple[Reference, ...]]:
    """Tensor parameter → the references that a call gives for it; without those that default to the block's input.

    Raises:
        SpecError: a tensor is missing, or given for a parameter that is not one.
    """
    wanted = [parameter.name for parameter in block.parameters if parameter.tensor]
    for name, references in call.tensors.items():
        if name not in wanted:
            numbers = [parameter.name for parameter in block.parameters if not parameter.tensor]
            what = f"parameter '{name}' of block {block.name} is not a tensor"
            message = what if name in numbers else f"unknown parameter '{name}' of block {block.name}"
            hint = f"declare it as 'tensor {name}' in the signature, or give a number"
            raise SpecError([Fault(message, references[0].span if references else span, hint)])
    entering = {parameter.name for parameter in block.parameters if parameter.entering}
    missing = [name for name in wanted if name not in call.tensors and name not in entering]
    if missing:
        raise SpecError([Fault(f"block {block.name} needs {' and '.join(missing)}", span)])
    return {name: call.tensors[name] for name in wanted if name in call.tensors}


def layer_in_place(call: BlockCall, kind: str, item: Item, defaults: Container[str]) -> LayerCall:
    """The layer call for `$unit` if the parameter names a layer: the same arguments, checked against its fields.

    `defaults` are the fields that it may leave out because the spec gives them.
    """
    layer = LAYERS[kind]
    accepted = layer.accepted()
    given = dict(call.arguments)
    if call.natural is not None:
        if layer.natural is None:
            raise SpecError([Fault(f"{call.name} is {kind}, which does not take a single value", call.natural.span)])
        given[layer.natural] = call.natural
    for name, template in given.items():
        if name not in accepted:
            from cnncalc.document.vocabulary import field_hint

            message = f"unknown field '{name}' of {kind} (which {call.name} names)"
            raise SpecError([Fault(message, template.span, field_hint(kind, name, accepted, given))])
    for name, references in call.tensors.items():
        message = f"unknown field '{name}' of {kind} (which {call.name} names)"
        raise SpecError([Fault(message, references[0].span if references else item.span)])
    missing = [name for name in layer.required() if name not in given and name not in defaults]
    if missing and item.share is None:
        hint = f"write {call.name}: {{{', '.join(f'{name}: …' for name in layer.required())}}}"
        raise SpecError([Fault(f"{kind} (which {call.name} names) needs {' and '.join(missing)}", item.span, hint)])
    return LayerCall(kind, given)


def fault_of_unknown_block(call: BlockCall, kind: object, blocks: Iterable[str], span: Span) -> SpecError:
    """The fault of `$unit` where the parameter names neither a layer nor a block."""
    hint = suggest(str(kind), [*blocks, *LAYERS], "set it to the name of a layer or block")
    return SpecError([Fault(f"{call.name} is {format_value(kind)}, which is not a layer or block", span, hint)])
