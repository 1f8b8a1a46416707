"""Numbers as decimals: exact if the expansion terminates, else with as many digits as are informative."""

from __future__ import annotations

from fractions import Fraction

MOST_PLACES = 18  # decimal places of an exact decimal
FEW_PLACES = 4


def exact_decimal(value: Fraction | int, most: int = MOST_PLACES) -> str | None:
    """The exact decimal, such as 0.0625; None if it needs more than `most` places or does not terminate (1/3)."""
    for places in range(most + 1):
        if value.numerator * 10**places % value.denominator == 0:
            return _format_places(value, places)
    return None


def fraction_text(value: Fraction | int) -> str:
    """Integers and halves as decimals (2, 0.5), other fractions unchanged (1/3)."""
    return exact_decimal(value, 1) or str(value) if Fraction(value).denominator <= 2 else str(value)


def decimal_text(value: Fraction, unended: str = "") -> str:
    """54.25 and 0.0625 exactly; 7/3 as 2.33, with enough digits to show that it is not whole, then `unended`."""
    exact = exact_decimal(value, FEW_PLACES)
    if exact is not None:
        return exact.replace("-", "−")
    places = 2
    while places < 20 and round(value * 10**places) % 10**places == 0:
        places += 1
    return _format_places(value, places).replace("-", "−") + unended


def short_decimal(value: Fraction | float) -> str:
    """Six significant digits: 0.1, 0.333333, 1e-05."""
    return f"{float(value):g}"


def three_digits(number: float) -> str:
    """Three significant digits: 4.09, 25.1, 146."""
    return f"{number:.{places_of(number)}f}"


def places_of(number: float) -> int:
    """How many decimal places show three significant digits; at most 2."""
    size = abs(number)
    return 0 if size >= 99.95 else 1 if size >= 9.995 else 2


def _format_places(value: Fraction | int, places: int) -> str:
    """The value rounded to this many decimal places."""
    scaled = round(value * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    return f"{'-' if scaled < 0 else ''}{whole}" + (f".{rest:0{places}d}" if places else "")
