"""What products of polynomials draw from the budget."""

import pytest

from cnncalc import budget
from cnncalc.symbolic import symbol


@pytest.fixture
def drawn():
    """The steps that a call draws."""

    def count(call):
        budget.grant(10**9)
        call()
        return budget._current.account.total

    yield count
    budget.end()


def test_a_product_of_long_monomials_draws_more(drawn):
    wide = sum((symbol(f"a{i}") for i in range(1, 20)), symbol("a0"))
    high = sum((symbol("H") ** i for i in range(21, 40)), symbol("H") ** 20)
    assert drawn(lambda: wide * wide) == 20 * 20
    assert drawn(lambda: high * high) == 20 * 20 * (1 + (39 + 39) // 16)
