"""A stand-in for `torch.cuda`, made to be as unkind as a real one.

Its devices work behind the host's back, each with a queue of 1,022 launches that makes the host wait when it is full,
clocks that rise, fall and throttle, an L2 from which data that was just used comes quicker, an allocator whose memory
ends and whose graphs keep pools of their own, and faults that stay: after one, every call raises it again.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from types import SimpleNamespace

import torch

LAUNCH = 5e-6  # seconds that the host needs to queue something
SLOTS = 1022  # launches that a stream queues before the host waits
FROM_L2 = 0.5  # of the time that data from memory takes
ILLEGAL = "CUDA error: an illegal memory access was encountered\nCompile with ..."
IN_CAPTURE = "CUDA error: operation not permitted when stream is capturing"
INVALIDATED = "CUDA error: operation failed due to a previous error during capture"


class FakeDevice:
    """One device: until when it is `busy`, how long it `ran`, what it holds, what its L2 holds."""

    def __init__(self, limit):
        self.limit = limit
        self.busy = 0.0
        self.ran = 0.0
        self.queue = deque()  # when each launch ends
        self.held = self.peak = self.cached = self.most_cached = self.pools = 0
        self.resident = None


def of_current(name):
    """A property of the device that is set."""
    return property(
        lambda self: getattr(self.devices[self.current], name),
        lambda self, value: setattr(self.devices[self.current], name, value),
    )


class FakeCuda:
    """`now` is the host's time; `speed` gives the clock from the seconds that a device ran; `failure` what it says."""

    busy, held, peak, cached, limit, pools = map(of_current, ("busy", "held", "peak", "cached", "limit", "pools"))

    def __init__(
        self, limit=1 << 30, fails_after=None, capability=(9, 0), count=2, speed=None, mark=0.0, slots=SLOTS,
        l2=50 << 20, integrated=0, failure=ILLEGAL, name="Imaginary 100", uuid="0123",
    ):  # fmt: skip
        self.devices = [FakeDevice(limit) for _ in range(max(1, count))]
        self.current = 0
        self.now = 0.0
        self.capability = capability
        self.count = count
        self.fails_after = fails_after
        self.failure = failure
        self.broken = None
        self.speed = speed or (lambda ran: 1.0)
        self.mark_cost = mark
        self.slots = slots
        self.l2 = l2
        self.integrated = integrated
        self.name = name
        self.uuid = uuid
        self.launches = 0
        self.syncs = 0
        self.released = 0
        self.capturing = None
        self.slept = 0.0
        self.profiled = None

    # what the tests do on it

    def launch(self, seconds, data=None, size=0, host=LAUNCH):
        """Queue work; `data` names what it reads, of `size` bytes, which stay in the L2 where they fit."""
        self.now += host
        if self.capturing is not None:
            self.capturing.work.append((seconds, data, size))
            return
        self._work(seconds, data, size)

    def clear_l2(self):
        """As the writing of a buffer that is larger does; it takes its time."""
        self.launch(2 * self.l2 / 2e12)
        self.devices[self.current].resident = None

    def allocate(self, size):
        device = self.devices[self.current]
        self._raise()
        if device.held + device.pools + size > device.limit:
            raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {size} bytes.")
        device.held += size
        device.peak = max(device.peak, device.held)
        device.cached = max(device.cached, device.held + device.pools)
        device.most_cached = max(device.most_cached, device.cached)
        if self.capturing is not None:
            self.capturing.most = max(self.capturing.most, device.held - self.capturing.began)

    def free(self, size):
        self.held -= size
        assert self.held >= 0

    def _work(self, seconds, data=None, size=0):
        device = self.devices[self.current]
        self._raise()
        self.launches += 1
        if self.profiled is not None:
            self.profiled.append("kernel")
        if self.fails_after is not None and self.launches > self.fails_after:
            self.broken = self.failure  # it surfaces when the host next looks
        if data is not None and device.resident == data:
            seconds *= FROM_L2
        device.resident = data if data is not None and size <= self.l2 else None
        self._queue(device, seconds / self.speed(device.ran))

    def _queue(self, device, seconds):
        while device.queue and device.queue[0] <= self.now:
            device.queue.popleft()
        if len(device.queue) >= self.slots:
            self.now = device.queue.popleft()  # the host waits until a place is free
        device.busy = max(device.busy, self.now) + seconds
        device.ran += seconds
        device.queue.append(device.busy)

    def _raise(self):
        if self.broken is not None:
            raise RuntimeError(self.broken)

    def clock(self):
        """The host's."""
        return self.now

    # torch.cuda

    def is_available(self):
        return self.count > 0

    def device_count(self):
        return self.count

    def init(self):
        self._raise()

    def set_device(self, index):
        assert 0 <= index < self.count
        self._raise()
        self.current = index

    def get_device_capability(self, index):
        return self.capability

    def get_device_name(self, index):
        return self.name

    def get_device_properties(self, index):
        return SimpleNamespace(
            total_memory=self.devices[index].limit, multi_processor_count=16, L2_cache_size=self.l2,
            is_integrated=self.integrated, uuid=self.uuid,
        )  # fmt: skip

    def synchronize(self, index=None):
        if self.capturing is not None:
            raise RuntimeError(IN_CAPTURE)
        self._raise()
        self.syncs += 1
        self.now = max(self.now, self.devices[self.current if index is None else index].busy)

    def Event(self, enable_timing=False):  # noqa: N802
        assert enable_timing
        return FakeEvent(self)

    def mem_get_info(self, index):
        self._raise()
        device = self.devices[index]
        return device.limit - device.cached, device.limit

    def memory_reserved(self, index):
        return self.devices[index].cached

    def memory_allocated(self, index):
        return self.devices[index].held

    def max_memory_allocated(self, index):
        return self.devices[index].peak

    def max_memory_reserved(self, index):
        return self.devices[index].most_cached

    def memory_stats(self, index):
        device = self.devices[index]
        return {"requested_bytes.all.current": device.held, "requested_bytes.all.peak": device.peak}

    def reset_peak_memory_stats(self, index):
        device = self.devices[index]
        device.peak, device.most_cached = device.held, device.cached

    def empty_cache(self):
        self._raise()
        self.released += 1
        self.cached = self.held + self.pools

    def Stream(self, index):  # noqa: N802
        return SimpleNamespace(wait_stream=lambda other: None)

    def current_stream(self, index):
        return self.Stream(index)

    @contextmanager
    def stream(self, stream):
        yield

    def CUDAGraph(self):  # noqa: N802
        return FakeGraph(self, self.devices[self.current])

    @contextmanager
    def graph(self, graph):
        self.synchronize()
        self.empty_cache()
        graph.began = self.held
        self.capturing = graph
        try:
            yield
        except Exception:
            self.capturing = None
            raise RuntimeError(INVALIDATED)  # noqa: B904 - the capture's own end fails, in the context of the cause
        self.capturing = None
        self.pools += graph.most
        self.cached = max(self.cached, self.held + self.pools)
        graph.device.most_cached = max(graph.device.most_cached, self.cached)

    def _sleep(self, cycles):
        self.slept += cycles
        self.now += LAUNCH
        self._raise()
        device = self.devices[self.current]
        self._queue(device, cycles / 2e9)

    @contextmanager
    def profile(self):
        """The profiler: a copy beside the kernels."""
        self.profiled = []
        cuda = "DeviceType.CUDA"
        events = [SimpleNamespace(device_type=cuda, name="Memcpy DtoD")]
        yield SimpleNamespace(events=lambda: events)
        events += [SimpleNamespace(device_type=cuda, name=name) for name in self.profiled]
        events += [SimpleNamespace(device_type="DeviceType.CPU", name="aten::conv2d")]
        self.profiled = None


class FakeEvent:
    def __init__(self, api):
        self.api = api
        self.time = None

    def record(self):
        self.api._raise()
        device = self.api.devices[self.api.current]
        self.api._queue(device, self.api.mark_cost)
        self.time = device.busy

    def elapsed_time(self, later):
        self.api._raise()
        if self.api.now < later.time:
            raise RuntimeError("CUDA error: device not ready")
        return (later.time - self.time) * 1e3


class FakeGraph:
    """What was captured, and the pool that it keeps as long as it lives."""

    def __init__(self, api, device):
        self.api = api
        self.device = device
        self.work = []
        self.began = self.most = 0

    def __del__(self):
        self.device.pools -= self.most

    def replay(self):
        assert self.work
        self.api.now += LAUNCH
        for seconds, data, size in self.work:
            self.api._work(seconds, data, size)
