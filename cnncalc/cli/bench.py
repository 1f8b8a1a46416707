"""`cnncalc bench`: measures how fast the real network runs, and how close that is to the machine's limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import typer

from cnncalc.cli.options import (
    FormatOption,
    InputOption,
    SetOption,
    SpecArguments,
    read_choice,
    request,
)
from cnncalc.errors import UsageError
from cnncalc.quantities.given import batch_sizes

LONGEST = 3600.0  # seconds


def bench(
    specs: SpecArguments = None,
    inputs: InputOption = None,
    settings: SetOption = None,
    device: Annotated[str, typer.Option(metavar="cpu|cuda|cuda:1|mps", help="Device to run on.")] = "cpu",
    batch: Annotated[
        str, typer.Option(metavar="1,8,64|auto", help="Batch sizes, one run each; auto: the largest that fits.")
    ] = "1",
    dtype: Annotated[str, typer.Option(metavar="fp32|tf32|fp16|bf16", help="Data type.")] = "fp32",
    mode: Annotated[
        str, typer.Option(metavar="inference|training", help="Inference, or a training step.")
    ] = "inference",
    channels_last: Annotated[
        bool, typer.Option("--channels-last", help="Use the channels-last memory format.")
    ] = False,
    compile_: Annotated[bool, typer.Option("--compile", help="Use torch.compile.")] = False,
    cuda_graph: Annotated[bool, typer.Option("--cuda-graph", help="Capture and replay a CUDA graph.")] = False,
    per_layer: Annotated[bool, typer.Option("--per-layer", help="Time each layer and compare with its bound.")] = False,
    latency: Annotated[bool, typer.Option("--latency", help="Also one call at a time: p50, p95, p99.")] = False,
    cold: Annotated[bool, typer.Option("--cold", help="Clear the device's L2 before each sample.")] = False,
    duration: Annotated[str, typer.Option(metavar="SECONDS", help="Seconds to measure per batch size.")] = "2",
    save: Annotated[str | None, typer.Option(metavar="FILE", show_default=False, help="Save the runs as JSON.")] = None,
    compare: Annotated[
        str | None, typer.Option(metavar="FILE", show_default=False, help="Compare with runs saved by --save.")
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Time fixed networks, and fit a device for `time --device` to them.")
    ] = False,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", show_default=False, help="With --calibrate: the device.")
    ] = "",
    form: FormatOption = "table",
) -> None:
    """Time the real network on a device, beside its roofline.

    Reports the median time of back-to-back calls (throughput), images per second, achieved FLOP/s, measured and
    predicted memory, and the share of the roofline; --latency waits for each call.

    The network is first compared with its spec, as `verify` does. Under torchrun, --mode training measures
    data-parallel training.

    \b
      cnncalc bench resnet@50 --device cuda --batch 1,64 --dtype bf16
      cnncalc bench alexnet resnet@18 --per-layer
      cnncalc bench vgg@16 --device cuda --batch auto --save vgg.json
      cnncalc bench --calibrate --device cuda --dtype fp16 -o my_gpu.yaml
      torchrun --nproc-per-node 2 --no-python cnncalc \\
        bench resnet@50 --device cuda --mode training --batch 64
    """
    from cnncalc.cli.pytorch import require_pytorch

    options = request(inputs, settings, None, form, "1", "chw")
    batches, seconds = parse_batches(batch), parse_duration(duration)
    if output and not calibrate:
        raise UsageError("-o is for --calibrate: --save FILE keeps the runs")
    require_pytorch()
    from cnncalc.cli.benchmarking import Files, benchmark
    from cnncalc.pytorch.bench.settings import DTYPES, MODES, Settings
    from cnncalc.quantities.dtypes import dtype_among

    bench_settings = Settings(
        read_choice("--dtype", dtype_among(dtype, DTYPES) or dtype, DTYPES), read_choice("--mode", mode, MODES),
        channels_last, compile_, cuda_graph, per_layer, seconds, latency, cold,
    )  # fmt: skip
    if calibrate:
        from cnncalc.cli.calibrating import calibrate as measure_and_fit
        from cnncalc.cli.calibrating import require_alone

        others = {
            "SPEC": bool(specs), "--input": bool(inputs), "--set": bool(settings), "--batch": batch != "1",
            "--mode": mode != "inference", "--cuda-graph": cuda_graph, "--per-layer": per_layer, "--latency": latency,
            "--cold": cold, "--duration": duration != "2", "--save": bool(save), "--compare": bool(compare),
        }  # fmt: skip
        require_alone(output, others)
        measure_and_fit(options, bench_settings, device, output)
        return
    benchmark(specs, options, bench_settings, device, batches, Files(save, compare))


def parse_batches(text: str) -> Sequence[int] | None:
    """Parse batch sizes such as `1,8,64`; None for `auto`."""
    return None if text == "auto" else batch_sizes(text)


def parse_duration(text: str) -> float:
    """Parse a duration in seconds, above 0."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= LONGEST:
        raise UsageError(f"--duration: expected seconds above 0 and up to {LONGEST:,.0f}, got '{text}'")
    return seconds
