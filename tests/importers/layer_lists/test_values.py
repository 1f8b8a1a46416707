from fractions import Fraction

import pytest

from cnncalc.importers.layer_lists.values import is_number


@pytest.mark.parametrize(
    ("value", "number"), [(1, True), (Fraction(1, 2), True), (True, False), ("1", False), (None, False)]
)
def test_true_is_no_number(value, number):
    assert is_number(value) is number
