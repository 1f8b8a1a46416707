"""Reads the value of a block's key as arguments: numbers, and tensors where the block's parameter is one."""

from __future__ import annotations

import re
from collections.abc import Collection

from cnncalc.document.reader import Reader, blank
from cnncalc.document.references import read_references
from cnncalc.document.types import BlockCall, Reference, Template
from cnncalc.document.words import MODIFIERS
from cnncalc.errors import Span
from cnncalc.records import replace
from cnncalc.source.reading import Mapping, Node, Scalar
from cnncalc.suggest import ask, nearest, suggest

_NAMELIKE = r"(?s)[A-Za-z_][\w.*-]*(?:\{.*)?"


def block_call(reader: Reader, key: Scalar, value: Node | None, shared: bool) -> BlockCall | None:
    """A call of a block by name, or by the parameter that names it; `shared`: without arguments it takes another's."""
    name = key.text
    if name.startswith("$") and name[1:] not in reader.visible:
        _unknown_word(reader, key)
        return None
    if value is None or blank(value):
        return _check_arguments(reader, key, BlockCall(name, {}), {}, shared)
    if not isinstance(value, Mapping):
        return _with_natural_argument(reader, key, value, shared)
    arguments: dict[str, Template] = {}
    tensors: dict[str, tuple[Reference, ...]] = {}
    keys = {}
    for argument, (k, node) in value.entries.items():
        if argument in MODIFIERS and not _is_parameter(reader, name, argument):
            _unknown_parameter(reader, name, k, ())
            continue
        keys[argument] = k
        if _is_tensor(reader, name, argument):
            tensors[argument] = read_references(reader, node, f"{name}: {argument}")
        elif template := _number(reader, name, argument, node):
            arguments[argument] = template
    return _check_arguments(reader, key, BlockCall(name, arguments, tensors=tensors), keys, shared)


def _with_natural_argument(reader: Reader, key: Scalar, value: Node, shared: bool) -> BlockCall | None:
    """`unit: 64`, or `merge: skip`: a lone value is the first parameter."""
    name = key.text
    first = "" if name.startswith("$") else next(iter(reader.blocks[name].parameters), "")
    if first and _is_tensor(reader, name, first):
        call = BlockCall(name, {}, tensors={first: read_references(reader, value, name)})
        return _check_arguments(reader, key, call, {first: key}, shared)
    template = _number(reader, name, first, value)
    return _check_arguments(reader, key, BlockCall(name, {}, template), {}, shared) if template else None


def _unknown_word(reader: Reader, key: Scalar) -> None:
    """Report `$name` where no parameter has this name."""
    near = nearest(key.text[1:], reader.visible)
    hint = ask(f"${near}") if near else "'$name' calls the block or layer named by a parameter"
    if key.text[1:] in reader.tensors:
        hint = "it is a tensor: read it with from, concat, add or like"
    reader.fault(f"unknown parameter '{key.text}'", key.span, hint)


def _number(reader: Reader, block: str, argument: str, node: Node) -> Template | None:
    """The value of a parameter that is not a tensor; a name that is not known here may be meant as one."""
    aside = replace(reader, faults=[])
    template = aside.value(node, f"{block}: {argument}" if argument else block)
    for fault in aside.faults:
        namelike = isinstance(node, Scalar) and re.fullmatch(_NAMELIKE, node.text)
        if namelike and argument and not (fault.hint or "").startswith("did you mean"):
            declared = f"declare it as 'tensor {argument}' in the signature of {block}"
            fault = fault._replace(hint=f"if '{argument}' is a tensor, {declared}")
        reader.faults.append(fault)
    return template


def _called(reader: Reader, name: str) -> list[str]:
    """The blocks that a call may mean: the one that it names, or any for `$name`."""
    return list(reader.blocks) if name.startswith("$") else [name]


def _is_parameter(reader: Reader, name: str, argument: str) -> bool:
    called = [reader.blocks[block] for block in _called(reader, name)]
    return any(argument in block.parameters or not block.readable for block in called)


def _is_tensor(reader: Reader, name: str, argument: str) -> bool:
    return any(argument in reader.blocks[block].tensors for block in _called(reader, name))


def _unknown_parameter(reader: Reader, block: str, key: Scalar, parameters: Collection[str]) -> None:
    from cnncalc.document.vocabulary import beside_hint

    has = f"it has {', '.join(parameters) or 'none'}"
    hint = beside_hint(key.text, block) or suggest(key.text, parameters, has)
    reader.fault(
        f"unknown parameter '{key.text}' of {'' if block.startswith('$') else 'block '}{block}", key.span, hint
    )


def _check_arguments(
    reader: Reader, key: Scalar, call: BlockCall, keys: dict[str, Scalar], shared: bool
) -> BlockCall | None:
    """Check the arguments against the block's parameters, if the block is known by name."""
    if call.indirect or not reader.blocks[call.name].readable:
        return call
    signature = reader.blocks[call.name]
    parameters = signature.parameters
    for argument, written in keys.items():
        if argument not in parameters:
            _unknown_parameter(reader, call.name, written, parameters)
    if call.natural is not None and not parameters:
        reader.fault(f"block {call.name} takes no arguments", call.natural.span, f"write '{call.name}' alone")
        return None
    given = {*keys, *([next(iter(parameters))] if call.natural is not None else [])}
    needed = [name for name, required in parameters.items() if required]
    if shared and not call.given:  # all but the tensors come from the block whose weights it shares
        needed = [name for name in needed if name in signature.tensors]
    if set(needed) - given and given <= parameters.keys():
        _missing(reader, call.name, [name for name in needed if name not in given], needed, key.span)
    return call


def _missing(reader: Reader, block: str, missing: list[str], needed: list[str], span: Span) -> None:
    hint = f"write {block}: {{{', '.join(f'{name}: …' for name in needed)}}}"
    reader.fault(f"block {block} needs {' and '.join(missing)}", span, hint)
