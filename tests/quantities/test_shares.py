import pytest

from cnncalc.quantities.shares import change_text, percent_text, share_text
from cnncalc.symbolic import symbol

H = symbol("H")


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 4, "25.0%"), (1, 10_000, "<0.1%"), (0, 4, ""), (1, 0, ""), (H, 4, ""), (4, 4, "100.0%")],
)
def test_shares_of_a_total(part, whole, expected):
    assert share_text(part, whole) == expected


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0.0%"), (0.0001, "<0.1%"), (0.024, "2.4%"), (0.914, "91%"), (1.3, "130%")]
)
def test_measured_shares(share, text):
    assert percent_text(share) == text


@pytest.mark.parametrize(
    ("percent", "text"), [(5.0, "+5.0%"), (-78.84, "−78.8%"), (250.4, "+250%"), (0.01, "+<0.1%"), (-0.01, "−<0.1%")]
)
def test_changes(percent, text):
    assert change_text(percent) == text
