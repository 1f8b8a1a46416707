"""The layers that PyTorch lacks, computed with plain loops from weights of the shapes that the descriptors give."""

import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name

from cnncalc.errors import LayerError
from cnncalc.layers import LAYERS

from .configurations import CONFIGURATIONS, Draw
from .test_pytorch import require

LENET_C3 = [
    *([0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5]),
    *([0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5], [0, 1, 3, 4]),
    *([1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]),
]


def valid(kind, count):
    """Layers of a kind that are accepted, each with its input's shape and its output's."""
    for index in range(count):
        config = CONFIGURATIONS[kind](Draw(f"{kind} {index}"))
        try:
            layer = LAYERS[kind].make(config.arguments, config.rank)
            yield layer, config.shapes[0], layer.output(config.shapes, require)
        except LayerError:
            continue


def random_weights(layer, shape, output):
    generator = torch.Generator().manual_seed(1)
    return {
        name: torch.randn(size, generator=generator, dtype=torch.float64)
        for name, size in layer.weights((shape,), output).items()
    }


def random_input(shape):
    return torch.randn(2, *shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def patches(x, windows):
    """[positions…] → the numbers that the window reads there: [batch, channels, *kernel]."""
    x = F.pad(x, [side for w in reversed(windows) for side in (w.low, w.high)])
    for position in torch.cartesian_prod(*(torch.arange(w.out) for w in windows)).reshape(-1, len(windows)).tolist():
        parts = tuple(
            slice(w.stride * i, w.stride * i + w.extent, w.dilation) for w, i in zip(windows, position, strict=True)
        )
        yield tuple(position), x[(slice(None), slice(None), *parts)]


def test_locally_connected_uses_each_weight_at_one_place():
    seen = 0
    for layer, shape, output in valid("locally_connected", 200):
        weights, x = random_weights(layer, shape, output), random_input(shape)
        y = torch.full((2, *output), math.nan, dtype=torch.float64)
        for position, patch in patches(x, layer.windows((shape,))):
            weight = weights["weight"][(slice(None), *position)]  # [out_channels, in_channels, *kernel]
            assert weight.shape[1:] == patch.shape[1:]
            y[(..., *position)] = patch.flatten(1) @ weight.flatten(1).T
        y += weights.get("bias", torch.zeros(output))
        assert not y.isnan().any()
        seen += 1
    assert seen > 50


def test_locally_connected_with_equal_weights_is_a_convolution():
    for layer, shape, output in valid("locally_connected", 60):
        weight = random_weights(layer, shape, output)["weight"]
        windows = layer.windows((shape,))
        shared = weight[(slice(None), *(0 for _ in windows))]
        y = torch.stack([p.flatten(1) @ shared.flatten(1).T for _, p in patches(random_input(shape), windows)], -1)
        x = F.pad(random_input(shape), [side for w in reversed(windows) for side in (w.low, w.high)])
        convolve = (F.conv1d, F.conv2d, F.conv3d)[len(windows) - 1]
        stride, dilation = [w.stride for w in windows], [w.dilation for w in windows]
        torch.testing.assert_close(y.unflatten(-1, output[1:]), convolve(x, shared, None, stride, 0, dilation))


def test_connections_of_lenet():
    layer = LAYERS["conv"].make({"out_channels": 16, "kernel_size": 5, "connections": LENET_C3}, 2)
    output = layer.output([(6, 14, 14)], require)
    weights = layer.weights([(6, 14, 14)], output)
    assert output == (16, 10, 10)
    assert weights == {"weight": (60, 5, 5), "bias": (16,)}
    assert sum(math.prod(shape) for shape in weights.values()) == 1516  # LeCun 1998, section II.B


def test_connections_are_a_convolution_with_the_others_zero():
    layer = LAYERS["conv"].make({"out_channels": 16, "kernel_size": 5, "connections": LENET_C3}, 2)
    shape = (6, 14, 14)
    weights, x = random_weights(layer, shape, (16, 10, 10)), random_input(shape)
    dense = torch.zeros(16, 6, 5, 5, dtype=torch.float64)
    kernels = iter(weights["weight"])
    for row, channels in zip(dense, LENET_C3, strict=True):
        for channel in channels:
            row[channel] = next(kernels)
    assert next(kernels, None) is None
    y = torch.stack(
        [
            sum(F.conv2d(x[:, c : c + 1], dense[out, c][None, None])[:, 0] for c in channels) + weights["bias"][out]
            for out, channels in enumerate(LENET_C3)
        ],
        1,
    )
    torch.testing.assert_close(y, F.conv2d(x, dense, weights["bias"]))


def test_subsample_sums_scales_and_shifts():
    for layer, shape, output in valid("subsample", 100):
        weights, x = random_weights(layer, shape, output), random_input(shape)
        y = torch.empty(2, *output, dtype=torch.float64)
        for position, patch in patches(x, layer.windows((shape,))):
            y[(..., *position)] = patch.flatten(2).sum(-1) * weights["weight"] + weights["bias"]
        windows = layer.windows((shape,))
        average = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(windows) - 1]
        mean = average(x, [w.kernel for w in windows], [w.stride for w in windows])
        each = (-1, *(1 for _ in windows))
        total = mean * math.prod(w.kernel for w in windows)
        torch.testing.assert_close(y, total * weights["weight"].view(each) + weights["bias"].view(each))


