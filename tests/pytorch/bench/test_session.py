"""Whole sessions: on the processor with tiny networks, and on the stand-in with networks that only pretend."""

import weakref

import pytest
import torch

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.pytorch.bench import measurement
from cnncalc.pytorch.bench import session as module
from cnncalc.pytorch.bench.devices.cpu import Cpu
from cnncalc.pytorch.bench.devices.cuda import Cuda
from cnncalc.pytorch.bench.faults import DeviceError, NoRoomError
from cnncalc.pytorch.bench.roofline.bounds import Ceilings
from cnncalc.pytorch.bench.session import Session, UnconfirmedError, confirm
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named
from cnncalc.pytorch.bench.team import Solo

from .fake_cuda import FakeCuda

TINY = """
input: 3x12x12
layers:
  - conv: {out_channels: 8, kernel_size: 3}
  - batchnorm
  - relu
  - maxpool: 2
  - flatten
  - dropout: 0.5
  - linear: 10
"""


@pytest.fixture
def tiny():
    return Named("tiny", cnncalc.parse(TINY).graph())


@pytest.fixture
def ceilings(monkeypatch, brisk):
    monkeypatch.setattr(module, "measure_ceilings", lambda device, dtype: Ceilings(1e11, 1e10))


def session(device, said=None, **settings):
    return Session(device, Settings(**{"duration": 0.05, **settings}), Solo(), ([] if said is None else said).append)


@pytest.mark.parametrize("mode", ["inference", "training"])
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_on_the_processor(tiny, ceilings, mode, channels_last, dtype):
    said = []
    runs = list(session(Cpu(), said, mode=mode, channels_last=channels_last, dtype=dtype).runs(tiny, (1, 3)))
    assert [run.batch for run in runs] == [1, 3]
    assert "tiny: batch 3" in said
    for run in runs:
        assert run.images == pytest.approx(run.batch / run.timing.median)
        assert run.rate == run.flops / run.timing.median
        assert run.share > 0
        assert run.peak.tensors > 0
        assert run.peak.allocated is None
        assert (run.peak.predicted is None) == (mode == "training" and dtype == "bf16")
    macs = 8 * 100 * 27 + 200 * 10
    assert runs[1].flops == 2 * 3 * (macs if mode == "inference" else 3 * macs - 8 * 100 * 27)


@pytest.mark.parametrize("mode", ["inference", "training"])
def test_measured_peak_is_as_predicted(tiny, ceilings, mode):
    (run,) = session(Cpu(), mode=mode).runs(tiny, (64,))
    assert run.peak.tensors == pytest.approx(run.peak.predicted, rel=0.02)


def test_layers(tiny, ceilings):
    (run,) = session(Cpu(), per_layer=True).runs(tiny, (2,))
    assert [layer.name for layer in run.layers] == [node.name for node in tiny.graph.nodes]
    assert all(layer.seconds > 0 for layer in run.layers)


def test_ceilings_are_measured():
    found = module.measure_ceilings(SmallCpu(), torch.float32)
    assert found.rate > 1e6
    assert found.bandwidth > 1e6


class SmallCpu(Cpu):
    largest_matrix = 512
    copied_bytes = 1 << 22


def test_largest_batch_on_the_processor(tiny, ceilings, monkeypatch):
    monkeypatch.setattr(Cpu, "memory", lambda self: module_memory(4 << 20))
    (run,) = session(Cpu()).runs(tiny, None)
    assert run.peak.tensors <= 0.6 * (4 << 20) + 200_000  # what was there before is apart
    assert run.peak.predicted > 0.5 * (4 << 20)
    assert run.notes == ("the largest batch that fits",)


def module_memory(free):
    from cnncalc.pytorch.bench.devices.device import Memory

    return Memory(free, free)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cuda_graph": True}, "--cuda-graph needs --device cuda"),
        ({"dtype": "tf32"}, "tf32 is a mode of CUDA devices: use --dtype fp32 or bf16 on cpu"),
        ({"per_layer": True, "mode": "training"}, "leave out --mode training or --per-layer"),
        ({"dtype": "fp16", "mode": "training", "cuda_graph": True}, "use --dtype bf16"),
    ],
)
def test_what_cannot_be(settings, message):
    with pytest.raises(UsageError, match=message):
        session(Cpu(), **settings)


