"""Prototxt files: networks by Caffe's layers with fields of every kind, and mutations of them."""

from __future__ import annotations

import random

from cnncalc.importers.caffe.fields import FIELDS, REFUSED
from cnncalc.importers.caffe.trace import HANDLERS

from .texts import mutate

HEAD = 'name: "net"\ninput: "data"\ninput_shape { dim: 1 dim: 3 dim: 16 dim: 16 }\n'
VALUES = (
    "1",
    "2",
    "3",
    "0",
    "-1",
    "true",
    "MAX",
    "AVE",
    "0.5",
    "99999999999999999999",
    '"text"',
    "nan",
    "1e400",
    "{ x: 1 }",
)
OTHERS = (
    "reshape_param { shape { dim: 0 dim: -1 } }",
    "slice_param { axis: 1 slice_point: 1 }",
    "include { phase: TRAIN }",
)
NEEDED = {
    "Convolution": ("convolution_param", "num_output: 4 kernel_size: 3"),
    "Pooling": ("pooling_param", "kernel_size: 2"),
    "InnerProduct": ("inner_product_param", "num_output: 5"),
}
MORE = ("Input", "Data", "Accuracy", "SoftmaxWithLoss", "Silence", "Made-up", "")


def make_prototxt(rng: random.Random) -> bytes:
    """A network by its layers; most of the time with changes to its text."""
    tops = ["data"]
    text = HEAD if rng.random() < 0.9 else ""
    for number in range(rng.randint(1, 8)):
        top = rng.choice((f"t{number}", tops[-1]))
        bottoms = [rng.choice((tops[-1], tops[-1], tops[-1], *tops)) for _ in range(rng.choice((1, 1, 1, 2)))]
        text += _layer(rng, number, bottoms, [top] if rng.random() < 0.9 else [top, f"u{number}"])
        tops.append(top)
    return (mutate(rng, text, (text,)) if rng.random() < 0.6 else text).encode("utf-8", "surrogatepass")


def _layer(rng: random.Random, number: int, bottoms: list[str], tops: list[str]) -> str:
    kind = rng.choice((*HANDLERS, *MORE)) if rng.random() < 0.6 else rng.choice(list(NEEDED))
    words = [f'name: "layer{number}"', f'type: "{kind}"']
    words += [f'bottom: "{name}"' for name in bottoms] + [f'top: "{name}"' for name in tops]
    if kind in NEEDED:
        field, needed = NEEDED[kind]
        words.append(f"{field} {{ {needed} {_fields(rng, field)} }}")
    elif rng.random() < 0.4:
        words.append(rng.choice((*OTHERS, f"{rng.choice(list(FIELDS))} {{ kernel_size: 2 }}")))
    return "layer { " + " ".join(words) + " }\n"


def _fields(rng: random.Random, field: str) -> str:
    names = [*FIELDS[field], *REFUSED.get(field, ())]
    return " ".join(f"{rng.choice(names)}: {rng.choice(VALUES)}" for _ in range(rng.choice((0, 1, 1, 2, 4))))