@pytest.mark.parametrize(("channels", "params"), [(6, 12), (16, 32)])  # S2 and S4 of LeNet-5
def test_subsample_of_lenet(channels, params):
    layer = LAYERS["subsample"].make({}, 2)
    output = layer.output([(channels, 28, 28)], require)
    assert output == (channels, 14, 14)
    assert sum(math.prod(s) for s in layer.weights([(channels, 28, 28)], output).values()) == params


def squash(vectors):
    square = (vectors**2).sum(-1, keepdim=True)
    return square / (1 + square) * vectors / square.sqrt()


def test_capsules_route_by_agreement():
    for layer, shape, output in valid("capsule", 60):
        weight, u = random_weights(layer, shape, output)["weight"], random_input(shape)
        assert weight.shape == (layer.capsules, shape[0], layer.dim, shape[1])
        predictions = torch.stack(  # equation 2, for every pair of capsules
            [torch.stack([u[:, i] @ weight[j, i].T for i in range(shape[0])], 1) for j in range(layer.capsules)], 1
        )
        logits = torch.zeros(2, layer.capsules, shape[0], dtype=torch.float64)
        for _ in range(layer.routings):
            coupling = logits.softmax(1)
            out = squash((coupling[..., None] * predictions).sum(2))  # equation 1
            logits = logits + (predictions * out[:, :, None]).sum(-1)
        assert out.shape == (2, *output)


def test_capsules_of_sabour():
    layer = LAYERS["capsule"].make({"capsules": 10, "dim": 16}, 1)
    output = layer.output([(1152, 8)], require)
    assert output == (10, 16)
    assert sum(math.prod(s) for s in layer.weights([(1152, 8)], output).values()) == 1_474_560


def test_rbf_measures_distances_to_its_codes():
    layer = LAYERS["rbf"].make({"classes": 10}, 0)
    output = layer.output([(84,)], require)
    assert layer.weights([(84,)], output) == {}
    assert layer.buffers([(84,)], output) == {"codes": (10, 84)}
    codes, x = torch.randn(10, 84, dtype=torch.float64), random_input((84,))
    y = torch.stack([((x - code) ** 2).sum(-1) for code in codes], -1)
    assert y.shape == (2, *output)
    torch.testing.assert_close(y, torch.cdist(x, codes) ** 2)


def test_scale_multiplies_channels():
    for layer, shape, output in valid("scale", 40):
        weights, x = random_weights(layer, shape, output), random_input(shape)
        assert list(weights) == ["weight"] * layer.factor + ["bias"] * layer.bias
        assert {tuple(each.shape) for each in weights.values()} == {(1 if layer.shared else shape[0],)}
        if not layer.factor:
            continue
        y = torch.stack([x[:, c] * weights["weight"][0 if layer.shared else c] for c in range(shape[0])], 1)
        assert y.shape == (2, *output)
        torch.testing.assert_close(y, x * weights["weight"].view(-1, *(1 for _ in shape[1:])))


def test_crop_takes_the_odd_row_off_the_high_side():
    layer = LAYERS["crop"].make({"like": "up"}, 2)
    assert layer.output([(64, 64, 65), (8, 57, 56)], require) == (64, 57, 56)
    assert layer.amounts([(64, 64, 65), (8, 57, 56)], require) == ((3, 4), (4, 5))


def test_pad_adds_the_odd_row_on_the_high_side():
    layer = LAYERS["pad"].make({"size": [8, 9]}, 2)
    assert layer.output([(3, 5, 5)], require) == (3, 8, 9)
    assert layer.amounts([(3, 5, 5)], require) == ((1, 2), (2, 2))
