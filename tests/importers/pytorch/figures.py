"""Holds an imported network to the PyTorch network that it was imported from."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from cnncalc import from_torch
from cnncalc.pytorch import build


def kinds_of_whole(module, shape):
    """The kinds of the imported layers, after parameters, buffers, MACs and the shape of the output are held to it."""
    spec = from_torch(module, shape, flat=True)
    report = spec.analyze()
    kinds = [layer.kind for layer in report.layers]
    assert "unknown" not in kinds
    assert report.params == sum(each.numel() for each in module.parameters())
    assert report.totals.buffers == sum(each.numel() for each in module.buffers())
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        made = module(torch.zeros(1, *shape))
    assert 2 * report.cost.macs == counter.get_total_flops()
    assert tuple(made.shape[1:]) == report.layers[-1].output
    return kinds


def assert_computes_the_same(module, shape):
    """The layers that were imported, with the weights of the module in their order, have its output for two images."""
    ours = build(from_torch(module, shape, flat=True).graph()).eval()
    with torch.no_grad():
        for mine, theirs in zip(ours.parameters(), module.parameters(), strict=True):
            mine.copy_(theirs.reshape(mine.shape))
        x = torch.randn(2, *shape)
        torch.testing.assert_close(ours(x), module.eval()(x))
