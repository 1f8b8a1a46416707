"""The networks of the lectures, as their authors published them, beside our own specs of the same."""

from collections import Counter
from pathlib import Path

import pytest

import cnncalc
from cnncalc.importers.caffe import read_prototxt
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

PUBLISHED = Path(cnncalc.__file__).parents[2] / "shared" / "data" / "caffe"
NETWORKS = {
    "bvlc_alexnet": ("alexnet", 60_965_224),
    "bvlc_googlenet": ("googlenet@v1", 6_998_552),
    "lenet": (None, 431_080),
    "resnet50": ("resnet@50_v1", 25_557_032 + 64),  # its first convolution keeps a bias before the normalization
    "squeezenet_v1.0": ("squeezenet@1_0", 1_248_424),
}


def imported(name):
    path = next(
        (folder / f"{name}.prototxt" for folder in (PUBLISHED,) if (folder / f"{name}.prototxt").exists()), None
    )
    if path is None:
        pytest.skip("the published prototxts are not here")
    traced = read_prototxt(path)
    assert not traced.warnings
    return parse(spec_text(traced)).analyze()


def layers(report):
    return Counter(
        (layer.kind, layer.node.shapes[0], layer.output, tuple(sorted(layer.node.weights.items())), layer.macs)
        for layer in report.layers
        if not layer.node.training
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_are_those_published(name):
    assert imported(name).params == NETWORKS[name][1]


# What the prototxt has and our spec has not, and the other way round, by kind.
DIFFERENCES = {
    "bvlc_alexnet": ("softmax", ""),
    "bvlc_googlenet": ("avgpool dropout softmax", "dropout global_avgpool"),  # 7×7 average; it drops before it flattens
    "resnet50": ("avgpool conv softmax", "conv global_avgpool"),  # the bias of conv1
    "squeezenet_v1.0": ("conv global_avgpool relu softmax", "conv flatten global_avgpool relu"),  # its conv10 pads by 1
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_layers_are_those_of_our_own_spec(name):
    theirs = imported(name)
    ours = cnncalc.load(NETWORKS[name][0]).analyze(input=next(iter(theirs.inputs.values())))
    theirs, ours = layers(theirs), layers(ours)
    found = tuple(" ".join(sorted(kind for kind, *_ in each)) for each in (theirs - ours, ours - theirs))
    assert found == DIFFERENCES[name]


def test_pooled_sizes_are_rounded_as_caffe_does():
    googlenet = imported("bvlc_googlenet")
    assert [
        layer.output for layer in googlenet.layers if layer.kind == "maxpool" and layer.fit.windows[0].stride == 2
    ] == [
        (64, 56, 56),
        (192, 28, 28),
        (480, 14, 14),
        (832, 7, 7),
    ]
