"""Keras models as they are saved, built from lists of layers."""

from __future__ import annotations

import json

import cnncalc
from cnncalc.errors import Source
from cnncalc.importers.keras.document import Document
from cnncalc.importers.keras.model import read_model
from cnncalc.importers.keras.trace import run
from cnncalc.importers.keras.weights import count


def sequential(shape, *layers, **top):
    """A Sequential of Keras 2: the shape without the batch, and for each layer its class and its fields."""
    entry = {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, *shape]}}
    rest = [
        {"class_name": kind, "config": {"name": f"layer_{number}", **fields}}
        for number, (kind, fields) in enumerate(layers)
    ]
    return {"class_name": "Sequential", "config": {"name": "net", "layers": [entry, *rest]}, **top}


def layer(kind, name, *reads, **fields):
    """A layer of a functional model of Keras 2, and the layers that one call of it reads."""
    nodes = [[[each, 0, 0, {}] for each in reads]] if reads else []
    return {"class_name": kind, "name": name, "config": {"name": name, **fields}, "inbound_nodes": nodes}


def functional(layers, inputs, outputs):
    """A functional model of Keras 2."""
    ends = {
        "input_layers": [[name, 0, 0] for name in inputs],
        "output_layers": [[name, 0, 0] for name in outputs],
    }
    return {"class_name": "Functional", "config": {"name": "net", "layers": layers, **ends}}


def traced(model, wanted=None):
    """The tracing of a model, and its outputs."""
    tracing, _, outputs = run(read_model(Document(Source("net.json", json.dumps(model)))), wanted)
    return tracing, outputs


def totals(tracing):
    """The parameters as Keras counts them, and those that it trains."""
    numbers = [(count(node, tracing), node) for node in tracing.nodes]
    moving = sum(number - own(node, tracing) for number, node in numbers if not node.shares)
    frozen = sum(own(node, tracing) for number, node in numbers if node.frozen and not node.shares)
    total = sum(number for number, _ in numbers)
    return total, total - moving - frozen


def own(node, tracing):
    """The trainable weights of a node, frozen or not."""
    from cnncalc.layers import LAYERS

    shapes = [tracing.shape(name) for name in node.inputs]
    made = LAYERS[node.kind].make(node.arguments, len(shapes[0]) - 1)
    total = 0
    for shape in made.weights(shapes, node.output).values():
        size = 1
        for each in shape:
            size *= each
        total += size
    return total


def load(tmp_path, model, name="net.json"):
    """The spec of a model, by way of a file; and what was warned of."""
    warned: list[str] = []
    (tmp_path / name).write_text(model if isinstance(model, str) else json.dumps(model), "utf-8")
    return cnncalc.load(tmp_path / name, warn=warned.append), warned
