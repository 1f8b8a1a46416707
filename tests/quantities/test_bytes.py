import pytest

from cnncalc.quantities.bytes import bytes_text, measured_bytes_text
from cnncalc.symbolic import symbol


@pytest.mark.parametrize(("number", "text"), [(None, "—"), (12, "12 B"), (249_125_644, "249 MB"), (1_500, "1.50 kB")])
def test_bytes(number, text):
    assert measured_bytes_text(number) == text


@pytest.mark.parametrize(
    ("size", "exact", "text"),
    [
        (None, False, "unknown"),
        (1023, False, "1,023 B"),
        (1024, False, "1.00 KiB"),
        (26_318_336, False, "25.1 MiB"),
        (26_318_336, True, "26,318,336 B"),
        (5 << 40, False, "5.00 TiB"),
        (4 * symbol("H"), False, "4·H B"),
        (4 * symbol("H") + 1, False, "(4·H + 1) B"),
    ],
)
def test_bytes_of_tensors(size, exact, text):
    assert bytes_text(size, exact) == text
