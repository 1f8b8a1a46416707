"""A stand-in for `torch.cuda`: it works behind the host's back, its memory ends, and its driver can fail."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import torch

LAUNCH = 5e-6  # seconds that the host needs to queue something


class FakeCuda:
    """Time: the host's `now`, and until when the device is `busy`. Memory: `limit` bytes, as tensors ask for them."""

    def __init__(self, limit=1 << 30, fails_after=None, capability=(9, 0), count=2):
        self.now = self.busy = 0.0
        self.limit = limit
        self.held = self.peak = 0
        self.cached = 0
        self.capability = capability
        self.count = count
        self.fails_after = fails_after
        self.launches = 0
        self.syncs = 0
        self.released = 0
        self.capturing = None
        self.slept = 0.0

    # what the tests do on it

    def launch(self, seconds):
        self.now += LAUNCH
        if self.capturing is not None:
            self.capturing.append(seconds)
            return
        self._work(seconds)

    def allocate(self, size):
        if self.held + size > self.limit:
            raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {size} bytes.")
        self.held += size
        self.peak = max(self.peak, self.held)
        self.cached = max(self.cached, self.held)

    def free(self, size):
        self.held -= size
        assert self.held >= 0

    def _work(self, seconds):
        self.launches += 1
        if self.fails_after is not None and self.launches > self.fails_after:
            raise RuntimeError("CUDA error: an illegal memory access was encountered\nCompile with ...")
        self.busy = max(self.busy, self.now) + seconds

    # torch.cuda

    def is_available(self):
        return self.count > 0

    def device_count(self):
        return self.count

    def init(self):
        pass

    def set_device(self, index):
        assert 0 <= index < self.count

    def get_device_capability(self, index):
        return self.capability

    def get_device_name(self, index):
        return "Imaginary 100"

    def get_device_properties(self, index):
        return SimpleNamespace(total_memory=self.limit, multi_processor_count=16)

    def synchronize(self, index=None):
        if self.capturing is not None:
            raise RuntimeError("CUDA error: operation not permitted when stream is capturing")
        self.syncs += 1
        self.now = max(self.now, self.busy)

    def Event(self, enable_timing=False):  # noqa: N802
        assert enable_timing
        return FakeEvent(self)

    def mem_get_info(self, index):
        return self.limit - self.cached, self.limit

    def memory_reserved(self, index):
        return self.cached

    def memory_allocated(self, index):
        return self.held

    def memory_stats(self, index):
        return {"requested_bytes.all.current": self.held, "requested_bytes.all.peak": self.peak}

    def reset_peak_memory_stats(self, index):
        self.peak = self.held

    def empty_cache(self):
        self.released += 1
        self.cached = self.held

    def Stream(self, index):  # noqa: N802
        return SimpleNamespace(wait_stream=lambda other: None)

    def current_stream(self, index):
        return self.Stream(index)

    @contextmanager
    def stream(self, stream):
        yield

    def CUDAGraph(self):  # noqa: N802
        return FakeGraph(self)

    @contextmanager
    def graph(self, graph):
        self.synchronize()
        self.capturing = graph.work
        try:
            yield
        finally:
            self.capturing = None

    def _sleep(self, cycles):
        self.slept += cycles
        self.launch(cycles / 2e9)


class FakeEvent:
    def __init__(self, api):
        self.api = api
        self.time = None

    def record(self):
        self.time = max(self.api.busy, self.api.now)

    def elapsed_time(self, later):
        if self.api.now < later.time:
            raise RuntimeError("CUDA error: device not ready")
        return (later.time - self.time) * 1e3


class FakeGraph:
    def __init__(self, api):
        self.api = api
        self.work = []

    def replay(self):
        assert self.work
        self.api.now += LAUNCH
        for seconds in self.work:
            self.api._work(seconds)
