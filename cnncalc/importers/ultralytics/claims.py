"""The figures that comments of a file claim: `# YOLOv8n summary: 225 layers, 3157200 parameters, 8.9 GFLOPs`.

They become expectations, which `check` tests: parameters exactly, GFLOPs to the digit that is printed.
"""

from __future__ import annotations

import re
from fractions import Fraction

from cnncalc.errors import Span
from cnncalc.importers.ultralytics.model import Model
from cnncalc.importers.ultralytics.nodes import Built, word
from cnncalc.source.nodes import Scalar

CONVENTION, NEWER = "ultralytics", "ultralytics@8.4"
_PARAMS = r"(?i)\b(\d[\d,]{3,15})[ \t]+(?:parameters|params)\b"
_FLOPS = r"(?i)\b(\d{1,6}(?:\.\d{1,3})?)[ \t]+(?:G[ \t]?FLOPs?)\b"


def read_claims(model: Model) -> dict[str, Built]:
    """The expectations that the comments of a model make: of each scale on its line, of the whole above the keys."""
    lines = {scale.span.line: letter for letter, scale in model.scales.items()}
    params: dict[str, Scalar] = {}
    flops: dict[str, Scalar] = {}
    for number, line in enumerate(model.source.text.split("\n"), 1):
        before, hash_, comment = line.partition("#")
        letter = lines.get(number, "")
        if not hash_ or (not letter and (before.strip() or model.scales)):
            continue
        start = len(before) + 2
        if match := re.search(_PARAMS, comment):
            place = Span(model.source, number, start + match.start(1), len(match[1]))
            params.setdefault(letter, word(match[1].replace(",", ""), place))
        if match := re.search(_FLOPS, comment):
            place = Span(model.source, number, start + match.start(1), len(match[1]))
            flops.setdefault(letter, word(_bound(match[1]), place))
    expect: dict[str, Built] = {}
    if params:
        expect["params"] = _by_scale(params)
    if flops:
        expect["flops"] = {NEWER if model.flag("end2end") else CONVENTION: _by_scale(flops)}
    return expect


def _by_scale(claims: dict[str, Scalar]) -> Built:
    return claims[""] if "" in claims else dict(claims)


def _bound(text: str) -> str:
    """All numbers of GFLOPs that are printed like this, as a number and a share of it."""
    half = Fraction(1, 2) / 10 ** len(text.partition(".")[2])
    share = 100 * half / Fraction(text) if Fraction(text) else Fraction(0)
    return f"{text}G +/- {float(share):.4g}%"
