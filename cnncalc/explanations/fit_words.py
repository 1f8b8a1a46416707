"""A fit in words: what is not read, how much of it, and how severe that is."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from cnncalc.analysis.fit import Fit
from cnncalc.layers.window import Window
from cnncalc.quantities.decimals import decimal_text
from cnncalc.quantities.sizes import listed, plural
from cnncalc.records import NamedTuple

Grade = Literal["", "fits", "depends", "overhang", "padding", "gap", "pixels"]
GRADES: tuple[Grade, ...] = ("", "fits", "depends", "overhang", "padding", "gap", "pixels")  # the worst last
ROWS = {1: ("position",), 2: ("row", "column"), 3: ("plane", "row", "column")}
PARTS = {1: "the input", 2: "pixels", 3: "voxels"}
SIGN = "▲ "  # accompanies the colour, so that the warning does not depend on colour alone
FOLDED: dict[Grade, str] = {
    "fits": "fits",
    "depends": "depends on the input",
    "overhang": "a window extends beyond the input in",
    "padding": "padding unread in",
    "gap": "a gap unread in",
    "pixels": f"{SIGN}pixels unread in",
}


class Verdict(NamedTuple):
    """How a layer fits: a grade and a sentence."""

    grade: Grade
    text: str


NO_VERDICT = Verdict("", "")
FITS = Verdict("fits", "fits")


def verdict(fit: Fit | None) -> Verdict:
    """The verdict on one layer."""
    if fit is None:
        return NO_VERDICT
    if fit.fits:
        return FITS
    grades = [grade(window) for window in fit.windows]
    worst = max(grades, key=GRADES.index)
    if worst == "depends":
        return Verdict(worst, _describe_condition(fit))
    from cnncalc.explanations.axes import by_axis  # only a layer with unread rows needs it

    at_worst = [window for window, each in zip(fit.windows, grades, strict=True) if each == worst]
    exact = by_axis([_exact(w, worst) if w in at_worst else "" for w in fit.windows])
    return Verdict(worst, f"{SIGN if worst == 'pixels' else ''}{exact}: {_describe_unread(fit.windows, grades, worst)}")


def _describe_condition(fit: Fit) -> str:
    """fits where H ≡ 3 (mod 4), W ≡ 3 (mod 4); conditions that couple symbols are printed as they are."""
    from cnncalc.solutions.conditions import fits_where

    return f"fits where {', '.join(dict.fromkeys(map(fits_where, fit.windows)))}"


def grade(window: Window) -> Grade:
    """The grade of one axis."""
    leftover = window.leftover
    if not window.is_numeric or not isinstance(leftover, int) or not isinstance(window.slack, int):
        return "depends"
    if leftover <= 0:
        return "overhang" if leftover else "fits"
    unread = window.trailing().unread
    return "fits" if unread == "none" else unread


def _exact(window: Window, worst: Grade) -> str:
    assert isinstance(window.slack, int)
    assert isinstance(window.stride, int)
    value = decimal_text(Fraction(window.slack, window.stride) + 1)
    if worst != "pixels":
        return value
    from cnncalc.explanations.formulas import quotient

    return f"{quotient(window)} = {value}"


def _describe_unread(windows: tuple[Window, ...], grades: list[Grade], worst: Grade) -> str:
    words = ROWS.get(len(windows), tuple("row" for _ in windows))
    amounts = [_unread_rows(window, worst) if g == worst else 0 for window, g in zip(windows, grades, strict=True)]
    rows = ", ".join(plural(n, word) for n, word in zip(amounts, words, strict=True) if n)
    if worst == "overhang":
        return f"the last window extends {rows} beyond the input"
    if worst == "gap":
        return f"{rows} in the gap between windows"
    return f"{rows} of {PARTS.get(len(windows), 'pixels') if worst == 'pixels' else 'padding'} unread"


def _unread_rows(window: Window, worst: Grade) -> int:
    if worst == "overhang":
        assert isinstance(window.leftover, int)
        return -window.leftover
    trailing = window.trailing()
    return {"padding": trailing.padding, "gap": trailing.gap}.get(worst, trailing.pixels)


def worst_of(verdicts: list[tuple[str, Verdict]]) -> Verdict:
    """The verdict on a folded block: its worst grade, and the layers with that grade."""
    worst: Grade = max((v.grade for _, v in verdicts), key=GRADES.index, default="")
    text = FOLDED.get(worst, "")
    if worst in ("", "fits", "depends"):
        return Verdict(worst, text)
    return Verdict(worst, f"{text} {listed([name for name, v in verdicts if v.grade == worst], 2)}")
