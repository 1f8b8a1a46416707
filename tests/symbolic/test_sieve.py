"""The sieve against trial: every size up to 2,000 of thousands of random chains and random conditions."""

import random

import pytest

from cnncalc.symbolic import (
    Relation,
    Residues,
    Undecidable,
    compare,
    maximum,
    minimum,
    relation_eq,
    smallest_contradiction,
    solve,
    symbol,
)
from cnncalc.symbolic.evaluation import evaluate_columns
from cnncalc.symbolic.expr import OPERATORS, as_terms

from ..effort import steps
from ..examples import examples

H = symbol("H")
SIZES = range(1, 2001)


def window(size, extent, stride, padding):
    """The output of one window, and what is left over."""
    out = (size + padding - extent) // stride + 1
    return out, size + padding - extent - stride * (out - 1)


def random_windows(random_source, most):
    for _ in range(random_source.randint(1, most)):
        extent = random_source.randint(1, 7)
        yield extent, random_source.randint(1, 4), random_source.randint(0, extent)


def trial(conditions):
    """The sizes that satisfy every condition, each tried, a relation at a time."""
    sizes = list(SIZES)
    for condition in conditions:
        if isinstance(condition, bool):
            sizes = sizes if condition else []
            continue
        columns = [
            evaluate_columns(as_terms(side), {"H": sizes}, len(sizes)) for side in (condition.left, condition.right)
        ]
        holds = OPERATORS[condition.op]
        sizes = [size for size, left, right in zip(sizes, *columns, strict=True) if holds(left, right)]
    return sizes


def check(found, conditions):
    expected = trial(conditions)
    members = [size for size in SIZES if size in found]
    assert members == expected, (list(map(str, conditions)), str(found))
    check_neighbours(found, expected, conditions)


def check_neighbours(found, expected, conditions):
    if expected:
        assert found.smallest == expected[0]
        middle = (expected[0] + expected[-1]) // 2
        below, above = found.nearest(middle)
        assert below == max(size for size in expected if size <= middle)
        assert above == min(size for size in expected if size >= middle)
    elif found:
        assert found.smallest > 2000
        assert all(
            condition if isinstance(condition, bool) else condition.evaluate({"H": found.smallest})
            for condition in conditions
        )
    if found.finite is not None and (not found.finite or found.finite[-1] <= 2000):
        assert list(found.finite) == expected
        assert found.largest == (expected[-1] if expected else None)


@pytest.mark.parametrize("seed", range(4))
def test_random_chains_of_windows(seed):
    random_source = random.Random(seed)
    for _ in range(examples(500)):
        size, conditions = H, []
        for extent, stride, padding in random_windows(random_source, 5):
            size, leftover = window(size, extent, stride, padding)
            conditions.append(compare(size, ">=", 1))
            if random_source.random() < 0.7:
                conditions.append(relation_eq(leftover, 0))
        random_source.shuffle(conditions)
        check(solve(conditions, "H"), conditions)


@pytest.mark.parametrize("seed", range(4))
def test_random_conditions(seed):
    """Conditions of every kind: products, remainders, minima, slopes up and down, none."""
    random_source = random.Random(100 + seed)
    refused = 0
    for _ in range(examples(400)):
        conditions = [random_condition(random_source) for _ in range(random_source.randint(1, 3))]
        try:
            check(solve(conditions, "H"), conditions)
        except Undecidable:
            refused += 1
    assert refused < examples(20)


def random_condition(random_source):
    sides = [
        random_side(random_source, 3),
        random_source.choice([random_side(random_source, 2), random_source.randint(-3, 60)]),
    ]
    random_source.shuffle(sides)
    op = random_source.choice(["==", "==", "!=", "<", "<=", ">", ">="])
    return compare(sides[0], op, sides[1])


def random_side(random_source, depth):
    if depth == 0 or random_source.random() < 0.15:
        return random_source.choice([H, H, random_source.randint(-9, 30)])
    left, kind = random_side(random_source, depth - 1), random_source.randrange(10)
    if kind < 4:
        return (left + random_source.randint(-5, 5)) // random_source.randint(1, 5)
    if kind == 4:
        return left % random_source.randint(1, 5)
    right = random_side(random_source, depth - 1)
    if kind == 5:
        return left * right if depth > 1 else left
    if kind == 6:
        return random_source.choice([minimum, maximum])(left, right)
    return left + right if kind < 9 else left - random_source.randint(1, 3) * right


def test_alexnet_fits_at_3_mod_32():
    size, conditions = H, []
    for extent, stride in ((11, 4), (3, 2), (3, 2), (3, 2)):
        size, leftover = window(size, extent, stride, 0)
        conditions += [relation_eq(leftover, 0), size >= 1]
    found = solve(conditions)
    assert str(found) == "H ≡ 3 (mod 32), H ≥ 67"
    assert found == Residues("H", 32, (3,), 67)
    assert found.nearest(224) == (195, 227)
    assert found.nearest(227) == (227, 227)
    assert found.nearest(60) == (None, 67)


