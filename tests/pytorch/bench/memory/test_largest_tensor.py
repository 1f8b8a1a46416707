import pytest

import cnncalc
from cnncalc.pytorch.bench.memory.largest_tensor import index_cap, largest_tensor

INT32 = 2**31 - 1


@pytest.mark.parametrize(
    ("name", "layer", "numbers", "batch"),
    [("mobilenet_v2", "layer1.0.expand", 96 * 112 * 112, 1783), ("resnet@50", "conv1", 64 * 112 * 112, 2674)],
)
def test_the_batch_whose_tensors_32_bits_still_index(name, layer, numbers, batch):
    graph = cnncalc.load(name).graph()
    assert largest_tensor(graph).numbers == numbers
    cap = index_cap(graph, INT32)
    assert cap.batch == batch
    assert numbers * batch <= INT32 < numbers * (batch + 1)
    assert cap.reason.startswith(f"at batch {batch + 1:,} ")
    assert cap.reason.endswith("exceeds 2,147,483,647 elements, the limit of 32-bit indexing")


def test_without_a_limit_and_beyond_it():
    graph = cnncalc.parse("input: 1x8x8\nlayers: [relu]\n").graph()
    assert index_cap(graph, None) is None
    assert index_cap(graph, 10).batch == 1  # a single image is tried in any case
    assert largest_tensor(graph).numbers == 64
