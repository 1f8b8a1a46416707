import pytest

from cnncalc.torch_backend.bench.cuda import Cuda

from .fake_cuda import FakeCuda


@pytest.fixture
def api():
    return FakeCuda()


@pytest.fixture
def cuda(api):
    return Cuda(0, api, place="cpu")