def test_ten_moduli_whose_product_passes_a_million():
    primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
    size, conditions = H, []
    for prime in primes:
        size, leftover = window(size, prime, prime, 1)
        conditions += [relation_eq(leftover, 0), size >= 1]
    steps(lambda: solve(conditions), most=100_000)
    found = solve(conditions)
    assert found.modulus == 6469693230
    assert len(found.residues) == 1
    assert all(condition.evaluate({"H": found.smallest}) for condition in conditions if isinstance(condition, Relation))
    assert not all(
        condition.evaluate({"H": found.smallest + 1}) for condition in conditions if isinstance(condition, Relation)
    )


def test_a_hundred_windows_deep():
    size, conditions = H, []
    for index in range(100):
        size, leftover = window(size, 3, 2, index % 2)
        conditions += [relation_eq(leftover, 0), size >= 1]
    found = solve(conditions)
    assert found.modulus == 2**100
    assert found.smallest is not None


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ([], "every n ≥ 1"),
        ([True], "every n ≥ 1"),
        ([True, False], "no n"),
        ([relation_eq(H // 2, 7)], "H ∈ {14, 15}"),
        ([relation_eq(3 * H, 21)], "H = 7"),
        ([relation_eq(8 * (H // 8), H)], "H ≡ 0 (mod 8)"),
        ([relation_eq(8 * (H // 8), H), H <= 100], "H ≡ 0 (mod 8), H ≤ 96"),
        ([relation_eq(H % 4, 0), H >= 33, H < 200], "H ≡ 0 (mod 4), 36 ≤ H ≤ 196"),
        ([H % 4 <= 1], "H ≡ 0 or 1 (mod 4)"),
        ([relation_eq(H % 2, 0), relation_eq(H % 4, 1)], "no H"),
        ([H * H - 10 * H + 21 >= 0], "H ∈ {1, 2, 3}, or H ≥ 7"),
        ([H * H - 10 * H + 21 < 0], "H ∈ {4, 5, 6}"),
        ([H * H * 1000 <= 5_000_000], "H ≤ 70"),
        ([Relation(H, "!=", 5)], "H ∈ {1, 2, 3, 4}, or H ≥ 6"),
        ([relation_eq(minimum(H, 100), 50)], "H = 50"),
        ([minimum(H // 2, 100) >= 30], "H ≥ 60"),
        ([maximum(H, 20) >= 25], "H ≥ 25"),
        ([(H + 5) // 10**9 >= 3], "H ≥ 2999999995"),
        ([H // 10**12 <= 3], "H ≤ 3999999999999"),
        ([H % 11 >= 2], "H ≡ 2, 3, 4, 5, 6, 7, 8, 9, … (9 residues) (mod 11)"),
    ],
)
def test_the_set_in_words(conditions, text):
    assert str(solve(conditions)) == text


@pytest.mark.parametrize(
    "conditions",
    [
        [relation_eq(symbol("W"), H + 3)],
        [relation_eq(H // 2**21 % 2, 0)],
        [minimum(H % 3, H % 5) >= 1],
    ],
)
def test_what_explodes_is_refused(conditions):
    with pytest.raises(Undecidable):
        solve(conditions)


def test_the_modulus_is_the_smallest():
    found = solve([relation_eq((H % 4) * (H % 4 - 2), 0)])
    assert (found.modulus, found.residues) == (2, (0,))
    assert solve([relation_eq(H // 2 + (H + 1) // 2, H)], "H").everything


def test_contradictions():
    even, odd, large = relation_eq(H % 2, 0), relation_eq(H % 4, 1), H >= 10
    assert smallest_contradiction([large, even]) is None
    assert smallest_contradiction([H >= 3, even, large, odd]) == [1, 3]
    assert smallest_contradiction([even, False, odd]) == [1]
    assert smallest_contradiction([even, H <= 20, H >= 30]) == [1, 2]
    assert smallest_contradiction([even, relation_eq(H * H, 5), odd]) == [1]
    three = [relation_eq(H % 2 * (H % 3), 0), relation_eq(H % 2, 1), relation_eq(H % 3 * (H % 5), 1), large]
    assert smallest_contradiction(three) == [0, 1, 2]


def test_contradictions_are_minimal():
    random_source = random.Random(5)
    found = 0
    for _ in range(examples(300)):
        conditions = [
            relation_eq(H % random_source.choice([2, 3, 4, 6]), random_source.randint(0, 1)) for _ in range(5)
        ]
        chosen = smallest_contradiction(conditions)
        assert (chosen is None) == bool(trial(conditions))
        if chosen is not None:
            found += 1
            assert not trial([conditions[index] for index in chosen])
            assert all(trial([conditions[index] for index in chosen if index != dropped]) for dropped in chosen)
    assert found > 100
