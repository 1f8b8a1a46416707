"""The networks of torchvision and timm on which other tools are run, as light as they can be made."""

import torch

from ..importers.pytorch.test_timm import timm
from ..pytorch.torchvision_models import models

_TORCHVISION = """
alexnet convnext_base convnext_large convnext_small convnext_tiny deeplabv3_mobilenet_v3_large deeplabv3_resnet101
deeplabv3_resnet50 densenet121 densenet161 densenet169 densenet201 efficientnet_b0 efficientnet_b1 efficientnet_b2
efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7 efficientnet_v2_l efficientnet_v2_m
efficientnet_v2_s fcn_resnet101 fcn_resnet50 googlenet inception_v3 lraspp_mobilenet_v3_large maxvit_t mc3_18
mnasnet0_5 mnasnet0_75 mnasnet1_0 mnasnet1_3 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small mvit_v1_b mvit_v2_s
r2plus1d_18 r3d_18 regnet_x_16gf regnet_x_1_6gf regnet_x_32gf regnet_x_3_2gf regnet_x_400mf regnet_x_800mf
regnet_x_8gf regnet_y_128gf regnet_y_16gf regnet_y_1_6gf regnet_y_32gf regnet_y_3_2gf regnet_y_400mf regnet_y_800mf
regnet_y_8gf resnet101 resnet152 resnet18 resnet34 resnet50 resnext101_32x8d resnext101_64x4d resnext50_32x4d s3d
shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0 squeezenet1_0 squeezenet1_1 swin3d_b
swin3d_s swin3d_t swin_b swin_s swin_t swin_v2_b swin_v2_s swin_v2_t vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn
vgg19 vgg19_bn vit_b_16 vit_b_32 vit_h_14 vit_l_16 vit_l_32 wide_resnet101_2 wide_resnet50_2
"""
TORCHVISION = _TORCHVISION.split()
_TIMM = """
convnext_atto cspresnet50 deit_tiny_patch16_224 dla34 dpn48b eca_nfnet_l0 ese_vovnet19b_slim fasternet_t0 ghostnet_050
hardcorenas_a hrnet_w18_small inception_next_atto lcnet_035 mixer_s32_224 mixnet_s mobilenetv3_small_050
mobilenetv4_conv_small mobileone_s0 poolformer_s12 regnetx_002 repvgg_a0 res2net50_14w_8s resnet10t resnetv2_18
rexnet_100 selecsls42 seresnet18 skresnet18 starnet_s1 tf_efficientnet_lite0 vit_tiny_patch16_224
"""
TIMM = _TIMM.split()
VIDEO = ("r3d", "mc3", "r2plus1d", "swin3d")


def of_torchvision(name):
    """A model whose weights take no memory until they are read, and an input on which it is quick."""
    options, shape = {}, (3, 64, 64)
    if name.startswith(("fcn", "deeplab", "lraspp")):
        options = {"weights_backbone": None}
    elif name in ("googlenet", "inception_v3"):
        options, shape = {"init_weights": False, "aux_logits": False}, (3, 75, 75)
    elif name.startswith("vit"):
        side = 2 * int(name.rpartition("_")[2])
        options, shape = {"image_size": side}, (3, side, side)
    elif name.startswith(VIDEO):
        shape = (3, 8, 64, 64)
    elif name.startswith(("s3d", "mvit")):
        shape = (3, 16, 224, 224)
    elif name.startswith("maxvit"):
        shape = (3, 224, 224)
    try:
        with torch.device("meta"):
            made = models().get_model(name, weights=None, **options)
    except NotImplementedError:  # RegNet asks for a number while it is built
        made = models().get_model(name, weights=None, **options)
    if any(not buffer.is_floating_point() and buffer.dim() for buffer in made.buffers()):
        made = models().get_model(name, weights=None, **options)  # indices, which need their values
    return _filled(made).eval(), shape


def of_timm(name):
    """A model of timm at 64 × 64."""
    options = {"img_size": 64} if name.startswith(("vit", "deit", "mixer")) else {}
    return timm().create_model(name, **options).eval(), (3, 64, 64)


def _filled(made):
    if not any(tensor.is_meta for tensor in made.parameters()):
        return made
    made = made.to_empty(device="cpu")
    for buffer in made.buffers():
        buffer.zero_()
    return made
