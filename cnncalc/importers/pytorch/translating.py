"""What a rule makes of an operation, undone where it fails half-way; and what later rules may ask about."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.importers.pytorch.call import Call, Result
from cnncalc.importers.pytorch.emission import Added
from cnncalc.importers.pytorch.rules import RULES
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Tensor

REPEATING = ("expand", "expand_as")  # a sum or product that reads the result broadcasts anyway


def translate(call: Call, prepare: Callable[[Call], Call] | None = None) -> Result | None:
    """What a rule makes of an operation; None if no layer describes it. `prepare` may add layers that it reads."""
    call.emission.begin()
    try:
        rule = RULES.get(call.op)
        if rule is None:
            raise Inexpressible
        result = rule(prepare(call) if prepare else call)
        if isinstance(result, Tensor) and result.seen(call.batch) != call.seen and call.op not in REPEATING:
            raise Inexpressible
    except Inexpressible:
        call.emission.roll_back()
        return None
    return result


def remember(call: Call, result: Result | None) -> None:
    """Note what was added to a tensor or multiplied with it, for the attention whose scores it may be."""
    operands = [call.arguments.get(name) for name in ("self", "other")]
    constants = [each for each in operands if isinstance(each, Constant)]
    tensors = [each for each in operands if isinstance(each, Tensor)]
    if call.op in ("add", "mul") and constants and tensors and isinstance(result, Tensor):
        call.emission.added[result.name] = Added(call.op, tensors[0].name, constants[0], call.emission.just_added())
