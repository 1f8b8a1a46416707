"""Models of Keras, Darknet, Ultralytics, Torch7 and ConvNetJS: by their layers, and mutations of their text."""

from __future__ import annotations

import json
import random

from cnncalc.importers.darknet.trace import HANDLERS
from cnncalc.importers.keras.walk import HANDLERS as CLASSES
from cnncalc.importers.layer_lists.convnetjs import HANDLERS as TYPES
from cnncalc.importers.layer_lists.modules import HANDLERS as MODULES
from cnncalc.importers.ultralytics.layers import LAYERS
from cnncalc.importers.ultralytics.library import library

from .texts import mutate

NUMBERS = (1, 2, 3, 4, 8, 16, 0, -1, 64, 10**9, 0.5)
FIELDS = ("filters", "units", "kernel_size", "pool_size", "strides", "padding", "activation", "axis", "rate", "size")
OPTIONS = (
    "filters",
    "size",
    "stride",
    "pad",
    "groups",
    "activation",
    "layers",
    "from",
    "output",
    "batch_normalize",
    "mask",
)
WORDS = (
    "same",
    "valid",
    "relu",
    "leaky",
    "linear",
    "logistic",
    "nc",
    "True",
    "None",
    "nearest",
    "nn.ReLU()",
    "nn.LeakyReLU(0.1)",
)


def make_cfg(rng: random.Random) -> bytes:
    """A cfg of Darknet."""
    text = "[net]\nwidth=32\nheight=32\nchannels=3\n"
    for _ in range(rng.randint(1, 6)):
        options = "".join(f"{rng.choice(OPTIONS)}={_value(rng)}\n" for _ in range(rng.randint(0, 5)))
        text += f"[{rng.choice(['convolutional', 'maxpool', *HANDLERS])}]\n{options}"
    return _changed(rng, text)


def make_keras(rng: random.Random) -> bytes:
    """A sequential model of Keras."""
    layers: list[dict[str, object]] = []
    for number in range(rng.randint(1, 5)):
        config: dict[str, object] = {"name": f"layer_{number}", "filters": 4, "units": 4, "kernel_size": [3, 3]}
        config |= {rng.choice(FIELDS): _json(rng) for _ in range(rng.randint(0, 4))}
        if number == 0:
            config["batch_input_shape"] = [None, 16, 16, 3]
        layers.append({"class_name": rng.choice(["Conv2D", "Dense", *CLASSES]), "config": config})
    return _changed(rng, json.dumps({"class_name": "Sequential", "config": {"name": "net", "layers": layers}}))


def make_yolo(rng: random.Random) -> bytes:
    """A model of Ultralytics'."""
    modules = ("Conv", "C2f", "Concat", "nn.Upsample", "Detect", *library(), *LAYERS, "Made")
    text = "nc: 3\n" + rng.choice(("", "scales:\n  n: [0.33, 0.25, 1024]\n  s: [1, 0.5]\n", "depth_multiple: 0.5\n"))
    text += "backbone:\n  - [-1, 1, Conv, [16, 3, 2]]\n"
    for number in range(1, rng.randint(2, 7)):
        sources = [rng.choice((-1, -1, number - 1, 0, -2, 99)) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
        args = ", ".join(_value(rng) for _ in range(rng.randint(0, 4)))
        source = sources[0] if len(sources) == 1 else sources
        text += f"  - [{source}, {rng.choice((1, 1, 3))}, {rng.choice(modules)}, [{args}]]\n"
    return _changed(rng, text)


def make_lua(rng: random.Random) -> bytes:
    """A script of Torch7."""
    text = "net = nn.Sequential()\n"
    for _ in range(rng.randint(1, 6)):
        arguments = ", ".join(str(rng.choice((3, *NUMBERS, "n", "2*4", "true"))) for _ in range(rng.randint(0, 8)))
        made = f"{rng.choice(('nn', 'cudnn', 'inn'))}.{rng.choice((*MODULES, 'ConcatTable', 'CAddTable'))}({arguments})"
        text += rng.choice((f"net:add({made})\n", f"n = {made}\nnet:add(n):add(n)\n", f"{made}\n", "net:add(net)\n"))
    return _changed(rng, text + rng.choice(("", "return net")))


def make_js(rng: random.Random) -> bytes:
    """A script of ConvNetJS."""
    keys = ("sx", "sy", "filters", "stride", "pad", "num_neurons", "num_classes", "drop_prob", "group_size", "n", "k")
    text = "defs.push({type:'input', out_sx:16, out_sy:16, out_depth:3});\n"
    for _ in range(rng.randint(1, 6)):
        options = "".join(f", {rng.choice(keys)}:{rng.choice(NUMBERS)}" for _ in range(rng.randint(0, 6)))
        word = rng.choice(("", ", activation:'relu'", ", activation:'maxout'"))
        text += f"defs.push({{type:'{rng.choice(list(TYPES))}', sx:3, filters:4{options}{word}}});\n"
    return _changed(rng, text)


def _value(rng: random.Random) -> str:
    return str(rng.choice(NUMBERS)) if rng.random() < 0.8 else rng.choice((*WORDS, "[1, 2]", "[[8, 8]]", "1,1"))


def _json(rng: random.Random) -> object:
    return rng.choice((*NUMBERS, *WORDS, [1, 2], [3], None, True, {}))


def _changed(rng: random.Random, text: str) -> bytes:
    text = mutate(rng, text, (text,)) if rng.random() < 0.5 else text
    return text.encode("utf-8", "surrogatepass")
