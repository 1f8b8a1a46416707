"""Columns that follow from others: by equality, by a factor, by its inverse rounded down; else not at all."""

from fractions import Fraction

import pytest

from cnncalc.importers.structure.proportions import HALF, factor_of, is_multiple, product


@pytest.mark.parametrize(
    ("column", "values", "factor"),
    [
        ([64, 128], [64, 128], 1),
        ([256, 512], [64, 128], 4),
        ([16, 32], [64, 128], Fraction(1, 4)),
        ([None, 512], [64, 128], 4),
        ([256, 512], [64, 64], None),
        ([256, 512], [None, 128], None),
        ([64 * 33], [64], None),  # no person would write that factor
        ([64, 0], [32, 16], None),
        (["same", 4], [1, 4], None),
        ([[1, 2], 8], [[1, 2], 4], None),
        ([True, 2], [1, 2], None),
    ],
)
def test_factor(column, values, factor):
    assert factor_of(column, values) == factor


def test_the_padding_of_odd_kernels_is_their_half():
    assert is_multiple([0, 1, 3, None], [1, 3, 7, 4], HALF)
    assert not is_multiple([1, 1, 3], [1, 3, 7], HALF)


def test_expressions():
    assert [product("c", factor) for factor in (Fraction(1), Fraction(6), HALF)] == ["c", "6 * c", "c // 2"]
