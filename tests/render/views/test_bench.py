"""The words of a benchmark: what to distrust, and what else was measured."""

import pytest

pytest.importorskip("torch")

from cnncalc.pytorch.bench.devices.device import Peaks
from cnncalc.pytorch.bench.devices.sensors import Sensors
from cnncalc.pytorch.bench.results.run import Details, DeviceMemory, Peak, Run, Setup
from cnncalc.pytorch.bench.roofline.bounds import Bound, Ceilings, Work
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.timing.latency import Latency
from cnncalc.pytorch.bench.timing.layers import LayerTime
from cnncalc.pytorch.bench.timing.order_statistics import summarise
from cnncalc.pytorch.bench.timing.phases import Phases
from cnncalc.pytorch.bench.timing.queueing import Queueing
from cnncalc.pytorch.bench.timing.timing import Timing
from cnncalc.render.views.bench import Bench, bench_view
from cnncalc.render.views.bench_layers import layers_view, remark
from cnncalc.render.views.bench_notes import explain_excess, run_notes

WHERE = {
    "cnncalc": "1", "torch": "2.13.0", "device": "NVIDIA H200", "place": "cuda:0", "threads": "4",
    "memory": "139.8 GiB", "driver": "570.86.15", "cuda": "12.8", "cudnn": "91002",
    "power limit": "700 W", "ecc": "on", "mig": "off",
}  # fmt: skip


def run_of(layers=(), drift=None, **details):
    timing = Timing(0.5, summarise([0.01] * 20), 1, True, drift)
    peak = Peak(100 * 10**6, None, 99 * 10**6)
    return Run(
        "net", {"input": (3, 8, 8)}, 8, timing, 800.0, 10**12, Ceilings(2e14, 4e12), 0.005, peak, layers, (),
        Details(**details),
    )  # fmt: skip


def notes(run):
    return [cell.text.removeprefix("net, batch 8: ") for cell in run_notes(run)]


def test_the_device_and_its_software():
    view = bench_view(Bench(WHERE, Settings(), [run_of()]))
    facts = dict(view.facts)
    assert facts["device"] == "NVIDIA H200, cuda:0, 139.8 GiB, power limit 700 W, ecc on, mig off"
    assert facts["with"] == "torch 2.13.0, driver 570.86.15, CUDA 12.8, cuDNN 91002, cnncalc 1"
    assert view.notes[-1].text.startswith("time: back-to-back calls (throughput); --latency times one call")


def test_latency_has_columns():
    run = run_of(latency=Latency(0.011, 0.012, None, 50))
    view = bench_view(Bench(WHERE, Settings(latency=True), [run]))
    cells = {column.title: cell.text for column, cell in zip(view.columns, view.rows[0].cells, strict=True)}
    assert (cells["p50"], cells["p95"], cells["p99"]) == ("11.0 ms", "12.0 ms", "—")


def test_launch_bound():
    (said,) = notes(run_of(queueing=Queueing(0.0099, 0.0029)))
    assert said == (
        "launch-bound: the device is idle for 71% of the step: the host takes 9.90 ms to queue it, the device 2.90 ms "
        "to run it"
    )
    assert notes(run_of(queueing=Queueing(0.001, 0.0099)))[0].startswith(
        "not launch-bound: the device is idle for 1.0%"
    )
    assert "more launches than a stream queues" in notes(run_of(queueing=Queueing(0.001, None)))[0]


def test_traffic():
    assert notes(run_of(kernels=161, bytes=10**10, sheet=989.5e12)) == [
        "161 kernels, 1.00 TB/s, 100.0 FLOP/B (ridge point 50), MFU 10% of the data sheet's 990 TFLOP/s"
    ]


