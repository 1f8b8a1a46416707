import random
from itertools import product

from cnncalc.checks.rules.linear_without_activation_between import _merged_count, count_sums

from ...examples import examples
from ..marked import findings, subjects

RULE = "linear-without-activation-between"


def test_the_weights_of_the_one_layer_are_counted_tap_by_tap():
    """Which input channels and rows, relative to it, an output channel reads through both: followed one by one."""
    rng = random.Random(2)
    for _ in range(examples(60)):
        g = rng.choice((1, 2))
        (k1, d1, s1), (k2, d2, s2) = [(rng.randint(1, 3), rng.randint(1, 3), rng.randint(1, 2)) for _ in range(2)]
        text = f"""input: 4x64
layers:
  - conv: {{out_channels: 6, kernel_size: {k1}, dilation: {d1}, stride: {s1}, groups: {g}}}
  - conv: {{out_channels: 2, kernel_size: {k2}, dilation: {d2}, stride: {s2}, groups: {g}}}
"""
        read = set()
        for out in range(2):
            for middle in (m for m in range(6) if m * g // 6 == out * g // 2):
                for entering in (c for c in range(4) if c * g // 4 == middle * g // 6):
                    read |= {(out, entering, d1 * u + s1 * d2 * v) for u in range(k1) for v in range(k2)}
        (subject,) = subjects(text)
        assert _merged_count(*subject.report.graph.nodes) == len(read), text


def test_numbers_are_said():
    (found,) = findings(RULE, "input: 784\nlayers: [linear: 256, linear: 10]\n")
    assert found.message == (
        "there is no nonlinearity between this linear and the linear before it: "
        "their 203,264 weights are one linear map of 7,840"
    )


def test_sums_are_those_counted_one_by_one():
    for first, a, second, b in product(range(1, 7), range(1, 7), range(1, 7), range(1, 7)):
        assert count_sums(first, a, second, b) == len({a * u + b * v for u in range(first) for v in range(second)})
