"""Operators of PyTorch's, by module and by function, as our layers."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from cnncalc.importers.pytorch import from_module
from cnncalc.importers.writing.arguments import written_arguments
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.pytorch import written_out
from cnncalc.pytorch.written_out import DeformConv, RoiAlign


class Function(nn.Module):
    """A network that is one function."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def layers(network, *shapes):
    """The layers of a network, or of a function, each as kind and arguments; held to what PyTorch does."""
    network = network if isinstance(network, nn.Module) else Function(network)
    inputs = {f"x{number}": shape for number, shape in enumerate(shapes)}
    traced = from_module(network, inputs, "net")
    spec_text(traced)
    with torch.no_grad():
        result = network.eval()(*(torch.zeros(2, *shape) for shape in shapes))
    shapes = {**inputs, **{node.name: node.output for node in traced.nodes}}
    if isinstance(result, torch.Tensor):
        assert shapes[traced.outputs["output"]] == result.shape[1:]
    return [written(node, shapes[node.inputs[0]]) for node in traced.nodes]


def written(node, entering):
    """`conv(out_channels=4)`: kind and those arguments that are not the default, as the spec has them."""
    arguments = written_arguments(node.name, node.kind, node.arguments, entering)
    return f"{node.kind}({', '.join(f'{k}={v}' for k, v in arguments.items())})" if arguments else node.kind


MAP = (8, 6, 10)
MODULES = [
    (nn.Conv2d(8, 4, 3), "conv(out_channels=4, kernel_size=3)"),
    (
        nn.Conv2d(8, 4, (3, 1), (2, 1), (1, 0), (1, 2), groups=2),
        "conv(out_channels=4, kernel_size=[3, 1], stride=[2, 1], padding=[1, 0], dilation=[1, 2], groups=2)",
    ),
    (nn.Conv2d(8, 4, 3, padding="same"), "conv(out_channels=4, kernel_size=3, padding=same)"),
    (
        nn.Conv2d(8, 4, 3, padding=1, padding_mode="reflect"),
        "conv(out_channels=4, kernel_size=3, padding=1, padding_mode=reflect)",
    ),
    (
        nn.ConvTranspose2d(8, 4, 3, 2, 1, 1, bias=False),
        "conv_transpose(out_channels=4, kernel_size=3, stride=2, padding=1, output_padding=1, bias=False)",
    ),
    (nn.MaxPool2d(2), "maxpool(kernel_size=2)"),
    (nn.MaxPool2d(3, 2, 1, ceil_mode=True), "maxpool(kernel_size=3, stride=2, padding=1, ceil_mode=True)"),
    (
        nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        "avgpool(kernel_size=3, stride=2, padding=1, count_include_pad=False)",
    ),
    (nn.AdaptiveAvgPool2d(1), "global_avgpool"),
    (nn.AdaptiveAvgPool2d((3, 5)), "adaptive_avgpool(output_size=[3, 5])"),
    (nn.BatchNorm2d(8, eps=0.001), "batchnorm(eps=1/1000)"),
    (nn.BatchNorm2d(8, affine=False, track_running_stats=False), "batchnorm(affine=False, track_running_stats=False)"),
    (nn.InstanceNorm2d(8), "instancenorm"),
    (
        nn.InstanceNorm2d(8, affine=True, track_running_stats=True),
        "instancenorm(affine=True, track_running_stats=True)",
    ),
    (nn.GroupNorm(2, 8), "groupnorm(num_groups=2)"),
    (nn.LayerNorm(10), "layernorm(axis=last)"),
    (nn.RMSNorm(10), "rmsnorm(axis=last)"),
    (nn.GLU(1), "glu"),
    (written_out.Grn(8), "grn"),
    (nn.Linear(10, 3), "linear(out_features=3, axis=last)"),
    (nn.PReLU(), "prelu"),
    (nn.PReLU(8), "prelu(num_parameters=8)"),
    (nn.ReLU(), "relu"),
    (nn.ReLU(inplace=True), "relu(inplace=True)"),
    (nn.ReLU6(), "relu6"),
    (nn.Hardtanh(-2, 3), "hardtanh(min_val=-2, max_val=3)"),
    (nn.LeakyReLU(0.2), "leaky_relu(negative_slope=1/5)"),
    (nn.ELU(0.5), "elu(alpha=1/2)"),
    (nn.SELU(), "selu"),
    (nn.CELU(2.0), "celu(alpha=2)"),
    (nn.GELU("tanh"), "gelu(approximate=tanh)"),
    (nn.SiLU(), "silu"),
    (nn.Mish(), "mish"),
    (nn.Sigmoid(), "sigmoid"),
    (nn.Tanh(), "tanh"),
    (nn.Hardswish(), "hardswish"),
    (nn.Hardsigmoid(), "hardsigmoid"),
    (nn.Softplus(2), "softplus(beta=2)"),
    (nn.Softmax(-1), "softmax(dim=3)"),
    (nn.LogSoftmax(1), "log_softmax"),
    (nn.Dropout(0.2), "dropout(p=1/5)"),
    (nn.Dropout2d(), "dropout(mode=channel)"),
    (nn.Flatten(), "flatten"),
    (nn.Flatten(2), "flatten(start_dim=2)"),
    (nn.Unflatten(1, (2, 4)), "reshape(shape=[2, 4, 6, 10])"),
    (nn.ZeroPad2d((1, 2, 3, 4)), "pad(padding=[[3, 4], [1, 2]])"),
    (nn.ReflectionPad2d(2), "pad(padding=2, mode=reflect)"),
    (nn.Upsample(scale_factor=2), "upsample(scale_factor=2)"),
    (
        nn.Upsample(size=(7, 9), mode="bilinear", align_corners=True),
        "upsample(size=[7, 9], mode=bilinear, align_corners=True)",
    ),
    (nn.PixelShuffle(2), "pixel_shuffle(upscale_factor=2)"),
    (nn.PixelUnshuffle(2), "pixel_unshuffle(downscale_factor=2)"),
    (nn.ChannelShuffle(4), "channel_shuffle(groups=4)"),
]


