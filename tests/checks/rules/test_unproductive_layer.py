import random

from ...examples import examples
from ..marked import findings

RULE = "unproductive-layer"


def test_a_chain_is_cut_where_the_recurrence_reaches_the_size_of_the_image():
    """r = 1 + Σ (F − 1)·j, counted along random chains (Araujo, Norris, Sim 2019)."""
    rng = random.Random(11)
    behind = 0
    for _ in range(examples(60)):
        size, field, jump, items, expected = rng.randint(12, 60), 1, 1, [], []
        for index in range(rng.randint(2, 7)):
            kernel, stride = rng.choice((1, 3, 5, 7)), rng.choice((1, 1, 2))
            items.append(
                f"{{conv: {{out_channels: 2, kernel_size: {kernel}, stride: {stride}, padding: {kernel // 2}}}}}"
            )
            if field >= size and kernel > 1 and index:
                expected.append(f"conv{index + 1}")
            field += (kernel - 1) * jump
            jump *= stride
        found = findings(RULE, f"input: 2x{size}x{size}\nlayers: [{', '.join(items)}]\n")
        assert [each.nodes[0] for each in found] == expected
        behind += len(expected)
    assert behind > 10
