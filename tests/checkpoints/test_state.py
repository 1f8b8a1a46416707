"""The tensors of a network are those of the state_dict of the network that is built."""

import pytest

import cnncalc
from cnncalc.checkpoints.state import state_of

from ..shipped_networks import FULL, TAKEN


@pytest.mark.parametrize("name", TAKEN if FULL else TAKEN[::5])
def test_it_is_the_state_dict(name):
    torch = pytest.importorskip("torch")
    from cnncalc.pytorch.builder import build

    graph = cnncalc.load(name).analyze().graph
    state = build(graph, "meta").state_dict()
    expected = state_of(graph)
    assert {key: each.shape for key, each in expected.items()} == {key: tuple(t.shape) for key, t in state.items()}
    assert {key for key, each in expected.items() if each.whole} == {
        key for key, tensor in state.items() if tensor.dtype == torch.int64
    }