@pytest.mark.parametrize(("module", "expected"), MODULES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_module_is_one_layer(module, expected):
    assert layers(module, MAP) == [expected]


@pytest.mark.parametrize(
    ("module", "shape", "expected"),
    [
        (nn.Conv1d(8, 4, 3), (8, 6), "conv(out_channels=4, kernel_size=3)"),
        (nn.Conv3d(8, 4, 3), (8, 6, 6, 6), "conv(out_channels=4, kernel_size=3)"),
        (nn.MaxPool1d(2), (8, 6), "maxpool(kernel_size=2)"),
        (nn.AvgPool3d(2), (8, 6, 6, 6), "avgpool(kernel_size=2)"),
        (nn.BatchNorm1d(8), (8,), "batchnorm"),
        (nn.BatchNorm1d(8), (8, 6), "batchnorm"),
        (nn.Linear(8, 3, bias=False), (8,), "linear(out_features=3, bias=False)"),
        (nn.AdaptiveMaxPool2d(1), MAP, "global_maxpool"),
    ],
)
def test_other_ranks(module, shape, expected):
    assert layers(module, shape) == [expected]


FUNCTIONS = {
    "relu": (lambda x: F.relu(x), ["relu"]),
    "clamp": (lambda x: x.clamp(0, 6), ["relu6"]),
    "flatten by view": (lambda x: x.view(x.size(0), -1), ["flatten"]),
    "flatten the map": (lambda x: x.flatten(2), ["flatten(start_dim=2)"]),
    "mean": (lambda x: x.mean([2, 3]), ["mean"]),
    "mean, kept": (lambda x: x.mean((-2, -1), keepdim=True), ["mean(keepdim=True)"]),
    "mean of channels": (lambda x: x.mean(1), ["mean(dim=1)"]),
    "pool of a function": (lambda x: F.adaptive_avg_pool2d(x, 1), ["global_avgpool"]),
    "sum": (lambda x: F.relu(x) + x, ["relu", "add"]),
    "difference": (lambda x: x - F.relu(x), ["relu", "subtract"]),
    "quotient": (lambda x: x / F.relu(x), ["relu", "divide"]),
    "product and sum": (lambda x: torch.addcmul(x, x, F.relu(x)), ["relu", "multiply", "add"]),
    "nothing in front": (lambda x: torch.cat([x[:, :, :0], F.relu(x[:, :, 0:])], 2), ["relu"]),
    "repeated for a product": (
        lambda x: x[..., :1].expand(-1, -1, -1, 10) @ x.mT,
        [
            "slice(dim=3, end=1)",
            "take(indices=[0, 0, 0, 0, 0, 0, 0, 0, 0, 0], dim=3)",
            "permute(dims=[1, 3, 2])",
            "matmul",
        ],
    ),
    "gate": (lambda x: x * x.mean((2, 3), keepdim=True).sigmoid(), ["mean(keepdim=True)", "sigmoid", "multiply"]),
    "gate, repeated": (
        lambda x: x * x.mean((2, 3), keepdim=True).expand_as(x),
        ["mean(keepdim=True)", "multiply"],
    ),
    "concat": (lambda x: torch.cat([x, F.relu(x)], 1), ["relu", "concat"]),
    "concat of rows": (lambda x: torch.cat([x, x], -1), ["concat(dim=3)"]),
    "chunk": (lambda x: torch.cat(x.chunk(2, 1)[::-1], 1), ["slice(end=4)", "slice(start=4)", "concat"]),
    "split": (lambda x: x.split([3, 5], 1)[1], ["slice(start=3)"]),
    "narrow": (lambda x: x.narrow(2, 1, 3), ["slice(dim=2, start=1, end=4)"]),
    "every second": (lambda x: x[:, :, ::2], ["slice(dim=2, step=2)"]),
    "one row": (lambda x: x[:, :, 1], ["slice(dim=2, start=1, end=2)", "reshape(shape=[8, -1])"]),
    "permuted and back": (lambda x: F.relu(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), ["relu"]),
    "permuted": (lambda x: x.permute(0, 2, 3, 1), ["permute(dims=[2, 3, 1])"]),
    "transposed": (lambda x: x.transpose(2, 3), ["permute(dims=[1, 3, 2])"]),
    "norm of channels": (
        lambda x: F.layer_norm(x.permute(0, 2, 3, 1), (8,)).permute(0, 3, 1, 2),
        ["layernorm(elementwise_affine=False, axis=channels)"],
    ),
    "shuffle": (
        lambda x: x.view(x.size(0), 2, 4, 6, 10).transpose(1, 2).contiguous().view(x.size(0), -1, 6, 10),
        ["channel_shuffle(groups=2)"],
    ),
    "resized": (
        lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
        ["upsample(scale_factor=2, mode=bilinear)"],
    ),
    "padded": (lambda x: F.pad(x, (0, 1, 0, 1)), ["pad(padding=[[0, 1], [0, 1]])"]),
    "cropped": (lambda x: F.pad(x, (-1, -1, 0, 0)), ["crop(margin=[0, 1])"]),
    "products": (lambda x: torch.matmul(x, x.transpose(2, 3)), ["permute(dims=[1, 3, 2])", "matmul"]),
    "attention": (
        lambda x: F.scaled_dot_product_attention(x, x, x, scale=0.5),
        [
            "permute(dims=[1, 3, 2])",
            "flatten(end_dim=2)",
            "attention(num_heads=8)",
            "reshape(shape=[8, 10, 6])",
            "permute(dims=[1, 3, 2])",
        ],
    ),
    "by numbers": (lambda x: 1 - 2 * x, ["rescale(factor=-2, offset=1)"]),
    "hard sigmoid": (lambda x: F.relu6(x + 3) / 6, ["rescale(offset=3)", "relu6", "rescale(factor=1/6)"]),
    "negative": (lambda x: -x, ["rescale(factor=-1)"]),
    "square": (lambda x: x**2, ["multiply"]),
    "sum of a map": (lambda x: x.sum((2, 3)), ["sum"]),
    "sum of channels": (lambda x: x.sum(1, keepdim=True), ["sum(dim=1, keepdim=True)"]),
    "largest": (lambda x: x.amax((2, 3)), ["max"]),
    "largest, one dimension": (lambda x: x.max(2)[0], ["max(dim=2)"]),
    "largest channel": (lambda x: x.amax(1, keepdim=True), ["max(dim=1, keepdim=True)"]),
    "variance": (lambda x: x.var((2, 3), keepdim=True), ["var(keepdim=True)"]),
    "variance, all": (lambda x: x.var(1, unbiased=False), ["var(dim=1, correction=0)"]),
    "deviation": (lambda x: x.std((1, 3), correction=0), ["std(dim=[1, 3], correction=0)"]),
    "running sum": (lambda x: x.cumsum(2), ["cumsum(dim=2)"]),
    "running sum, channels last": (lambda x: x.movedim(1, -1).cumsum(1).movedim(-1, 1), ["cumsum(dim=2)"]),
    "gated": (lambda x: F.glu(x, 1), ["glu"]),
    "gated, last": (lambda x: F.glu(x.movedim(1, -1)).movedim(-1, 1), ["glu"]),
    "lengths over the map": (lambda x: F.normalize(x, dim=(2, 3)), ["l2norm(dim=[2, 3])"]),
    "root mean square": (lambda x: F.rms_norm(x, [10]), ["rmsnorm(elementwise_affine=False, axis=last)"]),
    "three terms": (lambda x: F.relu(x) + x + F.gelu(x), ["relu", "gelu", "add"]),
    "three terms at once": (lambda x: (lambda a, b: a + b + x)(x.abs(), F.relu(x)), ["abs", "relu", "add"]),
    "sum()": (lambda x: sum([x, F.relu(x)]), ["relu", "add"]),
    "stack": (
        lambda x: torch.stack([x, x], 1),
        ["reshape(shape=[1, 8, 6, 10])", "reshape(shape=[1, 8, 6, 10])", "concat"],
    ),
    "padded and cropped": (
        lambda x: F.pad(x, (-1, 1, 0, 0)),
        ["crop(margin=[[0, 0], [1, 0]])", "pad(padding=[[0, 0], [0, 1]])"],
    ),
    "cropped by slices": (lambda x: x[:, :, 1:-1, 2:-2], ["crop(margin=[1, 2])"]),
    "lrn": (lambda x: F.local_response_norm(x, 5, 2e-4, 0.7, 2.0), ["lrn(size=5, alpha=1/5000, beta=7/10, k=2)"]),
    "lp pool": (lambda x: F.lp_pool2d(x, 2.0, 3, 2), ["lppool(kernel_size=3, stride=2, norm_type=2)"]),
    "l2 norm": (lambda x: F.normalize(x, dim=1), ["l2norm"]),
    "folded into the batch": (
        lambda x: F.relu(x.reshape(x.size(0) * 8, 6, 10)).reshape(x.size(0), 8, 6, 10),
        ["relu"],
    ),
    "the same tensor": (lambda x: x.contiguous().clone().to(torch.float32), []),
    "dropped in training alone": (lambda x: F.dropout(x, 0.5, training=False), ["dropout"]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    function, expected = FUNCTIONS[name]
    if expected:
        assert layers(function, MAP) == expected
    else:
        assert from_module(Function(function), MAP, "net").outputs == {"output": "input"}


def test_two_inputs_join():
    assert layers(lambda x, y: torch.cat([x, F.interpolate(y, scale_factor=2)], 1), (3, 4, 4), (5, 2, 2)) == [
        "upsample(scale_factor=2)",
        "concat",
    ]


@pytest.mark.parametrize(
    ("function", "op"),
    [
        (lambda x: torch.fft.fft2(x).real, "fft_fft2"),
        (lambda x: x.cumprod(1), "cumprod"),
        (lambda x: x.sort(1)[0], "sort"),
        (lambda x: F.relu(x) + 2 * x.flip(2), "flip"),
    ],
)
def test_what_has_no_layer_is_unknown_with_its_shape(function, op):
    traced = from_module(Function(function), MAP, "net")
    spec_text(traced)
    found = [node for node in traced.nodes if node.kind == "unknown"]
    assert found[0].arguments["op"] == op
    assert found[0].output == MAP
    assert op in traced.warnings[0]
    assert 'totals over them say "at least"' in traced.warnings[0]


def test_unknown_has_its_weights():
    class Weighed(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Parameter(torch.zeros(8, 6, 10))
            self.register_buffer("mask", torch.zeros(6, 10))

        def forward(self, x):
            return torch.where(self.mask > 0, x, self.table)

    (node,) = from_module(Weighed(), MAP, "net").nodes
    assert (node.kind, node.arguments["params"], node.arguments["kept"]) == ("unknown", 480, 60)


def test_a_map_read_at_a_grid():
    """PyTorch has the positions last; where they come from a map, no permutation is left."""
    sampled = layers(lambda x, flow: F.grid_sample(x, flow.permute(0, 2, 3, 1), align_corners=True), MAP, (2, 5, 7))
    assert sampled == ["grid_sample(align_corners=True)"]
    how = {"mode": "nearest", "padding_mode": "border", "align_corners": False}
    assert layers(lambda x, grid: F.grid_sample(x, grid, **how), MAP, (5, 7, 2)) == [
        "permute(dims=[3, 1, 2])",
        "grid_sample(mode=nearest, padding_mode=border)",
    ]


@pytest.mark.parametrize(
    ("module", "shapes", "expected"),
    [
        (
            DeformConv(8, 4, (3, 3), padding=(1, 1), groups=2, offset_groups=4, bias=False),
            (MAP, (72, 6, 10), (36, 6, 10)),
            "deform_conv(out_channels=4, kernel_size=3, padding=1, groups=2, offset_groups=4, bias=False)",
        ),
        (
            RoiAlign((3, 2), 0.25, 1),
            (MAP, (4, 5)),
            "roi_align(output_size=[3, 2], spatial_scale=1/4, sampling_ratio=1)",
        ),
    ],
)
def test_modules_that_we_write_out_come_back(module, shapes, expected):
    assert layers(module, *shapes) == [expected]
