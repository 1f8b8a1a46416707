"""What other tools count of attention, by how its source writes it (docs/conventions.md)."""

from __future__ import annotations

from cnncalc.conventions.call import Call
from cnncalc.conventions.rules import Rule
from cnncalc.symbolic import Size


def attending(functional: Rule, operator: Rule, plain: bool = False, turned: bool = False) -> Rule:
    """The rule for attention, written with PyTorch's function or as two products; None as a module.

    Windows and masks are known too, unless `plain`; normalized or turned queries only where `turned`.
    """

    def count(call: Call) -> Size | None:
        if call.hooked or (plain and not call.plain) or (call.turned and not turned):
            return None
        return functional(call) if call.written == "functional" else operator(call)

    return count
