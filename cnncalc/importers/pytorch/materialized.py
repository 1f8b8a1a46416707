"""Layers for tensors that are computed from learned ones without any input: interpolated positions, small networks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnncalc.importers.pytorch.call import Call, Result
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
    made: Call | None = constant.made.call if constant.made else None
    values = made.arguments.items() if made else ()
    return all(_has_room(value) for name, value in values if name in DATA and isinstance(value, Constant))


def _computed(constant: Constant, reader: Call) -> Tensor:
    """The layers of the operation that made a tensor, and of those before it."""
    made: Call | None = constant.made.call if constant.made else None
    if made is None or (made.op not in RULES and made.op not in REPEATING):
        raise Inexpressible
    given = {name: value for name, value in made.arguments.items() if name in DATA and isinstance(value, Constant)}
    values = {name: _layer(value, reader) for name, value in given.items()}
    if made.op in REPEATING:
        return next(iter(values.values()))
    batch = reader.emission.batch
    alone = all(tensor.seen(1) == given[name].shape for name, tensor in values.items())
    reader.emission.batch = 1 if alone else batch
    try:
        result = RULES[made.op](replace(made, arguments={**made.arguments, **values}))
        if not isinstance(result, Tensor) or result.seen(reader.emission.batch) != made.seen:
            raise Inexpressible
    finally:
        reader.emission.batch = batch
    return result


def _layer(constant: Constant, reader: Call) -> Tensor:
    if _is_computed(constant):
        return _computed(constant, reader)
    if constant.repeated is None and constant.shape[:1] == (1,):
        constant = constant._replace(repeated=0)
    return by_itself(reader, constant)
