"""Our networks are torchvision's: every parameter and buffer in the order of use, and the same output from its weights.

Shapes are compared for every variant, on the meta device. Outputs are compared for the lightest variant of each spec;
`CNNCALC_ZOO=1` compares all of them (minutes, some GiB).
"""

import pytest
import torch

import cnncalc
from cnncalc.pytorch import build, compare_with
from cnncalc.pytorch.verification.user_network import tensors_of

from ..shipped_networks import FULL
from ..torchvision_table import ROWS, SHIPPED, params_of
from .same_network import assert_same_output, everything, in_order_of_use, shapes
from .torchvision_models import models

OPTIONS = {  # by the beginning of the name: no weights are fetched, none drawn slowly, the training head is there
    "googlenet": {"init_weights": False},
    "inception_v3": {"init_weights": False},
    "fcn_": {"weights_backbone": None, "aux_loss": True},
    "deeplabv3_": {"weights_backbone": None, "aux_loss": True},
    "retinanet_": {"weights_backbone": None},
}
SIZES = {  # 64 otherwise, or less
    "inception_v3": (3, 75, 75),
    "maxvit_t": (3, 224, 224),  # which its windows and grids divide
    **dict.fromkeys(("r3d_18", "mc3_18", "r2plus1d_18"), (3, 4, 32, 32)),
}


def lightest():
    """The model with the fewest operations of each spec."""
    cost = {row.model: float(row.gmacs) for row in reversed(ROWS)}
    specs = {spec.partition("@")[0] for spec in SHIPPED.values()}
    return [min((m for m, s in SHIPPED.items() if s.partition("@")[0] == spec), key=cost.__getitem__) for spec in specs]


LIGHT = sorted(lightest())
SMALL = {row.model for row in ROWS if row.params < 60_000_000}
EXECUTED = sorted(SHIPPED) if FULL else [model for model in LIGHT if model in SMALL]


def starting(table, name):
    return next((value for start, value in table.items() if name.startswith(start)), {})


class Detector(torch.nn.Module):
    """What torchvision's detector has between the images, which it resizes, and the boxes that it picks."""

    def __init__(self, network):
        super().__init__()
        self.backbone, self.head = network.backbone, network.head

    def forward(self, x):
        return self.head(list(self.backbone(x).values()))


def theirs(model):
    """torchvision's network, without values."""
    with torch.device("meta"):
        network = models().get_model(model, weights=None, **starting(OPTIONS, model)).eval()
    return Detector(network) if model.startswith("retinanet") else network


def graph_of(model, small=False):
    """Our graph of a model, at the size that it is shipped with or at a small one."""
    spec = cnncalc.load(SHIPPED[model])
    if not small:
        return spec.graph()
    (shape,) = spec.inputs().values()
    size = SIZES.get(model) or (shape[0], *(min(size, 64) for size in shape[1:]))
    return spec.graph(input=size, params=params_of(model))


def without_heads(network):
    """The network as it infers: those for segmentation run their training head in evaluation too."""
    if getattr(network, "aux_classifier", None) is not None:
        network.aux_classifier = None
    return network


@pytest.mark.parametrize("model", sorted(SHIPPED))
def test_every_parameter_and_buffer(model):
    graph, other = graph_of(model), theirs(model)
    ours = build(graph, device="meta").eval()
    assert everything(ours) == everything(other)
    expected = shapes(in_order_of_use(without_heads(other), graph))
    assert shapes(in_order_of_use(ours, graph)) == expected
    assert len(expected) > 5


@pytest.mark.parametrize("model", EXECUTED)
def test_same_output_with_the_same_weights(model):
    graph, other = graph_of(model, small=True), without_heads(theirs(model))
    ours = build(graph, device="meta").eval()
    places, weights = in_order_of_use(ours, graph), in_order_of_use(other, graph)
    (shape,) = graph.inputs.values()
    assert_same_output(ours, other, places, weights, shape)


@pytest.mark.parametrize("model", LIGHT if FULL else ["convnext_tiny", "googlenet", "mobilenet_v2", "resnet18"])
def test_compares_as_a_network_of_ones_own(model):
    found = compare_with(graph_of(model), without_heads(theirs(model)))
    assert found.ok, found.first_difference
    assert all(unused.lower().startswith("aux") for unused in found.unused)


def test_the_pyramid_that_detectors_stand_on():
    models()
    from torchvision.models.detection.backbone_utils import resnet_fpn_backbone

    with torch.device("meta"):
        other = resnet_fpn_backbone(backbone_name="resnet50", weights=None, norm_layer=torch.nn.BatchNorm2d).eval()
    graph = cnncalc.load("fpn@resnet50").graph(input=(3, 64, 64))
    ours = build(graph, device="meta").eval()
    assert everything(ours) == everything(other)
    assert shapes(in_order_of_use(ours, graph)) == shapes(in_order_of_use(other, graph))
    x = torch.empty(2, 3, 64, 64, device="meta")
    assert [out.shape for out in tensors_of(ours(x))] == [out.shape for out in tensors_of(other(x))]
