"""`cnncalc params`: counts the parameters of every layer, and their share of the total."""

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
    """Count the weights, biases and buffers of every layer, with its share of the total.

    Shared weights count once, in the layer that owns them. Training heads are totalled separately.

    \b
      cnncalc params alexnet
      cnncalc params resnet@50 --depth 1
      cnncalc params mobilenet_v2 --set width=0.5
    """
    from cnncalc.cli.present import present
    from cnncalc.render.views.params import params_view

    asked = options.request(inputs, settings, depth, form, batch, layout, at)
    present(specs, asked, lambda report: params_view(report, layout=asked.layout, depth=asked.depth))