def test_memory_is_the_device_s():
    memory = DeviceMemory(Peaks(150 * 10**6, 300 * 10**6, 500 * 10**6), 120 * 10**6, 90 * 10**6, 50 * 10**6)
    run = run_of(memory=memory)
    (said,) = notes(run)
    assert said == (
        "device peak: 150 MB allocated, 300 MB reserved; tensors 100 MB; not in the prediction: library workspaces "
        "50.0 MB, CUDA graph pool 120 MB, DDP buckets 90.0 MB, CUDA context and other processes 500 MB"
    )
    view = bench_view(Bench(WHERE, Settings(), [run]))
    cells = {column.title: cell.text for column, cell in zip(view.columns, view.rows[0].cells, strict=True)}
    assert (cells["peak"], cells["predicted"]) == ("150 MB", "99.0 MB")


def test_setup_phases_and_ranks():
    run = run_of(setup=Setup(23.0, 0.31), phases=Phases(0.004, 0.008, 0.001), alone=0.009, ranks=2)
    assert notes(run)[-4:] == [
        "compiled in 23.0 s, including the first call",
        "CUDA graph captured in 310 ms",
        "training step: forward 4.00 ms, backward 8.00 ms, optimizer 1.00 ms (eager)",
        "2 ranks reach 45% of 2 times the throughput of one device, whose step takes 9.00 ms",
    ]


def test_sensors():
    before, after = Sensors(1980, 120.4, 45, ()), Sensors(1755, 698.0, 63, ("power cap",))
    assert notes(run_of(sensors=(before, after)))[-1] == (
        "SM 1,980 → 1,755 MHz, power 120 → 698 W, temperature 45 → 63 °C, throttled: power cap"
    )
    assert notes(run_of(sensors=(before, before)))[-1].endswith("not throttled")
    silent = Sensors(1980, None, None, None)
    assert notes(run_of(sensors=(silent, silent)))[-1] == "SM 1,980 → 1,980 MHz"


def test_drift_is_a_warning():
    (cell,) = run_notes(run_of(drift=0.08))
    assert cell.style == "warning"
    assert "8.0% slower at the end of the measurement than at its start" in cell.text


def layer(seconds, bound, size, host=None):
    return LayerTime("conv1", "conv", seconds, Work(10**9, size), bound, host)


@pytest.mark.parametrize(
    ("each", "cache", "said"),
    [
        (layer(1e-4, Bound(2e-4, "memory"), 30 << 20), 50 << 20, "its 31.5 MB fit in the L2 cache (52.4 MB)"),
        (layer(1e-4, Bound(2e-4, "memory"), 80 << 20), 50 << 20, "part of its data stays in the L2 cache (52.4 MB)"),
        (layer(1e-4, Bound(2e-4, "memory"), 30 << 20), None, "part of its data stays in a cache"),
        (layer(1e-4, Bound(2e-4, "compute"), 30 << 20), 1, "a fast algorithm needs fewer multiplications than counted"),
        (layer(1e-4, Bound(5e-5, "compute"), 30 << 20, host=2e-4), 1, "launch-bound"),
        (layer(1e-4, Bound(5e-5, "compute"), 30 << 20, host=5e-5), 1, ""),
    ],
)
def test_a_share_explain_excess_is_explained_on_its_row(each, cache, said):
    assert remark(each, cache) == said
    view = layers_view([run_of((each,), cache=cache)])
    assert ("remark" in [column.title for column in view.columns]) is bool(said)
    assert (view.rows[0].cells[-1].text == said) is bool(said)


def test_layers_of_compiled_networks_are_said_to_be_eager():
    runs = [run_of((layer(1e-4, Bound(5e-5, "compute"), 1),))]
    assert "timed eagerly" in layers_view(runs, Settings(compile=True)).notes[-1].text
    assert "a CUDA graph" in layers_view(runs, Settings(cuda_graph=True)).notes[-1].text
    assert "eagerly" not in layers_view(runs, Settings()).notes[-1].text
    assert "fused" in explain_excess(Settings(compile=True))
    assert "fused" not in explain_excess(Settings())
