"""Layers for tensors that are computed from learned ones without any input: interpolated positions, small networks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnncalc.importers.pytorch.call import Call, Result, flat
from cnncalc.importers.pytorch.lifted import lift
from cnncalc.importers.pytorch.rules import RULES
from cnncalc.importers.pytorch.rules.learnt import by_itself
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Tensor

DATA = ("self", "input", "other", "tensors", "query", "key", "value")  # the arguments that are no weights
REPEATING = ("expand", "expand_as", "repeat")


def materialize(call: Call) -> Result | None:
    """The result of an operation, after layers for the tensors that it reads; None where that fails."""
    if not any(_is_computed(constant) for constant in call.constants()) or call.op not in RULES:
        return None
    call.emission.begin()
    try:
        arguments = {name: _each(value, call) if name in DATA else value for name, value in call.arguments.items()}
        result = RULES[call.op](replace(call, arguments=arguments))
        if isinstance(result, Tensor) and result.seen(call.batch) != call.seen:
            raise Inexpressible
    except Inexpressible:
        call.emission.roll_back()
        return None
    return result


def _is_computed(constant: Constant) -> bool:
    return not constant.whole and any(stored.learnt for stored in constant.sources)


def _each(value: Any, call: Call) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_each(each, call) for each in value]
    if not isinstance(value, Constant) or not _is_computed(value):
        return value
    return _computed(value, call) if _has_room(value) else lift(value, call)


def _has_room(constant: Constant) -> bool:
    """Whether all that it is computed from has an axis of size 1 in the place of the batch."""
    if not _is_computed(constant):
        return constant.repeated is not None or constant.shape[:1] == (1,)
    given = flat(_read_by(constant).values())
    return all(_has_room(value) for value in given if isinstance(value, Constant))


def _read_by(constant: Constant) -> dict[str, Any]:
    """The tensors, and lists of them, that the operation reads which computes a tensor."""
    if constant.made is None:
        return {}
    data = {name: value for name, value in constant.made.call.arguments.items() if name in DATA}
    return {name: value for name, value in data.items() if isinstance(value, Constant | list)}


def _computed(constant: Constant, reader: Call) -> Tensor:
    """The layers of the operation that made a tensor, and of those before it."""
    made: Call | None = constant.made.call if constant.made else None
    if made is None or (made.op not in RULES and made.op not in REPEATING):
        raise Inexpressible
    given = _read_by(constant)
    values = {name: _layers(value, reader) for name, value in given.items()}
    made_of = list(zip(flat(values.values()), flat(given.values()), strict=True))
    if made.op in REPEATING:
        return made_of[0][0]  # type: ignore[no-any-return]
    batch = reader.emission.batch
    alone = all(tensor.seen(1) == value.shape for tensor, value in made_of if isinstance(value, Constant))
    reader.emission.batch = 1 if alone else batch
    try:
        result = RULES[made.op](replace(made, arguments={**made.arguments, **values}))
        if not isinstance(result, Tensor) or result.seen(reader.emission.batch) != made.seen:
            raise Inexpressible
    finally:
        reader.emission.batch = batch
    return result


def _layers(value: Any, reader: Call) -> Any:  # noqa: ANN401
    """Tensors, or numbers as they are, at any depth."""
    if isinstance(value, list):
        return [_layers(each, reader) for each in value]
    return _layer(value, reader) if isinstance(value, Constant) else value


def _layer(constant: Constant, reader: Call) -> Tensor:
    if _is_computed(constant):
        return _computed(constant, reader)
    if constant.repeated is None and constant.shape[:1] == (1,):
        constant = constant._replace(repeated=0)
    return by_itself(reader, constant)
