"""tests/data/torchvision.csv, and which of its models we ship: found by name, so that a spec is held to it as it comes.

A model is a spec and its variant written together: `resnet@50` is resnet50, `regnet@y_400mf` is regnet_y_400mf.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import cnncalc
from cnncalc import shipped

OURS = {  # torchvision's model → the spec that it is, where the rule does not tell
    "alexnet": "alexnet@torchvision",
    "deeplabv3_resnet50": "deeplab_v3@resnet50",
    "deeplabv3_resnet101": "deeplab_v3@resnet101",
    "mc3_18": "r3d_18@mc3_18",
    "r2plus1d_18": "r3d_18@r2plus1d_18",
}
WITH_HEADS = {  # the file counts the parameters of the training head in; of googlenet's it does not
    "inception_v3", "fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101",
}  # fmt: skip
RUNS_HEADS = WITH_HEADS - {"inception_v3"}  # and its operations: these run it in evaluation too
PARAMS = {  # of a model, what lets other sizes in and changes nothing else
    "vgg": {"pool": True},  # pooling to 7x7, as torchvision has it
    "inception_v3": {"head": False},  # the training head needs 299
}
NO_MODELS_OF_OURS = {  # how their names begin, and why
    ("swin3d_", "mvit_"): "transformers of video",
    ("fasterrcnn_", "maskrcnn_", "keypointrcnn_", "fcos_", "ssd"): "detectors that pick regions as they run",
    ("raft_",): "recurrent",
}
NOT_SHIPPED = {"deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large", "s3d"}  # convolutional too


class Row(NamedTuple):
    """What torchvision says of a model: giga-MACs to three decimals at a size, the smallest that works; our spec."""

    model: str
    params: int
    gmacs: str
    size: int | None
    min_size: int | None
    spec: str | None

    def __str__(self) -> str:
        return f"{self.model}-{self.size}" if self.size else self.model


def params_of(model: str) -> dict[str, object] | None:
    """The parameters with which our spec of a model takes small inputs."""
    return next((params for start, params in PARAMS.items() if model.startswith(start)), None)


def name_of(spec: str, variant: str | None) -> str:
    """torchvision's name of a variant of ours."""
    if variant is None:
        return spec
    return f"{spec}{variant}" if variant[0].isdigit() else f"{spec}_{variant}"


def by_model() -> dict[str, str]:
    """The shipped variants by torchvision's name for them."""
    every = [(spec, variant) for spec in shipped.names() for variant in (None, *cnncalc.load(spec).variants)]
    return {name_of(*each): "@".join(filter(None, each)) for each in every} | OURS


def rows() -> list[Row]:
    """Every row of the file, and the spec of ours that is its model, or None."""
    ours = by_model()
    with (Path(__file__).parent / "data" / "torchvision.csv").open(encoding="utf-8", newline="") as file:
        return [
            Row(
                model=row["model"],
                params=int(row["params"]),
                gmacs=row["gmacs"],
                size=int(row["size"]) if row["size"].isdigit() else None,  # else the spec's own
                min_size=int(row["min_size"].partition("x")[0]) if row["min_size"] else None,
                spec=ours.get(row["model"]),
            )
            for row in csv.DictReader(file)
        ]


ROWS = rows()
SHIPPED = {row.model: row.spec for row in ROWS if row.spec}
