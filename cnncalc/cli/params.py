"""`cnncalc params`: what every layer learns, and its share of the whole."""

from __future__ import annotations

from cnncalc.cli.options import (
    AtOption,
    BatchOption,
    DepthOption,
    FormatOption,
    InputOption,
    LayoutOption,
    SetOption,
    SpecArguments,
    request,
)


def params(
    specs: SpecArguments = None,
    inputs: InputOption = None,
    settings: SetOption = None,
    at: AtOption = None,
    depth: DepthOption = None,
    form: FormatOption = "table",
    batch: BatchOption = "1",
    layout: LayoutOption = "chw",
) -> None:
    """Weights, biases and buffers of every layer, and its share.

    Shared weights count once, where they are owned. Training heads are summed apart.

    \b
      cnncalc params alexnet
      cnncalc params resnet@50 --depth 1
      cnncalc params mobilenet_v2 --set width=0.5
    """
    from cnncalc.cli.present import present
    from cnncalc.render.views.params import params_view

    asked = request(inputs, settings, depth, form, batch, layout, at)
    present(specs, asked, lambda report: params_view(report, layout=asked.layout, depth=asked.depth))
