"""Recipes of recurrent layers. PyTorch has the channels of a sequence last, and of its states the layers first."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import OWN, Recipe, Writer, channels, fields
from cnncalc.pytorch.recipes.terms import Arg, Method, Text, X, call, keyword, positional


def _recurrent(module: str, **more: Any) -> Writer:  # noqa: ANN401
    def write(node: Node) -> Recipe:
        layer: Any = node.layer
        made = call(
            module,
            positional(channels(node), "input_size"),
            positional(layer.hidden_size, "hidden_size"),
            *fields(node, num_layers=1, **more, bias=True),
            keyword("batch_first", True),
            keyword("dropout", layer.dropout if layer.drops else 0, 0),  # else PyTorch warns that nothing is dropped
            *fields(node, bidirectional=False),
        )
        steps_first = Method(X, "transpose", (Arg(Text("1")), Arg(Text("2"))))
        return Recipe(made, call("channels_first", call(OWN.function, steps_first)))

    return write


RECURRENT: dict[str, Writer] = {
    "lstm": _recurrent("nn.LSTM", proj_size=0),
    "gru": _recurrent("nn.GRU"),
    "rnn": _recurrent("nn.RNN", nonlinearity="tanh"),
}
