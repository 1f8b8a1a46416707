"""A stand-in for CUDA; imported when asked for, so that this folder can be collected where PyTorch is not."""

import pytest


@pytest.fixture
def api():
    from .fake_cuda import FakeCuda

    return FakeCuda()


@pytest.fixture
def brisk(monkeypatch):
    """For what really runs: half a second of warm-up tells no test anything."""
    from cnncalc.pytorch.bench.timing import timing, warming

    monkeypatch.setattr(warming, "LEAST", 0.01)
    monkeypatch.setattr(warming, "RECENT", 0.01)
    monkeypatch.setattr(timing, "PATIENCE", 0.03)


@pytest.fixture
def cuda(api):
    from cnncalc.pytorch.bench.devices.cuda import Cuda

    return Cuda(0, api, place="cpu", clock=api.clock, profile=api.profile)
