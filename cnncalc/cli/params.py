"""`cnncalc params`: what every layer learns, and its share of the whole."""

from __future__ import annotations

from cnncalc.cli import options


def params(
    specs: options.SpecArguments = None,
    inputs: options.InputOption = None,
    settings: options.SetOption = None,
    at: options.AtOption = None,
    depth: options.DepthOption = None,
    form: options.FormatOption = "table",
    batch: options.BatchOption = "1",
    layout: options.LayoutOption = "chw",
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

    asked = options.request(inputs, settings, depth, form, batch, layout, at)
    present(specs, asked, lambda report: params_view(report, layout=asked.layout, depth=asked.depth))