@pytest.mark.parametrize(
    ("layers", "settings", "message"),
    [
        ("[relu]", {"mode": "training"}, "has nothing to train: omit --mode training"),
        ("[flatten]", {"channels_last": True}, "has no input with channels to put last: omit --channels-last"),
    ],
)
def test_networks_without(ceilings, layers, settings, message):
    size = "5" if settings.get("channels_last") else "3x8x8"
    spec = cnncalc.parse(
        f"name: N\ninput: {size}\nlayers: {layers.replace('flatten', 'relu') if size == '5' else layers}\n"
    )
    with pytest.raises(UsageError, match=message):
        list(session(Cpu(), **settings).runs(Named("N", spec.graph()), (1,)))


class Pretender:
    """A network that takes 1 ms and 100 µs per image, and 1 MB and 10 kB per image, of the stand-in's."""

    api: FakeCuda
    alive = 0

    def __init__(self, graph, settings, device, team):
        type(self).alive += 1
        self.inputs = []
        self.held = 0
        self.network = None

    def __del__(self):
        type(self).alive -= 1

    def call(self, batch, plain=False):
        self.api.allocate(batch * 1000)
        self.held = batch * 1000

        def call():
            size = 1_000_000 + 10_000 * batch
            self.api.allocate(size)
            try:
                self.api.launch(1e-3 + 1e-4 * batch)
            finally:
                self.api.free(size)

        return call

    def forget(self):
        self.api.free(self.held)
        self.held = 0

    def clear_gradients(self):
        pass

    def locate(self, error):
        return None

    def held_bytes(self):
        return self.held

    def tensor_bytes(self, call):
        return None

    def eager(self):
        return lambda: None

    def split(self, mark):
        def step():
            self.api.launch(1e-3)
            mark()
            self.api.launch(2e-3)
            mark()
            self.api.launch(3e-3)

        return step


@pytest.fixture
def pretend(api, monkeypatch, ceilings):
    def use(api):
        monkeypatch.setattr(Pretender, "api", api, raising=False)
        monkeypatch.setattr(module, "Subject", Pretender)
        return Cuda(0, api, place="cpu", clock=api.clock, profile=api.profile)

    return use


@pytest.mark.parametrize("cuda_graph", [False, True])
def test_on_the_stand_in(tiny, api, pretend, cuda_graph):
    (one, eight) = session(pretend(api), cuda_graph=cuda_graph).runs(tiny, (1, 8))
    assert one.timing.median == pytest.approx(1.1e-3, rel=0.01)
    assert eight.timing.median == pytest.approx(1.8e-3, rel=0.01)
    assert eight.images == pytest.approx(8 / 1.8e-3, rel=0.01)
    assert eight.timing.settled
    assert not eight.timing.wide
    assert eight.peak.allocated == 1_000_000 + 11_000 * 8
    assert eight.peak.measured == eight.peak.allocated
    assert api.held == 0
    assert Pretender.alive == 0


@pytest.mark.parametrize("most", [1, 2, 7, 100, 500])
def test_largest_batch_on_the_stand_in(tiny, pretend, most):
    api = FakeCuda(limit=1_000_000 + 11_000 * most + 5_000)
    device = pretend(api)
    said = []
    (run,) = session(device, said).runs(tiny, None)
    assert run.batch <= most
    assert run.batch >= most * 0.97
    assert api.held == 0
    assert api.released >= sum("trying" in text for text in said)  # given back after every trial


def test_guard_holds_back_before_memory_ends(tiny, pretend):
    api = FakeCuda(limit=12_000_000)
    device = pretend(api)
    device.guard = 0.5
    (run,) = session(device).runs(tiny, None)
    assert 1_000_000 + 11_000 * run.batch <= 6_000_000
    assert api.peak <= 6_000_000


def test_not_even_one_image(tiny, pretend):
    with pytest.raises(NoRoomError, match="tiny does not fit on cuda:0, not even one image: lessen --input"):
        list(session(pretend(FakeCuda(limit=500_000))).runs(tiny, None))


def test_out_of_memory_keeps_what_was_measured(tiny, pretend):
    api = FakeCuda(limit=2_000_000)
    runs = session(pretend(api)).runs(tiny, (1, 4096))
    assert next(runs).batch == 1
    with pytest.raises(NoRoomError, match=r"cuda:0 is out of memory \(tiny, batch 4,096\): use a smaller --batch"):
        next(runs)
    assert api.held == 0


