import pytest

from cnncalc.quantities.measures import interval_text, quantity_text, seconds_text, times_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (12.345, "12.3 s"),
        (1.0, "1.00 s"),
        (0.99951, "1000 ms"),
        (0.00123, "1.23 ms"),
        (45.6e-6, "45.6 µs"),
        (3e-9, "3.00 ns"),
    ],
)
def test_seconds(seconds, text):
    assert seconds_text(seconds) == text


def test_intervals_are_in_the_unit_of_the_median():
    assert interval_text((0.00098, 0.00123), 0.0011) == "0.98 … 1.23 ms"
    assert interval_text(None, 1.0) == "—"


@pytest.mark.parametrize(
    ("number", "text"), [(33.6e9, "33.6 GFLOP/s"), (4.07e12, "4.07 TFLOP/s"), (999, "999 FLOP/s"), (0.5, "0.50 FLOP/s")]
)
def test_quantities(number, text):
    assert quantity_text(number, "FLOP/s") == text


@pytest.mark.parametrize(
    ("factor", "text"), [(1.0, "1.00×"), (0.0213, "0.0213×"), (12.345, "12.35×"), (1234.0, "1,234×")]
)
def test_factors(factor, text):
    assert times_text(factor) == text
