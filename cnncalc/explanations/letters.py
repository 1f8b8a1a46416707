"""What the letters of the formulas stand for; `steps` gives the source of the usual ones."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.explanations.steps import Step

_MEANINGS = {
    "N": "size of the input, along one axis",
    "F": "kernel size",
    "S": "stride",
    "P": "padding on each side",
    "P_low": "padding on the low side",
    "P_high": "padding on the high side",
    "P_out": "output padding",
    "D": "dilation",
    "E": "extent of the kernel, D·(F − 1) + 1: F without dilation",
    "out": "size of the output, along the axis",
    "C": "channels or features of the input",
    "K": "channels or features of the output",
    "G": "groups",
    "H": "height",
    "W": "width",
    "L": "length",
    "positions": "at which the kernel is applied",
    "r_in": "size of the receptive field of the input",
    "j_in": "jump of the input: the rows between the fields of neighbours",
    "d": "size of the weight along the axis of that number",
    "d_v": "numbers of a value, per head",
    "h": "heads",
    "L_q": "queries",
    "L_k": "keys that a query reads",
    "mac": "multiply-accumulates",
    "add": "additions and subtractions",
    "multiply": "multiplications",
    "compare": "comparisons",
    "divide": "divisions",
    "exp": "exponentials",
    "log": "logarithms",
    "sqrt": "square roots",
    "power": "powers",
    "tanh": "hyperbolic tangents",
    "erf": "error functions",
}
_NUMBERED = {"C": "channels of the input of that number", "F": "kernel size along the axis of that number"}
_OF_STEP = {("features", "D"): "depth", ("MACs", "d"): "numbers of a key, per head"}


def meanings(steps: Iterable[Step]) -> dict[str, str]:
    """Letter → what it stands for, in the order in which the formulas of the steps use them."""
    found: dict[str, dict[str, None]] = {}
    for step in steps:
        for letter in step.formula.letters() if step.formula else ():
            if meaning := _OF_STEP.get((step.label, letter)) or _meaning(letter):
                found.setdefault(letter, {})[meaning] = None
    return {letter: ", or ".join(texts) for letter, texts in found.items()}


def _meaning(letter: str) -> str | None:
    """What a letter stands for; None for the name of a weight, which has a step of its own."""
    head, _, number = letter.partition("_")
    if number.isdecimal():
        return _NUMBERED.get(head) or _MEANINGS.get(head)
    return _MEANINGS.get(letter)
