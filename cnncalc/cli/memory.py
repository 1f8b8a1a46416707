"""`cnncalc memory`: computes bytes of weights and activations, the peak, training, and the largest batch that fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncalc.cli import options

if TYPE_CHECKING:
    from cnncalc.analysis.memory.memory import Memory
    from cnncalc.analysis.report import Report
    from cnncalc.render.view import View
    from cnncalc.symbolic import Size


def memory(
    specs: options.SpecArguments = None,
    inputs: options.InputOption = None,
    settings: options.SetOption = None,
    at: options.AtOption = None,
    batch: Annotated[str, typer.Option("--batch", metavar="N", help="Batch size: a number or a symbol.")] = "1",
    dtype: Annotated[
        str, typer.Option("--dtype", metavar="DTYPE", help="float32, float16, bfloat16, int8, …")
    ] = "float32",
    training: Annotated[bool, typer.Option("--training", help="Include the memory of a training step.")] = False,
    optimizer: Annotated[
        str, typer.Option("--optimizer", metavar="NAME", help="sgd, momentum, adam, adamw, rmsprop or adagrad.")
    ] = "sgd",
    fits: Annotated[
        str | None,
        typer.Option(
            "--fits", metavar="8GiB|rtx4090", help="The largest batch within a budget; exit code 1 if none fits."
        ),
    ] = None,
    fold: Annotated[
        bool, typer.Option("--fold-batchnorm", help="Fold batch normalization into the layer before it.")
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Print all digits.")] = False,
    depth: options.DepthOption = None,
    form: options.FormatOption = "table",
    layout: options.LayoutOption = "chw",
) -> None:
    """Show the memory of weights, activations and training, and the peak.

    An activation that shares the memory of another (a view, or computed in place) adds none of its own.

    \b
      cnncalc memory resnet@50 --depth 1
      cnncalc memory vgg@16 --batch 64 --dtype float16
      cnncalc memory resnet@50 --training --optimizer adam
      cnncalc memory resnet@50 --fits 8GiB --training
      cnncalc memory resnet@50 --fits rtx4090
      cnncalc memory unet --input 1xHxW --batch N
    """
    from cnncalc.cli.present import present
    from cnncalc.quantities.given import parse_batch
    from cnncalc.render.views.networks import Figure

    requested = options.request(inputs, settings, depth, form, "1", layout, at)
    samples, budget = parse_batch(batch), None if fits is None else _read_budget(fits)

    most_samples: list[int] = []  # of each network

    def memory_of(report: Report) -> Memory:
        return report.memory(samples, dtype, optimizer, fold_batchnorm=fold)

    def most_within(limit: int, report: Report) -> int:
        most_samples.append(memory_of(report).fits(limit, training))
        return most_samples[-1]

    def view_of(report: Report) -> View:
        from cnncalc.render.views.memory import memory_view

        if budget is not None:
            most_within(budget, report)
        return memory_view(
            report,
            memory_of(report),
            layout=requested.layout,
            depth=requested.depth,
            training=training,
            exact=exact,
            budget=budget,
        )

    def document_of(report: Report) -> dict[str, Any]:
        from cnncalc.analysis.memory.record import add_memory

        document = add_memory(report.to_dict(), memory_of(report), training)
        return document if budget is None else document | {"budget": budget, "fits": most_within(budget, report)}

    def bytes_of(figure: Callable[[Memory], Size | None]) -> Callable[[Report], tuple[str, object]]:
        from cnncalc.quantities.bytes import bytes_text

        def format_bytes(report: Report) -> tuple[str, object]:
            size = figure(memory_of(report))
            return bytes_text(size, exact), size

        return format_bytes

    compared = [
        ("weights", "weight_bytes", bytes_of(lambda memory: memory.weights)),
        ("activations", "activation_bytes", bytes_of(lambda memory: memory.activation_bytes)),
        ("peak", "peak_bytes", bytes_of(lambda memory: memory.peak.bytes)),
    ]
    if training:
        compared.append(("training", "training_bytes", bytes_of(lambda memory: memory.training.bytes)))
    if budget is not None:
        limit = budget
        compared.append(("samples that fit", "fits", lambda report: _count_cell(most_within(limit, report))))
    present(specs, requested, view_of, document_of=document_of, compared=[Figure(*each) for each in compared])
    if 0 in most_samples:
        raise typer.Exit(1)


def _read_budget(text: str) -> int:
    """The bytes that a text gives, or that the device of this name has.

    Raises:
        UsageError: the text is neither, or the memory of the device is not known.
    """
    from cnncalc.devices.catalog import find_device, is_device
    from cnncalc.errors import UsageError
    from cnncalc.quantities.bytes import read_bytes

    if not is_device(text):
        return read_bytes(text, "--fits")
    device = find_device(text)
    if device.memory is None:
        raise UsageError(f"--fits {device.key}: its memory is not known: give a number of bytes, such as 8GiB")
    return device.memory


def _count_cell(count: int) -> tuple[str, object]:
    return f"{count:,}" if count else "none", count