def test_driver_fails(tiny, pretend):
    api = FakeCuda(fails_after=50)
    with pytest.raises(DeviceError) as caught:
        list(session(pretend(api)).runs(tiny, (1,)))
    assert str(caught.value) == (
        "cuda:0 failed (tiny, batch 1): CUDA error: an illegal memory access was encountered; run again, with "
        "CUDA_LAUNCH_BLOCKING=1 to see where; nvidia-smi shows the state of the device"
    )


def test_interruption_leaves_at_once(tiny, ceilings, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(measurement, "time_call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(session(Cpu()).runs(tiny, (1,)))


def test_confirmation(tiny):
    said = []
    confirm([tiny], said.append)
    assert said == ["tiny: confirming"]


def test_unconfirmed_is_not_timed(tiny, monkeypatch):
    monkeypatch.setattr(module, "macs_of", lambda node: 7)
    with pytest.raises(
        UnconfirmedError, match=r"tiny is not confirmed, so it is not timed: conv1: macs: ours 7, PyTorch"
    ):
        confirm([tiny], lambda text: None)


def test_nothing_of_a_failed_trial_is_left_when_memory_is_given_back(tiny, ceilings, monkeypatch):
    """What the exception's frames hold must be gone before the allocator is asked to let go."""
    seen, alive = [], []

    class Small(Cpu):
        guard = None

        def durations(self, call, calls, count):
            seen.append(weakref.ref(subjects[-1].inputs[0].untyped_storage()))
            held = subjects[-1].inputs[0]
            if len(held) > 4:
                raise torch.OutOfMemoryError("out of memory")
            return super().durations(call, calls, count)

        def release(self):
            super().release()
            alive.append([ref() is not None for ref in seen])

    subjects = []
    real = module.Subject.call
    monkeypatch.setattr(
        module.Subject, "call", lambda self, batch, plain=False: subjects.append(self) or real(self, batch)
    )
    found = session(Small())
    largest = found._find_largest(tiny, module.Subject(tiny.graph, found.settings, found.device, Solo()))
    assert largest.batch == 4
    assert not any(any(refs) for refs in alive)


def on(api, **settings):
    """A session on the stand-in, with networks that pretend."""
    return session(Cuda(0, api, place="cpu", clock=api.clock, profile=api.profile), **settings)


def test_a_fault_that_stays_loses_neither_runs_nor_its_sentence(tiny, pretend):
    """`empty_cache` raises the fault again when the network's memory is given back: the sentence is not replaced."""
    api = FakeCuda()
    pretend(api)
    runs = on(api).runs(tiny, (1, 8))
    assert next(runs).batch == 1
    api.fails_after = api.launches + 10
    with pytest.raises(DeviceError, match=r"^cuda:0 failed \(tiny, batch 8\): CUDA error: an illegal memory access"):
        next(runs)
    with pytest.raises(RuntimeError, match="illegal"):
        api.empty_cache()


REFUSALS = [
    "integer out of range",
    "Expected canUse32BitIndexMath(input) && canUse32BitIndexMath(output) to be true, but got false.",
    "GET was unable to find an engine to execute this computation",
]


def refusing(monkeypatch, most, text, api=None):
    """Above a batch a library refuses; with `api` the device is dead afterwards."""
    real = Pretender.call

    def call(self, batch, plain=False):
        inner = real(self, batch, plain)

        def refused():
            if batch > most:
                if api is not None:
                    api.broken = text
                raise RuntimeError(text)
            return inner()

        return refused

    monkeypatch.setattr(Pretender, "call", call)


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_above_a_batch_that_fits_ends_the_search(tiny, pretend, monkeypatch, text):
    api = FakeCuda()
    pretend(api)
    refusing(monkeypatch, 24, text)
    (run,) = on(api).runs(tiny, None)
    assert run.batch == 24
    (note,) = run.notes
    assert note.startswith(
        "larger batches were not tried: batch 25 was refused: cuda:0 failed (tiny, trying batch 25): "
    )
    assert text.rstrip(".") in note


def test_a_refusal_of_the_smallest_batch_is_a_fault(tiny, pretend, monkeypatch):
    pretend(FakeCuda())
    refusing(monkeypatch, 0, REFUSALS[0])
    with pytest.raises(DeviceError, match="integer out of range; use a smaller --batch"):
        list(on(Pretender.api).runs(tiny, None))


def test_a_device_that_does_not_answer_ends_it_all(tiny, pretend, monkeypatch):
    api = FakeCuda()
    pretend(api)
    refusing(monkeypatch, 4, "CUDA error: an illegal memory access was encountered", api)
    with pytest.raises(DeviceError, match=r"trying batch 8\): CUDA error: an illegal memory access"):
        list(on(api).runs(tiny, None))


def test_tensors_pass_no_index_of_32_bits(tiny, pretend):
    api = FakeCuda(limit=1 << 40)
    pretend(api)
    started = on(api)
    started.device.most_numbers = 8 * 10 * 10 * 50  # conv1 makes 8×10×10 of an image
    (run,) = started.runs(tiny, None)
    assert run.batch == 50
    assert run.notes == (
        "larger batches were not tried: at batch 51 conv1 exceeds 40,000 elements, the limit of 32-bit indexing",
    )


def test_memory_shared_with_the_host_is_not_filled(tiny, pretend):
    api = FakeCuda(limit=12_000_000, integrated=1)
    pretend(api)
    (run,) = on(api).runs(tiny, None)
    assert api.peak <= 0.8 * 12_000_000
    assert 1_000_000 + 11_000 * (run.batch + 20) > 0.8 * 12_000_000


def test_the_search_runs_plainly(tiny, pretend, monkeypatch):
    """Uncompiled, and without cuDNN's own search."""
    api = FakeCuda(limit=3_000_000)
    pretend(api)
    seen = []
    real = Pretender.call
    monkeypatch.setattr(
        Pretender, "call",
        lambda self, batch, plain=False: seen.append((plain, torch.backends.cudnn.benchmark)) or real(self, batch),
    )  # fmt: skip
    list(on(api, compile=True).runs(tiny, None))
    assert set(seen[:-1]) == {(True, False)}
    assert seen[-1] == (False, True)


def test_a_batch_that_fits_plainly_is_lessened_until_it_fits_as_it_is_timed(tiny, pretend, monkeypatch):
    """A compiled pass, or a captured one, takes more memory than the trials did."""
    api = FakeCuda(limit=1_000_000 + 11_000 * 100)
    pretend(api)
    real = Pretender.call

    def call(self, batch, plain=False):
        inner = real(self, batch)
        if plain:
            return inner

        def hungry():
            api.allocate(200_000)
            try:
                inner()
            finally:
                api.free(200_000)

        return hungry

    monkeypatch.setattr(Pretender, "call", call)
    (run,) = on(api).runs(tiny, None)
    assert 70 < run.batch < 90
    assert run.notes == (f"a batch of 100 fits a plain pass, but only {run.batch} as timed here",)


def test_peaks_of_a_graph_are_named_and_given_back_before_the_layers(tiny, pretend, monkeypatch):
    api = FakeCuda()
    pretend(api)
    pools = []
    monkeypatch.setattr(measurement.Measurement, "_layers", lambda self, batch: pools.append((api.pools, api.cached)))
    (run,) = on(api, cuda_graph=True).runs(tiny, (8,))
    memory = run.details.memory
    assert memory.graph == 1_000_000 + 10_000 * 8
    assert memory.peaks.allocated == run.device_peak == run.peak.allocated
    assert memory.peaks.reserved == 8000 + memory.graph
    assert pools == [(0, 8000)]  # the inputs alone
    assert run.details.setup.capture > 0


def test_what_an_engineer_looks_for(tiny, pretend):
    api = FakeCuda(name="NVIDIA H200")
    pretend(api)
    (run,) = on(api, latency=True, dtype="bf16").runs(tiny, (4,))
    details = run.details
    assert details.latency.p50 == pytest.approx(1.4e-3, rel=0.01)
    assert details.queueing.device == pytest.approx(1.4e-3, rel=0.01)
    assert run.waiting == pytest.approx(0, abs=0.01)
    assert details.kernels == 1
    assert details.sheet == 989.5e12
    assert run.utilization == run.flops / run.timing.median / 989.5e12
    assert run.bandwidth == details.bytes / run.timing.median
    assert run.intensity == run.flops / details.bytes
    assert details.cache == api.l2
    assert details.parameters == 8 * 27 + 8 + 16 + 8 * 25 * 10 + 10
    assert run.scaling is None


def test_a_step_by_its_phases(tiny, pretend):
    api = FakeCuda()
    pretend(api)
    (run,) = on(api, mode="training").runs(tiny, (4,))
    assert run.details.phases == pytest.approx((1e-3, 2e-3, 3e-3), rel=0.01)


def test_phases_and_layers_of_the_real_network_on_the_processor(tiny, ceilings):
    (run,) = session(Cpu(), mode="training").runs(tiny, (4,))
    assert all(seconds > 0 for seconds in run.details.phases)
    assert run.details.queueing is None
    assert run.details.memory is None
    assert run.device_peak == run.peak.tensors


ONE_VALUE = """
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3}
  - global_avgpool
  - batchnorm
  - flatten
  - linear: 5
"""


def test_one_value_per_channel_cannot_be_trained(ceilings):
    named = Named("pooled", cnncalc.parse(ONE_VALUE).graph())
    with pytest.raises(UsageError, match=r"pooled cannot be trained at batch 1: batchnorm1 .*: take --batch 2 or more"):
        next(session(Cpu(), mode="training").runs(named, (1, 2)))
    (run,) = session(Cpu(), mode="training").runs(named, (2,))
    assert run.batch == 2
    (run,) = session(Cpu()).runs(named, (1,))
    assert run.batch == 1


def test_a_search_begins_where_training_can(ceilings, monkeypatch):
    monkeypatch.setattr(Cpu, "memory", lambda self: module_memory(4 << 20))
    said = []
    named = Named("pooled", cnncalc.parse(ONE_VALUE).graph())
    (run,) = session(Cpu(), said, mode="training").runs(named, None)
    assert run.batch > 2
    assert next(text for text in said if "trying" in text) == "pooled: trying batch 2"


def test_the_fault_names_the_layer(tiny, ceilings, monkeypatch):
    """As `verify` does: from the frames of the exception, so that no hook slows what is timed."""
    real = torch.nn.functional.max_pool2d

    def refuses(tensor, *arguments, **keywords):
        if len(tensor) == 3:
            raise RuntimeError("integer out of range")
        return real(tensor, *arguments, **keywords)

    monkeypatch.setattr(torch.nn.functional, "max_pool2d", refuses)
    with pytest.raises(DeviceError, match=r"cpu failed \(tiny, batch 3\) at maxpool1: integer out of range; use a sm"):
        list(session(Cpu()).runs(tiny, (1, 3)))


MIXED = """
input: {image: 2x6x6, clip: 2x4x6x6}
layers:
  - conv: {out_channels: 3, kernel_size: 3}
    from: image
  - flatten
  - conv: {out_channels: 3, kernel_size: 3}
    from: clip
  - flatten
  - concat:
    from: [flatten1, flatten2]
  - linear: 5
"""


def test_channels_last_goes_by_the_rank_of_each_weight(ceilings):
    graph = cnncalc.parse(MIXED).graph()
    subject = module.Subject(graph, Settings(channels_last=True), Cpu(), Solo())
    weights = {name: p for name, p in subject.network.named_parameters() if name.endswith("weight")}
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    assert sorted(weight.dim() for weight in weights.values()) == [2, 4, 5]
    for weight in weights.values():
        if weight.dim() in formats:
            assert weight.is_contiguous(memory_format=formats[weight.dim()])
    subject.call(2)()


@pytest.mark.parametrize(
    ("error", "ended", "message"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), NoRoomError, r"out of memory \(tiny, batch 4\)"),
        (RuntimeError("CUDA error: an illegal memory access"), DeviceError, "illegal memory access"),
        (KeyboardInterrupt(), KeyboardInterrupt, None),
    ],
)
def test_what_fails_beside_a_time_does_not_lose_it(tiny, pretend, monkeypatch, error, ended, message):
    pretend(FakeCuda())

    def fails(*arguments):
        raise error

    monkeypatch.setattr(measurement, "layer_times", fails)
    runs = on(Pretender.api, per_layer=True).runs(tiny, (4, 8))
    run = next(runs)
    assert run.timing.median == pytest.approx(1.4e-3, rel=0.01)
    assert run.details.queueing is not None
    assert run.layers == ()
    with pytest.raises(ended, match=message):
        next(runs)
    assert Pretender.api.held == 0


def test_what_libraries_load_once_does_not_end_a_search(tiny, pretend, monkeypatch):
    """The very first call of a process may take longer than patience lasts."""
    api = FakeCuda(limit=1_000_000 + 11_000 * 20)
    pretend(api)
    real = Pretender.call
    loaded = []

    def call(self, batch, plain=False):
        inner = real(self, batch)

        def loading():
            if not loaded:
                loaded.append(True)
                api.launch(60.0)
            inner()

        return loading

    monkeypatch.setattr(Pretender, "call", call)
    (run,) = on(api).runs(tiny, None)
    assert run.batch == 20
