"""`cnncalc bench` beside careful hand-written loops over the same modules, in turns: do their intervals overlap?

On the processor `torch.utils.benchmark` times alexnet and resnet@18. Where there is a CUDA device, a loop of CUDA
events and a CUDA graph are written out for resnet@50 and mobilenet_v2, batch 1 and 256, fp32 and bf16, channels last.

    python tests/benchmarks/bench_against_torch.py [seconds per measurement]
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch.utils.benchmark import Timer

import cnncalc
from cnncalc.pytorch import build
from cnncalc.pytorch.bench.devices.opening import open_device
from cnncalc.pytorch.bench.roofline.bounds import Ceilings
from cnncalc.pytorch.bench.roofline.ceilings import measure_ceilings
from cnncalc.pytorch.bench.session import Session
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named
from cnncalc.pytorch.bench.team import Solo
from cnncalc.pytorch.bench.timing.order_statistics import Summary, summarise

TURNS = 3
PROCESSOR = [("alexnet", 1), ("alexnet", 8), ("resnet@18", 1), ("resnet@18", 8)]
DEVICE = [
    (name, batch, dtype) for name in ("resnet@50", "mobilenet_v2") for batch in (1, 256) for dtype in ("fp32", "bf16")
]
TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def in_turns(calls: dict[str, Callable[[], Summary]]) -> dict[str, list[Summary]]:
    """Every measurement, one after the other, three times: a busy machine slows all alike."""
    found: dict[str, list[Summary]] = {name: [] for name in calls}
    for _ in range(TURNS):
        for name, call in calls.items():
            found[name].append(call())
    return found


def report(title: str, found: dict[str, list[Summary]]) -> None:
    """The median of the medians, the widest interval of the turns, and whether all intervals meet the first's."""
    print(title)
    spans = {name: span(summaries) for name, summaries in found.items()}
    (first_low, first_high), *_ = spans.values()
    for name, (low, high) in spans.items():
        median = statistics.median(summary.median for summary in found[name])
        overlap = low <= first_high and first_low <= high
        times = f"{median * 1e3:9.3f} ms   {low * 1e3:9.3f} … {high * 1e3:9.3f}"
        print(f"  {name:24} {times}   {'overlaps' if overlap else 'APART'}")


def span(summaries: Sequence[Summary]) -> tuple[float, float]:
    """From the lowest end of any turn's interval to the highest."""
    intervals = [summary.interval or summary.quartiles for summary in summaries]
    return min(low for low, _ in intervals), max(high for _, high in intervals)


def ours(name: str, batch: int, seconds: float, device: str, **settings: object) -> Callable[[], Summary]:
    """What `cnncalc bench` measures."""
    named = Named(name, cnncalc.load(name).graph())
    session = Session(open_device(device), Settings(duration=seconds, **settings), Solo(), lambda text: None)  # type: ignore[arg-type]
    session._ceilings = Ceilings(1.0, 1.0)  # measured apart: they have no part in times

    def measure() -> Summary:
        (run,) = session.runs(named, (batch,))
        return run.timing.summary

    return measure


def by_timer(name: str, batch: int, seconds: float) -> Callable[[], Summary]:
    """`torch.utils.benchmark`, on as many threads; it warms up and picks the calls per sample by itself."""
    network = build(cnncalc.load(name).graph()).eval()
    inputs = torch.randn(batch, *next(iter(cnncalc.load(name).graph().inputs.values())))
    timer = Timer(
        "with torch.inference_mode(): network(inputs)",
        globals={"torch": torch, "network": network, "inputs": inputs},
        num_threads=torch.get_num_threads(),
    )

    def measure() -> Summary:
        timer.timeit(3)  # warm, as ours is
        return summarise(timer.blocked_autorange(min_run_time=seconds).times)

    return measure


def by_events(name: str, batch: int, seconds: float, dtype: torch.dtype, graphed: bool) -> Callable[[], Summary]:
    """What one writes by hand: warm up on a side stream, capture, then an event between every two passes."""
    graph = cnncalc.load(name).graph()
    network = build(graph, "cuda", dtype).eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    shape = next(iter(graph.inputs.values()))
    inputs = torch.randn(batch, *shape, device="cuda", dtype=dtype).to(memory_format=torch.channels_last)

    def run() -> None:
        with torch.inference_mode():
            network(inputs)

    def measure() -> Summary:
        call = captured(run) if graphed else run
        for _ in range(10):
            call()
        torch.cuda.synchronize()
        return summarise(event_times(call, seconds))

    return measure


def captured(run: Callable[[], None]) -> Callable[[], None]:
    """The pass as a CUDA graph."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay  # type: ignore[no-any-return]


def event_times(call: Callable[[], None], seconds: float) -> list[float]:
    """Seconds of every pass, for so many seconds, fifty at a time."""
    times: list[float] = []
    while sum(times) < seconds or len(times) < 50:
        events = [torch.cuda.Event(enable_timing=True) for _ in range(51)]
        events[0].record()
        for event in events[1:]:
            call()
            event.record()
        torch.cuda.synchronize()
        times += [a.elapsed_time(b) / 1e3 for a, b in pairwise(events)]
    return times


def on_the_processor(seconds: float) -> None:
    """alexnet and resnet@18."""
    for name, batch in PROCESSOR:
        calls = {
            "cnncalc bench": ours(name, batch, seconds, "cpu"),
            "torch.utils.benchmark": by_timer(name, batch, seconds),
        }
        report(f"cpu, {torch.get_num_threads()} threads: {name}, batch {batch}", in_turns(calls))


def on_a_device(seconds: float) -> None:
    """resnet@50 and mobilenet_v2, eager and graphed; then memory beside the predicted, the share of the roofline."""
    torch.backends.cudnn.benchmark = True
    device = open_device("cuda")
    print(device.facts())
    for name, batch, dtype in DEVICE:
        for graphed in (False, True):
            own = ours(name, batch, seconds, "cuda", dtype=dtype, channels_last=True, cuda_graph=graphed)
            own()  # sets the precision, for both
            hand = by_events(name, batch, seconds, TYPES[dtype], graphed)
            calls = {"cnncalc bench": own, "events by hand": hand}
            how = "graphed" if graphed else "eager"
            report(f"cuda: {name}, batch {batch}, {dtype}, channels last, {how}", in_turns(calls))
        memory_and_share(name, batch, dtype, seconds)


def memory_and_share(name: str, batch: int, dtype: str, seconds: float) -> None:
    """Measured peak beside the predicted one, and how much of the roofline is reached."""
    device = open_device("cuda")
    settings = Settings(dtype=dtype, channels_last=True, cuda_graph=True, duration=seconds)  # type: ignore[arg-type]
    session = Session(device, settings, Solo(), lambda text: None)
    session._ceilings = measure_ceilings(device, TYPES[dtype])
    (run,) = session.runs(Named(name, cnncalc.load(name).graph()), (batch,))
    tensors, allocated, predicted = run.peak
    rate, bandwidth = run.ceilings.rate / 1e12, run.ceilings.bandwidth / 1e12
    print(f"  {run.share:.1%} of the roofline ({rate:.1f} TFLOP/s, {bandwidth:.2f} TB/s)")
    print(f"  peak: tensors {tensors:,}, allocated {allocated:,}, predicted {predicted:,} bytes")


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    on_the_processor(length)
    if torch.cuda.is_available():
        on_a_device(length)
    else:
        print("no CUDA device here: the comparison with events and graphs is left out")
