"""torchvision's networks: parameters and buffers exact, MACs those of PyTorch's counter, outputs, and our own specs.

The lightest of each family in the ordinary run; `CNNCALC_IMPORT=1` takes every classification, segmentation and video
model of torchvision's list. Nothing is `unknown`.
"""

import os
import warnings

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import cnncalc
from cnncalc import from_torch
from cnncalc.importers.pytorch.parts.calls import run
from cnncalc.pytorch.verification.user_network import tensors_of

from ...pytorch.torchvision_models import detectors, models
from ...torchvision_table import SHIPPED

FULL = bool(os.environ.get("CNNCALC_IMPORT"))
DETECTORS = ("fasterrcnn", "maskrcnn", "keypointrcnn", "fcos", "retinanet", "ssd")  # imported by parts
OPTICAL_FLOW = ("raft",)
DETECTOR_NAMES = [
    "fasterrcnn_mobilenet_v3_large_320_fpn", "fasterrcnn_mobilenet_v3_large_fpn", "fasterrcnn_resnet50_fpn",
    "fasterrcnn_resnet50_fpn_v2", "fcos_resnet50_fpn", "keypointrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn",
    "maskrcnn_resnet50_fpn_v2", "retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2", "ssd300_vgg16",
    "ssdlite320_mobilenet_v3_large",
]  # fmt: skip
SAMPLE = [
    "googlenet", "lraspp_mobilenet_v3_large", "mobilenet_v3_small", "r3d_18", "regnet_y_400mf", "shufflenet_v2_x0_5",
    "squeezenet1_0",
]  # fmt: skip


def names():
    """The models to try: for the whole list torchvision is asked."""
    if not FULL:
        return SAMPLE
    try:
        return [name for name in models().list_models() if not name.startswith((*OPTICAL_FLOW, *DETECTORS))]
    except pytest.skip.Exception:
        return []


def network(name):
    """A model without weights, on the meta device where it can be made there, and the size it is imported at."""
    options = {"weights_backbone": None} if name.startswith(("fcn", "deeplab", "lraspp")) else {}
    options |= {"aux_loss": True} if name.startswith(("fcn", "deeplab")) else {}  # our specs have that head
    options |= {"init_weights": False} if "googlenet" in name or "inception" in name else {}
    try:
        with torch.device("meta"):
            made = models().get_model(name, weights=None, **options)
    except NotImplementedError:  # RegNet asks for a number while it is built
        made = models().get_model(name, weights=None, **options)
    return made.eval(), size(name)


def size(name):
    if name.startswith(("r3d", "mc3", "r2plus1d", "s3d", "mvit", "swin3d")):
        return (3, 16, 224, 224)
    side = 299 if "inception" in name else 256 if name.startswith("swin_v2") else 224
    return (3, side, side)


def counted(made, shape):
    """MACs of one sample by PyTorch's own counter, and output shapes; with gradients, or attention is fused unseen."""
    with FlopCounterMode(display=False) as counter:
        result = made(torch.empty(1, *shape, device=next(made.parameters()).device))
    return counter.get_total_flops() // 2, [tuple(tensor.shape[1:]) for tensor in tensors_of(result)]


@pytest.mark.parametrize("name", names())
def test_counts_are_pytorchs(name):
    made, shape = network(name)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        report = from_torch(made, shape, flat=True).analyze()
    heads = report.training_heads
    assert report.params + heads.params == sum(p.numel() for p in made.parameters())
    assert report.totals.buffers + heads.buffers == sum(b.numel() for b in made.buffers())
    macs, outputs = counted(made, shape)
    assert list(report.outputs.values()) == outputs
    assert report.cost.macs == macs
    assert not report.cost.at_least
    assert not [str(each.message) for each in said if "has no layer" in str(each.message)]


@pytest.mark.skipif(not FULL, reason="CNNCALC_IMPORT=1 takes detectors, which run on the CPU")
@pytest.mark.parametrize("name", DETECTOR_NAMES)
def test_the_parts_of_a_detector_are_exact(name):
    """MACs are those of the run; a head that saw no region there is counted for one."""
    torch.manual_seed(0)
    small = {} if name.startswith("ssd") else {"min_size": 160, "max_size": 224}
    made = detectors().get_model(name, weights=None, weights_backbone=None, **small).eval()
    shape = (3, 300, 300) if name.startswith("ssd") else (3, 160, 160)
    with FlopCounterMode(display=False) as counter:
        run(made, {"images": shape})
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        report = from_torch(made, shape, flat=True).analyze()
    assert report.params == sum(p.numel() for p in made.parameters())
    assert report.totals.buffers == sum(b.numel() for b in made.buffers())
    assert report.cost.at_least
    assert report.training_heads.params == 0
    empty = [str(each.message) for each in said if "nothing was left to act on" in str(each.message)]
    if empty:
        assert name.startswith(("maskrcnn", "keypointrcnn"))
        idle = [layer for layer in report.layers if layer.name.startswith(("roi_heads.mask", "roi_heads.keypoint"))]
        assert report.cost.macs - sum(layer.macs or 0 for layer in idle) == counter.get_total_flops() // 2
    else:
        assert report.cost.macs == counter.get_total_flops() // 2


@pytest.mark.skipif(not FULL, reason="CNNCALC_IMPORT=1 takes optical flow, a recurrence of 12 steps")
@pytest.mark.parametrize("name", ["raft_small", "raft_large"])
@pytest.mark.filterwarnings("ignore:.*have no equivalent layers")
def test_optical_flow(name):
    with torch.device("meta"):
        made = models().get_model(name, weights=None).eval()
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            made(torch.empty(1, 3, 128, 128), torch.empty(1, 3, 128, 128))
    report = from_torch(made, {"image1": (3, 128, 128), "image2": (3, 128, 128)}, flat=True).analyze()
    assert report.params == sum(p.numel() for p in made.parameters())
    assert report.cost.macs == counter.get_total_flops() // 2
    unknown = {layer.node.layer.op for layer in report.layers if layer.kind == "unknown"}
    assert unknown == {"grid_sampler", "avg_pool2d", "div"}  # a map for every pixel; a number that is a tensor


def what_it_is(report):
    return [(layer.kind, layer.output, layer.params, layer.macs) for layer in report.layers]


OTHERWISE = ("inception_v3", *DETECTORS)  # ours flattens before it drops, torchvision after
OURS = sorted(name for name in SHIPPED if not name.startswith(OTHERWISE))


@pytest.mark.parametrize("name", OURS if FULL else [name for name in SAMPLE if name in OURS])
def test_a_network_that_we_ship_is_our_spec(name):
    spec = cnncalc.load(SHIPPED[name])
    made, _ = network(name)
    (shape,) = spec.inputs().values()
    params = {"pool": True} if name.startswith("vgg") else None  # torchvision's pooling to 7x7
    assert what_it_is(from_torch(made, shape, flat=True).analyze()) == what_it_is(spec.analyze(params=params))
