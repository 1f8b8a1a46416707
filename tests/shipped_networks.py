"""The shipped networks as the tests take them: every variant, each spec once, and small inputs that compute quickly.

`CNNCALC_ZOO=1` has every variant everywhere; the ordinary run takes each spec as it is where a variant is expensive.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import cnncalc
from cnncalc import shipped

FULL = bool(os.environ.get("CNNCALC_ZOO"))
EVERY = [
    f"{name}@{variant}" if variant else name
    for name in shipped.names()
    for variant in (None, *cnncalc.load(name).variants)
]
TAKEN = EVERY if FULL else shipped.names()

SIZES = (32, 48, 64, 67, 96, 128, 192, 256)
NARROW = {  # parameters that make a network light where a small input does not
    "coatnet": {"widths": [32, 32, 64, 64]},
    "dcgan": {"width": 4},
    "deit": {"dim": 48},
    "efficientformer": {"widths": [16, 16, 16, 16]},
    "fcn": {"size": 32, "hidden": 8},
    "mlp_mixer": {"dim": 48},
    "nfnet": {"widths": [256, 256, 256, 256]},
    "pix2pix": {"width": 4},
    "unet": {"width": 4},
    "vit": {"dim": 48},
    "wavenet": {"stacks": 1},
    "yolov3": {"width": 32},
}


@cache
def small(name: str) -> dict[str, Any]:
    """A small input that a network takes (its head's width follows), as arguments of `Spec.graph`."""
    spec = cnncalc.load(name)
    params = NARROW.get(name.partition("@")[0])
    inputs = spec.inputs()
    for size in SIZES if len(inputs) == 1 else ():
        (shape,) = inputs.values()
        smaller = (shape[0], *(min(size, whole) for whole in shape[1:]))
        try:
            spec.graph(input=smaller, params=params)
        except cnncalc.SpecError:
            continue
        return {"input": smaller, "params": params}
    return {"params": params}
