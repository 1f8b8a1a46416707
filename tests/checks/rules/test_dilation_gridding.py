import random
from itertools import product

import pytest

from cnncalc.checks.stretches import Stretches

from ...examples import examples
from ..marked import findings, subjects

RULE = "dilation-gridding"


def chain(kernel, rates):
    convs = [
        f"{{conv: {{out_channels: 2, kernel_size: {kernel}, dilation: {r}, padding: {(kernel - 1) * r // 2}}}}}"
        for r in rates
    ]
    return f"input: 2x512\nlayers: [{', '.join(convs)}]\n"


def offsets(kernel, rates):
    """All sums of taps, one of each layer."""
    return {sum(taps) for taps in product(*(range(0, kernel * rate, rate) for rate in rates))}


@pytest.mark.parametrize("kernel", [3, 5])
def test_holes_are_the_sums_that_are_missing(kernel):
    for rates in product((1, 2, 3, 4, 6, 9), repeat=3):
        reached = offsets(kernel, rates)
        holes = max(reached) + 1 - len(reached)
        found = findings(RULE, chain(kernel, rates))
        assert bool(found) == bool(holes), rates
        if found:
            field = "its field" if rates[-1] > 1 else "the field of conv3"
            assert found[0].message == f"{holes} of the {max(reached) + 1} rows in {field} over input are never read"


def distance(rates, kernel):
    """Wang's M_2: the largest distance between two taps with weight, for rates r_1 … r_n."""
    m = rates[-1]
    for rate in rates[-2:0:-1]:
        m = max(m - 2 * rate, 2 * rate - m, rate)
    return m


@pytest.mark.parametrize(("rates", "good"), [((1, 2, 5), True), ((1, 2, 9), False), ((2, 2, 2), False)])
def test_the_examples_of_the_paper(rates, good):
    assert (not findings(RULE, chain(3, rates))) == good


def test_where_the_first_rate_is_1_the_condition_of_the_paper_is_enough():
    """M_2 ≤ K and r_1 = 1: no rows are missing. (The other way round it is not said, and not so.)"""
    met = 0
    for kernel in (3, 5):
        for rates in product((1,), range(1, 8), range(1, 12)):
            if distance(rates, kernel) <= kernel:
                met += 1
                assert not findings(RULE, chain(kernel, rates)), rates
    assert met > 20


def test_branches_are_counted_as_sets():
    """Random blocks of branches and residuals: what the last layer reads of the first map, row by row."""
    rng = random.Random(3)
    for _ in range(examples(40)):
        items, reach = [], {0}
        for _ in range(rng.randint(1, 3)):
            paths = [[(3, rng.randint(1, 5)) for _ in range(rng.randint(0, 2))] for _ in range(2)]
            reach = {row + way for path in paths for way in _sums(path) for row in reach}
            items.append(f"{{branches: {{merge: add, paths: [{', '.join(map(_written, paths))}]}}}}")
        (subject,) = subjects(f"input: 2x256\nlayers: [{', '.join(items)}]\n")
        (seen,) = Stretches(subject.wiring, subject.sliding).seen[subject.report.layers[-1].name]
        assert {bit - seen.before for bit in range(seen.mask.bit_length()) if seen.mask >> bit & 1} == reach
        assert seen.holes == max(reach) - min(reach) + 1 - len(reach)


def _sums(path):
    return {sum(taps) for taps in product(*((-rate, 0, rate) for _, rate in path))}


def _written(path):
    convs = [f"{{conv: {{out_channels: 2, kernel_size: {k}, dilation: {r}, padding: {r}}}}}" for k, r in path]
    return f"[{', '.join(convs)}]"


@pytest.mark.parametrize(
    ("behind", "field"),
    [
        ("relu, {conv: {out_channels: 2, kernel_size: 2}}", "the 8 rows in the field of conv2"),
        ("relu, {conv: {out_channels: 2, kernel_size: 2, dilation: 2}}, relu", "the 9 rows in its field"),
        ("{conv: {out_channels: 2, kernel_size: 2}}, relu, maxpool: 2", "the 8 rows in the field of conv2"),
    ],
)
def test_the_field_is_that_of_the_layer_named(behind, field):
    text = f"input: 2x64\nlayers: [{{conv: {{out_channels: 2, kernel_size: 3, dilation: 3}}}}, {behind}]\n"
    (found,) = findings(RULE, text)
    assert f"of {field} over input " in found.message
