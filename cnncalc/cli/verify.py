"""`cnncalc verify`: compares every figure with the network built in PyTorch."""

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
    every: Annotated[bool, typer.Option("--all", help="Verify every variant of every shipped network.")] = False,
    execute: Annotated[bool, typer.Option("--execute", help="Run it with random tensors.")] = False,
    device: Annotated[
        str | None,
        typer.Option(metavar="cpu|cuda|cuda:1|mps", show_default=False, help="With --execute: the device to run on."),
    ] = None,
    gradients: Annotated[
        bool,
        typer.Option("--gradients", help="Compare receptive fields with gradients, for a few layers per stride."),
    ] = False,
    every_layer: Annotated[
        bool, typer.Option("--every-layer", help="With --gradients: compare every layer that has a field.")
    ] = False,
    memory: Annotated[
        bool, typer.Option("--memory", help="Compare the bytes saved for backward with PyTorch, on the CPU.")
    ] = False,
    module: Annotated[
        str | None,
        typer.Option(metavar="PACKAGE.MODULE:FACTORY", show_default=False, help="Compare with your own network."),
    ] = None,
    form: FormatOption = "table",
) -> None:
    """Build the network in PyTorch and compare every layer.

    Compares shapes, parameters, buffers and MACs. The network is built on PyTorch's meta device, which allocates and
    computes nothing; --execute runs it. If anything differs, both values are shown and the exit code is 1.

    \b
      cnncalc verify resnet@50
      cnncalc verify --all
      cnncalc verify resnet@18 --gradients
      cnncalc verify resnet@18 --execute --device cuda
      cnncalc verify net.yaml --module mypackage/models.py:make_net
      cnncalc verify net.yaml --module model.py:Net
    """
    from cnncalc.cli.pytorch import require_pytorch

    options = request(inputs, settings, None, form, "1", "chw", at)
    if module is not None and (every or execute or gradients or memory or len(specs or ()) != 1):
        raise UsageError(
            "--module compares one SPEC with a network: it excludes --all, --execute, --gradients and --memory"
        )
    if execute + gradients + memory > 1:
        raise UsageError("--execute, --gradients and --memory are mutually exclusive")
    if device is not None and not execute:
        raise UsageError("--device goes with --execute: without it nothing runs")
    if every_layer and not gradients:
        raise UsageError("--every-layer requires --gradients")
    if every and specs:
        raise UsageError("--all verifies the shipped networks: omit SPEC")
    require_pytorch()
    from cnncalc.cli.verifying import Means, verify_module, verify_specs

    if module is not None and specs:
        verify_module(specs[0], module, options)
    else:
        means = Means(execute, gradients, every_layer, memory, device)
        verify_specs(specs, every, means, options)
