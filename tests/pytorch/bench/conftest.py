"""A stand-in for CUDA; imported when asked for, so that this folder can be collected where PyTorch is not."""

import pytest


@pytest.fixture
def api():
    from .fake_cuda import FakeCuda

    return FakeCuda()


@pytest.fixture
def cuda(api):
    from cnncalc.pytorch.bench.devices.cuda import Cuda

    return Cuda(0, api, place="cpu", clock=api.clock, profile=api.profile)
