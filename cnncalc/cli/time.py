"""`cnncalc time`: predicts how long a batch takes on a device, with a 90% interval, and what rules every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncalc.cli import options

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report
    from cnncalc.prediction.predict import Prediction

MEMORY_LAYOUTS = ("nchw", "nhwc")


def time(
    specs: options.SpecArguments = None,
    inputs: options.InputOption = None,
    settings: options.SetOption = None,
    at: options.AtOption = None,
    device: Annotated[
        str | None,
        typer.Option("--device", metavar="rtx4090|FILE", show_default=False, help="A device, or a device file."),
    ] = None,
    devices: Annotated[bool, typer.Option("--devices", help="List the devices, their sources and errors.")] = False,
    batch: Annotated[str, typer.Option("--batch", metavar="1,64,256", help="Batch sizes.")] = "1",
    dtype: Annotated[
        str | None,
        typer.Option("--dtype", metavar="amp|fp16|bf16|tf32|fp32", show_default=False, help="Data type."),
    ] = None,
    mode: Annotated[
        str, typer.Option("--mode", metavar="inference|training", help="Inference, or a training step.")
    ] = "inference",
    layout: Annotated[
        str | None,
        typer.Option("--layout", metavar="nchw|nhwc", show_default=False, help="Memory format of the maps."),
    ] = None,
    compile_: Annotated[bool, typer.Option("--compile", help="With torch.compile.")] = False,
    form: options.FormatOption = "table",
) -> None:
    """Predict the time of a batch on a device, with an interval.

    The prediction sums what every kernel multiplies and moves, by a fit to measured runs on that device; the interval
    holds 90% of the runs of networks that the fit had not seen. The least time by the data sheet is beside it. What of
    the setting is not given is as in the runs of the device, if possible: amp, NCHW, and eager.

    \b
      cnncalc time resnet@50 --device rtx4090 --batch 256
      cnncalc time resnet@18 resnet@50 --device rtx3090 --batch 64,256
      cnncalc time mobilenet_v2 --device i7_12700h --dtype fp32 --compile
      cnncalc time --devices
    """
    from cnncalc.cli.output import write_data
    from cnncalc.cli.present import analyze_spec, print_view
    from cnncalc.cli.specs import spec_names
    from cnncalc.devices.catalog import every_device, find_device
    from cnncalc.errors import UsageError
    from cnncalc.prediction.predict import predict
    from cnncalc.prediction.widths import DTYPES
    from cnncalc.quantities.given import batch_sizes
    from cnncalc.render.formats.json import dump_json
    from cnncalc.render.views.devices import devices_document, devices_view
    from cnncalc.render.views.time import time_document, time_view

    requested = options.request(inputs, settings, None, form, "1", "chw", at)
    if devices:
        if requested.form == "json":
            write_data(dump_json(devices_document(every_device())))
        else:
            print_view(devices_view(every_device()), requested.form)
        return
    given = (
        options.read_choice("--mode", mode, ("inference", "training")),
        None if dtype is None else options.read_choice("--dtype", dtype, DTYPES),
        None if layout is None else options.read_choice("--layout", layout, MEMORY_LAYOUTS),
        True if compile_ else None,
    )
    batches = batch_sizes(batch)
    if device is None:
        raise UsageError("--device: which device? cnncalc time --devices lists them")
    found = find_device(device)
    setting = found.setting(*given)
    predicted: list[tuple[Report, list[Prediction]]] = []
    for name in spec_names(specs):
        report = analyze_spec(name, requested)
        predicted.append((report, predict(report.graph, found, setting, batches)))
    if requested.form == "json":
        documents: list[dict[str, Any]] = [time_document(report, each) for report, each in predicted]
        write_data(dump_json(documents if len(documents) > 1 else documents[0]))
    else:
        print_view(time_view(predicted), requested.form)
