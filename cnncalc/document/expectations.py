"""`expect:`: what a spec holds its network to. Here it is read; whoever has the figures judges.

A bound is exact (`60965224`), `at most 730M`, `at least 195`, or `4.09G +/- 1%` (also `±`, `<=`, `<`; `>=`, `>` where
quoted).
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from fractions import Fraction

from cnncalc.document.inputs import read_shape
from cnncalc.document.reader import Reader
from cnncalc.document.types import Bound, Expectation, Expected, ExpectedFit, ExpectedShape
from cnncalc.source import Mapping, Node, Scalar
from cnncalc.suggest import nearest

COUNTS = ("params", "trainable", "macs", "flops", "receptive_field", "peak_memory", "activation_memory")
KEYS = ("output", *COUNTS, "fits")
SCALES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BINARY = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
DEFAULT = "default"  # the spec as it is, no variant picked
BOUND = re.compile(
    r"(?P<sign>at most|at least|<=|>=|≤|≥|<|>)?\s*(?P<number>[0-9][0-9_,]*(?:\.[0-9]+)?)\s*(?P<scale>[kKMGT]i?B?|)"
    r"(?:\s*(?:\+/-|±)\s*(?P<spread>[0-9]+(?:\.[0-9]+)?)\s*%)?"
)
LIKE = "write a number, 'at most 730M', 'at least 195' or '4.09G +/- 1%'"


def read_expectations(reader: Reader, node: Node, variants: MappingOf[str, object]) -> Expected:
    """Figure → what it must be; a figure's mapping gives it per variant (or output), any other key names a layer.

    `default` stands for the spec without a variant: `params: {default: 60965224, torchvision: 61100840}`.
    """
    found: dict[str, Expectation | Expected] = {}
    for name, (key, value) in reader.mapping(node, "expect", "{params: at most 5M, output: [1000]}").items():
        if name not in KEYS:
            if isinstance(value, Mapping):
                found[name] = read_expectations(reader, value, variants)
                continue
            near = nearest(name, KEYS)
            hint = (
                f"did you mean '{near}'?" if near else f"expect takes {', '.join(KEYS)}, or a layer with those below it"
            )
            reader.fault(f"expect: unknown figure '{name}'", key.span, hint)
        elif isinstance(value, Mapping):
            found[name] = _each(reader, name, value, variants)
        elif expectation := _read(reader, name, value):
            found[name] = expectation
    return found


def _each(reader: Reader, name: str, node: Mapping, variants: MappingOf[str, object]) -> Expected:
    """A figure per variant, or per output of the network."""
    found: dict[str, Expectation | Expected] = {}
    for which, (key, value) in node.entries.items():
        if name != "output" and which != DEFAULT and which not in variants:
            near = nearest(which, variants)
            hint = f"did you mean '{near}'?" if near else f"it has {', '.join(variants) or 'none'}"
            reader.fault(f"expect: {name}: no variant is named '{which}'", key.span, hint)
        elif expectation := _read(reader, name, value):
            found[which] = expectation
    return found


def _read(reader: Reader, name: str, node: Node) -> Expectation | None:
    if name == "output":
        return ExpectedShape(read_shape(reader, node, "expect: output"), node.span)
    if name == "fits":
        return ExpectedFit(reader.flag(node, "expect: fits"), node.span)
    bound = _bound(node) if isinstance(node, Scalar) else None
    if bound is None:
        reader.fault(f"expect: {name}: expected a number or a bound", node.span, LIKE)
    return bound


def _bound(scalar: Scalar) -> Bound | None:
    match = BOUND.fullmatch(scalar.text.strip()) if len(scalar.text) <= 80 else None
    scale = SCALES.get(match["scale"], BINARY.get(match["scale"])) if match else None
    if match is None or scale is None or len(match["number"]) > 40:
        return None
    number = Fraction(re.sub("[_,]", "", match["number"])) * scale
    spread = number * Fraction(match["spread"] or 0) / 100
    sign = match["sign"] or ""
    low = None if sign in ("at most", "<=", "≤", "<") else number - spread
    high = None if sign in ("at least", ">=", "≥", ">") else number + spread
    if sign == ">":  # figures are whole: the next one above, or below
        low = Fraction(number // 1 + 1)
    if sign == "<":
        high = Fraction(-(-number // 1) - 1)
    return Bound(low, high, scalar.span)
