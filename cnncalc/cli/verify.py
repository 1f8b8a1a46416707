"""`cnncalc verify`: every number of ours against the real network."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import AtOption, FormatOption, InputOption, SetOption, SpecArguments, request
from cnncalc.errors import UsageError


def verify(
    specs: SpecArguments = None,
    inputs: InputOption = None,
    settings: SetOption = None,
    at: AtOption = None,
    every: Annotated[bool, typer.Option("--all", help="Every variant of every shipped network.")] = False,
    execute: Annotated[bool, typer.Option("--execute", help="Run it with random tensors.")] = False,
    device: Annotated[
        str | None,
        typer.Option(metavar="cpu|cuda|cuda:1|mps", show_default=False, help="With --execute: where; the processor."),
    ] = None,
    gradients: Annotated[
        bool,
        typer.Option("--gradients", help="Compare what positions see with gradients, a few layers per stride."),
    ] = False,
    every_layer: Annotated[
        bool, typer.Option("--every-layer", help="With --gradients: every layer that has a field.")
    ] = False,
    memory: Annotated[
        bool, typer.Option("--memory", help="Compare the bytes saved for backward with PyTorch's, on the processor.")
    ] = False,
    module: Annotated[
        str | None,
        typer.Option(metavar="PACKAGE.MODULE:FACTORY", show_default=False, help="Compare with a network of your own."),
    ] = None,
    form: FormatOption = "table",
) -> None:
    """Build the network in PyTorch and compare every layer.

    Shape, parameters, buffers and MACs. Nothing is allocated or computed (PyTorch's meta device), unless --execute runs
    it. Where anything differs, both values are shown, and the exit code is 1.

    \b
      cnncalc verify resnet@50
      cnncalc verify --all
      cnncalc verify resnet@18 --gradients
      cnncalc verify resnet@18 --execute --device cuda
      cnncalc verify net.yaml --module mypackage.models:make_net
      cnncalc verify net.yaml --module model.py:Net
    """
    from cnncalc.cli.pytorch import require_pytorch

    asked = request(inputs, settings, None, form, "1", "chw", at)
    if module is not None and (every or execute or gradients or memory or len(specs or ()) != 1):
        raise UsageError(
            "--module compares one SPEC with a network: without --all, --execute, --gradients and --memory"
        )
    if execute + gradients + memory > 1:
        raise UsageError("--execute, --gradients and --memory compare different things: one at a time")
    if device is not None and not execute:
        raise UsageError("--device goes with --execute: without it nothing runs")
    if every_layer and not gradients:
        raise UsageError("--every-layer goes with --gradients")
    if every and specs:
        raise UsageError("--all means the shipped networks: leave out SPEC")
    require_pytorch()
    from cnncalc.cli.verifying import Means, verify_module, verify_specs

    if module is not None and specs:
        verify_module(specs[0], module, asked)
    else:
        means = Means(execute, gradients, every_layer, memory, device)
        verify_specs(specs, every, means, asked)
