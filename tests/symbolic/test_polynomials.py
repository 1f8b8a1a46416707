"""Products of polynomials and what they draw from the budget; powers of one atom, which have a way of their own."""

from random import Random

import pytest

from cnncalc import budget
from cnncalc.symbolic import symbol
from cnncalc.symbolic.polynomials import FEW_PRODUCTS, compose, multiply, sole_atom

from ..effort import steps
from ..examples import examples


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
    high = sum((symbol("H") ** i * symbol("W") for i in range(20, 39)), symbol("H") ** 19 * symbol("W"))
    assert drawn(lambda: wide * wide) == 20 * 20 * 2
    assert drawn(lambda: high * high) == 20 * 20 * (2 + (39 + 39) // 6)


(H,), (W,) = symbol("H").terms, symbol("W").terms


def random_powers(random, most):
    """A polynomial in H."""
    factors = {H * random.randint(0, most): random.choice([-3, -2, -1, 1, 2, 5]) for _ in range(random.randint(1, 12))}
    return factors or {(): 1}


def value(terms, at):
    return sum(factor * at ** len(monomial) for monomial, factor in terms.items())


def test_powers_of_one_atom():
    """Products, and start ± H in place of H, as numbers at more places than the degree."""
    random = Random(600)
    for _ in range(examples(100)):
        left, right = random_powers(random, 9), random_powers(random, 9)
        while len(left) * len(right) <= FEW_PRODUCTS:
            left, right = (random_powers(random, 15) | {H * 20: 1, (): 7} for _ in range(2))
            left |= {H * number: 2 for number in range(8)}
            right |= {H * number: -1 for number in range(9)}
        product = multiply(left, right)
        start, sign = random.randint(-5, 5), random.choice([-1, 1])
        composed = compose(left, H[0], start, sign)
        for at in range(-25, 26):
            assert value(product, at) == value(left, at) * value(right, at)
            assert value(composed, at) == value(left, start + sign * at)
        assert 0 not in product.values()
        assert 0 not in composed.values()


def test_which_polynomials_are_in_one_atom():
    for terms, atom in (({(): 2}, None), ({H: 1, (): 2}, H[0]), ({H * 3: 1, W: 1}, None), ({(*H, *W): 1}, None)):
        assert sole_atom(terms) is atom
    assert sole_atom({H: 1}, {W: 1}) is None
    assert sole_atom({(): 1}, {W * 2: 1}) is W[0]


def test_a_bound_of_a_high_degree_takes_steps_by_its_square():
    form = (symbol("H") + 1) ** 30
    high = []
    steps(lambda: high.append(form**10), 300 * 300)
    steps(lambda: high[0] >= 5, 300 * 300 * 6)
