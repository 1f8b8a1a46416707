"""`cnncalc export`: writes a network as PyTorch source or as ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnncalc.cli.options import AtOption, FileOption, InputOption, SetOption, SpecArgument, read_choice, request

TARGETS = ("torch", "onnx")


def export(
    spec: SpecArgument,
    to: Annotated[
        str,
        typer.Option("--to", metavar="|".join(TARGETS), autocompletion=lambda: TARGETS, help="Target format."),
    ] = "torch",
    output: FileOption = "",
    inputs: InputOption = None,
    settings: SetOption = None,
    at: AtOption = None,
    opset: Annotated[str, typer.Option("--opset", metavar="N", show_default=False, help="ONNX opset version.")] = "",
) -> None:
    """Export the network as readable PyTorch source or as ONNX.

    Weights are named as in the spec. An ONNX file holds freshly initialised weights, folds none of them
    (batch normalization stays a layer) and accepts any batch size. In PyTorch source,
    an unknown operation is a placeholder, which raises an error when it runs.

    \b
      cnncalc export resnet@50 > resnet50.py
      cnncalc export net.yaml --to torch -o net.py
      cnncalc export alexnet --to onnx -o alexnet.onnx
    """
    from cnncalc.cli.present import analyze_spec
    from cnncalc.cli.saving import STANDARD_OUTPUT, require_other_file, save_text
    from cnncalc.errors import UsageError
    from cnncalc.quantities.given import whole_number

    target = read_choice("--to", to, TARGETS)
    if opset and target != "onnx":
        raise UsageError("--opset requires --to onnx")
    version = whole_number("--opset", opset, 99) if opset else None
    report = analyze_spec(spec, request(inputs, settings, None, "table", "1", "chw", at))
    if target == "torch":
        from cnncalc.cli.output import complain
        from cnncalc.exporters import to_source
        from cnncalc.graph import list_unknown

        text = to_source(report.graph, report.about.get("source", ""))
        require_other_file("-o", output, [spec])
        save_text(text, output)
        if names := list_unknown(report.graph):
            complain(f"replace before it runs, as the operation is unknown: {', '.join(names)}")
        return
    if output in STANDARD_OUTPUT:
        raise UsageError(f"ONNX is a binary format: specify a file: -o {_file_name(report.name)}.onnx")
    from cnncalc.exporters.onnx import write_onnx

    require_other_file("-o", output, [spec])
    write_onnx(report.graph, Path(output), version)


def _file_name(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum()) or "network"
