import pytest

from cnncalc import parse
from cnncalc.prediction.kernels import eager_kernels

PLAIN = """
input: 8x16x16
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1, bias: false}
  - batchnorm
  - relu: {inplace: true}
  - dropout
  - flatten
  - linear: 10
"""


def test_one_kernel_a_layer_and_none_for_what_only_views():
    kernels = {kernel.name: kernel for kernel in eager_kernels(parse(PLAIN).analyze().graph, "fp32")}
    assert list(kernels) == ["conv1", "batchnorm1", "relu1", "linear1"]
    conv, relu, linear = kernels["conv1"], kernels["relu1"], kernels["linear1"]
    assert (conv.group, conv.macs, conv.weights) == ("dense", 16 * 16 * 16 * 8 * 9, 16 * 8 * 9)
    assert conv.moved == 4 * (8 * 256 + 16 * 256)
    assert (relu.group, relu.macs, relu.moved) == ("elementwise", 0, 4 * 2 * 16 * 256)
    assert (linear.group, linear.macs) == ("product", 10 * 16 * 256)


@pytest.mark.parametrize(
    ("layer", "group"),
    [
        ("conv: {out_channels: 8, kernel_size: 1}", "pointwise"),
        ("conv: {out_channels: 8, kernel_size: 3, groups: 8}", "depthwise"),
        ("conv: {out_channels: 8, kernel_size: 7, padding: 3, groups: 8}", "wide_depthwise"),
        ("conv: {out_channels: 8, kernel_size: [1, 3], groups: 8}", "wide_depthwise"),
        ("conv: {out_channels: 8, kernel_size: 3, groups: 2}", "grouped"),
        ("maxpool: 2", "window"),
        ("global_avgpool", "window"),
        ("layernorm: {axis: channels}", "norm"),
        ("softmax: {dim: 1}", "norm"),
        ("batchnorm", "elementwise"),
        ("pad: 1", "move"),
    ],
)
def test_what_a_kernel_does(layer, group):
    (kernel,) = eager_kernels(parse(f"input: 8x16x16\nlayers:\n  - {layer}\n").analyze().graph, "fp32")
    assert kernel.group == group


def test_autocast_casts_for_a_norm_and_back_for_a_product():
    """Layer normalization runs in 32 bits and a product in 16: the input is 32 bits, what the product reads is cast."""
    wide, narrow = (f"linear: {{out_features: {size}, axis: channels}}" for size in (32, 16))
    text = f"input: 16x8\nlayers:\n  - {wide}\n  - layernorm: {{axis: channels}}\n  - {narrow}\n"
    kernels = eager_kernels(parse(text).analyze().graph, "amp")
    moved = [(kernel.name, kernel.group, kernel.moved) for kernel in kernels]
    assert moved == [
        ("linear1", "elementwise", (4 + 2) * 128),
        ("linear1", "product", 2 * (128 + 256)),
        ("layernorm1", "elementwise", (2 + 4) * 256),
        ("layernorm1", "norm", 4 * (256 + 256)),
        ("linear2", "elementwise", (4 + 2) * 256),
        ("linear2", "product", 2 * (256 + 128)),
    ]
