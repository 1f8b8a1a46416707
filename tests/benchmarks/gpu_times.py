"""Steps of `gpu_check.sh` that hold times against what one writes by hand, and ceilings against other kernels."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from itertools import accumulate, pairwise

import torch
from bench_against_torch import TYPES, captured, event_times
from gpu_ours import CEILINGS, LARGE, NAMES, ON, bench, graph_of, session, verdict

from cnncalc.pytorch import build
from cnncalc.pytorch.bench.subject import Named
from cnncalc.pytorch.bench.timing.order_statistics import summarise

CASES = (
    (NAMES[0], 1, "bf16"), (NAMES[0], LARGE, "bf16"), (NAMES[0], LARGE, "fp32"), (NAMES[-1], 1, "bf16"),
    (NAMES[-1], LARGE, "bf16"),
)  # fmt: skip
TURNS = 3


def written_out(name: str, batch: int, dtype: str, graphed: bool) -> Callable[[], None]:
    """The pass as one writes it by hand, as a graph where asked for."""
    kind = TYPES[dtype]
    network = build(graph_of(name), ON, kind).eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    shape = next(iter(graph_of(name).inputs.values()))
    image = torch.randn(batch, *shape, device=ON, dtype=kind).to(memory_format=torch.channels_last)

    def run() -> None:
        with torch.inference_mode():
            network(image)

    return captured(run) if graphed else run


def by_hand() -> None:
    """Within 2 % of the hand-written loop, and of the hand-written graph, in turns."""
    for name, batch, dtype in CASES:
        for graphed in (False, True):
            ours = session(dtype, channels_last=True, cuda_graph=graphed, duration=0.4)
            call = written_out(name, batch, dtype, graphed)
            ratios = []
            for _ in range(TURNS):
                (run,) = ours.runs(Named(name, graph_of(name)), (batch,))
                ratios.append(run.timing.median / statistics.median(event_times(call, 0.4)))
            ratio = statistics.median(ratios)
            how = "graph" if graphed else "eager"
            verdict(
                abs(ratio - 1) <= 0.02,
                f"by hand {name} {batch} {dtype} {how}",
                f"ratio {ratio:.3f} ({', '.join(f'{each:.3f}' for each in ratios)}), {run.timing.median * 1e3:.3f} ms",
            )
            del call
            gc.collect()
            torch.cuda.empty_cache()


def ceilings() -> None:
    """Our copy beside other kernels that move bytes; the matrix rate as the device warms up."""
    session("bf16")
    size = 1 << 28
    source, target = torch.randn(size, device=ON), torch.empty(size, device=ON)
    ways: dict[str, tuple[Callable[[], object], int]] = {
        "copy": (lambda: target.copy_(source), 8),
        "add": (lambda: torch.add(source, 1.0, out=target), 8),
        "read": (lambda: source.sum(), 4),
    }
    rates = {way: each * size / min(event_times(call, 0.3)) for way, (call, each) in ways.items()}  # type: ignore[arg-type]
    ours = CEILINGS["bf16"]
    told = ", ".join(f"{way} {rate / 1e12:.2f}" for way, rate in rates.items())
    good = max(rates["add"], rates["read"]) <= 1.05 * ours.bandwidth
    verdict(good, "bandwidth ceiling", f"ours {ours.bandwidth / 1e12:.2f} TB/s; {told}")
    matrix = torch.randn(8192, 8192, device=ON, dtype=torch.bfloat16)
    product = torch.empty_like(matrix)
    times = event_times(lambda: torch.mm(matrix, matrix, out=product), 3.0)  # type: ignore[arg-type, return-value]
    rate = [2 * 8192**3 / seconds / 1e12 for seconds in times]
    tenth = len(rate) // 10
    verdict(
        max(rate) <= 1.05 * ours.rate / 1e12,
        "matrix ceiling",
        f"ours {ours.rate / 1e12:.0f} TFLOP/s; best {max(rate):.0f}, first tenth "
        f"{statistics.median(rate[:tenth]):.0f}, last tenth {statistics.median(rate[-tenth:]):.0f}",
    )


def drift() -> None:
    """What a warm-up must outlast; whether intervals hold; whether equal runs are called distinct."""
    session("bf16")
    call = written_out(NAMES[0], LARGE, "bf16", False)
    event_times(call, 0.01)
    time.sleep(4)
    times = event_times(call, 5.0)
    ends = list(accumulate(times))

    def part(low: float, high: float) -> float:
        found = [seconds for seconds, end in zip(times, ends, strict=True) if low <= end < high]
        return statistics.median(found) if found else float("nan")

    rest = part(3, 5)
    windows = {
        f"{low}–{high} s": part(low, high) / rest - 1 for low, high in ((0, 0.1), (0.1, 0.5), (0.5, 1.5), (1.5, 3))
    }
    verdict(
        abs(windows["0.5–1.5 s"]) <= 0.02,
        "drift from idle",
        ", ".join(f"{name} {share:+.1%}" for name, share in windows.items())
        + f" beside the last 2 s ({rest * 1e3:.2f} ms)",
    )
    size = len(times) // 10
    pieces = [summarise(times[start : start + size]).interval for start in range(0, size * 10, size)]
    median = statistics.median(times)
    holds = sum(piece is not None and piece[0] <= median <= piece[1] for piece in pieces)
    mean = statistics.fmean(times)
    correlation = sum((a - mean) * (b - mean) for a, b in pairwise(times)) / sum((t - mean) ** 2 for t in times)
    verdict(
        holds >= 8,
        "95% interval",
        f"{holds} of 10 pieces of one run hold its median; correlation {correlation:.2f}",
    )
    runs = [bench(NAMES[0], LARGE, "bf16", channels_last=True).timing for _ in range(3)]
    intervals = [(run.median, run.interval or run.summary.quartiles) for run in runs]
    apart = sum(
        (a[1][1] < b[1][0] or b[1][1] < a[1][0]) and abs(a[0] / b[0] - 1) > 0.01
        for index, a in enumerate(intervals)
        for b in intervals[:index]
    )
    spread = max(median for median, _ in intervals) / min(median for median, _ in intervals) - 1
    verdict(apart == 0, "the same run three times", f"medians within {spread:.2%}, {apart} of 3 pairs called distinct")
