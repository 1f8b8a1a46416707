"""timm's networks: parameters and buffers exact, MACs those of PyTorch's counter, outputs.

A few in the ordinary run, where timm is installed. `CNNCALC_TIMM=1` takes every model (some 1,370, hours);
`CNNCALC_TIMM=300` the first so many, each file of timm in turn. CSATv2, which multiplies vectors of different images of
a batch, is refused.
"""

import os
import warnings
from itertools import chain, zip_longest

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from cnncalc import from_torch

from ...pytorch.torchvision_models import models

FAMILIES = """
    byobnet convmixer convnext cspnet cspnext densenet dla dpn efficientnet fasternet ghostnet hardcorenas hgnet hrnet
    inception_resnet_v2 inception_v3 inception_v4 inception_next lcnetv2 mambaout metaformer mobilenetv3 nasnet nfnet
    pnasnet rdnet regnet repghost repvit res2net resnest resnet resnetv2 rexnet selecsls senet sknet starnet tresnet
    vgg vovnet xception xception_aligned
    beit byoanet cait coat convit crossvit cpubone davit deepseek_vit deit edgenext efficientformer
    efficientformer_v2 efficientvim efficientvit_mit efficientvit_msra eva fastvit focalnet gcvit gemma4_vit hiera
    hieradet_sam2 iformer levit lowformer maxxvit mlp_mixer mobilenetv5 mobilevit mvitv2 naflexvit nest nextvit pit
    pvt_v2 qwen3_vit sequencer shvit swiftformer swin_transformer swin_transformer_v2 swin_transformer_v2_cr tiny_vit
    tnt twins visformer vision_transformer vision_transformer_hybrid vision_transformer_relpos vision_transformer_sam
    vitamin volo xcit
"""
SAMPLE = ["convnext_atto", "ghostnet_050", "resnet10t", "tf_efficientnet_lite0"]
WANTED = os.environ.get("CNNCALC_TIMM")
LESS = ("halo", "sequencer")  # of which something is unknown: windows that overlap, LSTMs over rows


def timm():
    """timm, which brings torchvision in; the test is skipped where it cannot be imported."""
    models()
    return pytest.importorskip("timm", reason="timm is not there: pip install --no-deps timm, then safetensors")


def names():
    if not WANTED:
        return SAMPLE
    try:
        listed = [timm().list_models(module=family) for family in FAMILIES.split()]
    except pytest.skip.Exception:
        return []
    turns = [name for name in chain.from_iterable(zip_longest(*listed)) if name]
    return turns if WANTED == "1" else turns[: int(WANTED)]


@pytest.mark.parametrize("name", names())
def test_counts_are_pytorchs(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = network(name)
        shape = size(made)
        params, buffers = (sum(each.numel() for each in kept()) for kept in (made.parameters, made.buffers))
        report = from_torch(made, shape, flat=True).analyze()
        with FlopCounterMode(display=False) as counter:  # with gradients, or attention is fused unseen
            result = made(torch.empty(1, *shape, device=next(made.parameters()).device))
    heads = report.training_heads
    assert report.params + heads.params == params
    assert report.totals.buffers + heads.buffers == buffers
    assert list(report.outputs.values()) == [tuple(result.shape[1:])]
    macs = counter.get_total_flops() // 2
    assert report.cost.macs == macs or (
        report.cost.at_least and report.cost.macs < macs and any(x in name for x in LESS)
    )


def network(name):
    try:
        with torch.device("meta"):
            return timm().create_model(name).eval()
    except (NotImplementedError, RuntimeError):
        return timm().create_model(name).eval()


def size(made):
    """The size that a model is for, or 224 where that is larger than it needs."""
    wanted = tuple(made.default_cfg.get("input_size", (3, 224, 224)))
    return (3, 224, 224) if wanted[1] > 256 and not made.default_cfg.get("fixed_input_size") else wanted
