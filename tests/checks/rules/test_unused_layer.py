import random

from ...examples import examples
from ..marked import findings

RULE = "unused-layer"


def test_random_graphs():
    """What cannot reach the last layer by following every edge forward; an end is one that nobody reads."""
    rng = random.Random(4)
    ends_found = 0
    for _ in range(examples(60)):
        count = rng.randint(2, 8)
        reads = [rng.sample(range(-1, i), k=min(i + 1, rng.randint(1, 2))) for i in range(count)]
        items = [
            f"{{add: {{}}, from: [{', '.join(map(_name, each))}], name: n{i}}}"
            if len(each) > 1
            else f"{{relu: {{}}, from: {_name(each[0])}, name: n{i}}}"
            for i, each in enumerate(reads)
        ]
        text = f"input: 2x4x4\nlayers: [{', '.join(items)}]\n".replace("{}", "")
        useful = {count - 1}
        for i in reversed(range(count)):
            if i in useful:
                useful |= set(reads[i])
        read = {source for each in reads for source in each}
        ends = [f"n{i}" for i in range(count) if i not in useful and i not in read]
        found = findings(RULE, text)
        assert [each.nodes for each in found] == [(end,) for end in ends]
        ends_found += len(ends)
    assert ends_found > 30


def test_what_is_unused_and_not_everything_before_it():
    conv = "{conv: {out_channels: 2, kernel_size: 1}}"
    text = f"input: 2x4x4\nlayers: [{conv}, {conv}, relu, {conv}, {{relu: , from: conv1}}]\n"
    (found,) = findings(RULE, text)
    message = "nothing reads its output, and it is not an output of the network"
    assert (found.nodes, found.message) == (("conv3",), f"{message}; 2 layers before it lead nowhere else")
    (found,) = findings(RULE, text.replace(f"{conv}, relu, {conv}", "relu"))
    assert (found.nodes, found.message) == (("relu1",), message)


def _name(index):
    return "input" if index < 0 else f"n{index}"
