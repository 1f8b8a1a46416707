"""`cnncalc import`: converts a network from ONNX, Caffe, Keras, Darknet, Ultralytics or PyTorch to a spec."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import FileOption, InputOption


def import_(
    network: Annotated[
        str,
        typer.Argument(
            metavar="NETWORK",
            show_default=False,
            help="A file (net.onnx, net.prototxt, net.cfg, model.json, net.keras, yolov8.yaml, net.lua, net.js) or "
            "torch:package.module:factory.",
        ),
    ],
    inputs: InputOption = None,
    output: FileOption = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--arg", metavar="NAME=VALUE", show_default=False, help="Argument for the factory."),
    ] = None,
    flat: Annotated[
        bool, typer.Option("--flat", help="Write a flat list of layers, named by their paths in the original.")
    ] = False,
) -> None:
    """Import a network from ONNX, Caffe, Keras, Darknet, Ultralytics or PyTorch.

    From a file, only the graph and the shapes of its weights are read; no other file is opened.

    With torch: THIS RUNS CODE: the module or file that you name is imported and its factory called, in this process;
    nothing else is imported. The network runs once, in evaluation mode, on tensors without data (on PyTorch's meta
    device if it can be built there).

    An operation that no layer describes becomes `unknown`; one warning lists all of them.

    Every command except sweep accepts such a network as its SPEC, with arguments after commas:
    cnncalc summary torch:timm:create_model,model_name=resnet50 --input 3x224x224

    \b
      cnncalc import net.onnx -o net.yaml
      cnncalc import deploy.prototxt --input 3x227x227
      cnncalc import yolov4.cfg
      cnncalc import alexnet.lua --input 3x224x224
      cnncalc import yolov8n.yaml
      cnncalc import model.json -o net.yaml
      cnncalc import torch:torchvision.models:resnet50 -i 3x224x224 -o net.yaml
      cnncalc import torch:timm:create_model --arg model_name=convnext_tiny \\
        --input 3x224x224
      cnncalc import torch:model.py:Net --input 1x28x28
    """
    from cnncalc.cli.saving import require_other_file, save_text
    from cnncalc.cli.specs import warn
    from cnncalc.loading import import_network
    from cnncalc.quantities.given import parse_settings
    from cnncalc.quantities.shapes import read_inputs

    arguments = parse_settings(settings or (), "--arg")
    text = import_network(network, read_inputs(inputs or ()), arguments, flat=flat, warn=warn).text
    require_other_file("-o", output, [network])
    save_text(text, output)
