"""Every layer as it is built: random configurations against the descriptor, and against a second reading of PyTorch.

`tests/layers/oracle.py` builds layers from a spec's raw arguments and takes nothing from cnncalc; what PyTorch has must
come out of both builders with the same numbers. Layers that PyTorch lacks are held against plain loops.
"""

import copy
import math
import pickle
import warnings
from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name

import cnncalc
from cnncalc.errors import LayerError
from cnncalc.graph import Node
from cnncalc.layers import LAYERS
from cnncalc.pytorch.builder import build, build_layer
from cnncalc.pytorch.recipes import RECIPES
from cnncalc.pytorch.verification.verify import kept

from ..examples import examples
from ..layers import oracle
from ..layers.configurations import CONFIGURATIONS, Draw
from ..layers.test_by_hand import LENET_C3, patches, squash
from ..layers.test_pytorch import require, rounds_differently

COUNT = examples(300)
DOUBLE = {"device": "cpu", "dtype": torch.float64}
RANDOM = {"dropout"}  # nothing to compare in training; the same in evaluation


def valid(kind, count=COUNT):
    """Accepted configurations of a kind, each with its layer and its output's shape."""
    for index in range(count):
        config = CONFIGURATIONS[kind](Draw(f"{kind} {index}"))
        try:
            layer = LAYERS[kind].make(config.arguments, config.rank)
            yield config, layer, layer.output(config.shapes, require)
        except LayerError:
            continue


def built(layer, shapes, output, **factory):
    return build_layer(Node("layer", layer, (), tuple(shapes), output, {}, {}), **factory)


def made(config, layer, output, **factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return built(layer, config.shapes, output, **factory).eval()


def run(module, inputs):
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        output = module(*inputs)
        return output[0] if isinstance(output, tuple) else output  # further outputs come after it


def random_inputs(config):
    generator = torch.Generator().manual_seed(2)
    return [torch.randn(2, *shape, generator=generator, dtype=torch.float64) for shape in config.shapes]


def shapes(tensors):
    return [(name, tuple(tensor.shape)) for name, tensor in tensors.items() if tensor is not None]


@pytest.mark.parametrize("kind", sorted(RECIPES.keys() - {"unknown"}))  # whose placeholder is not run
def test_is_as_described(kind):
    seen = 0
    for config, layer, output in valid(kind):
        device = "meta" if seen % 2 else "cpu"
        module = made(config, layer, output, device=device)
        inputs = [torch.randn(2, *shape, device=device) for shape in config.shapes]
        assert tuple(run(module, inputs).shape) == (2, *output), config
        assert shapes(module._parameters) == list(layer.weights(config.shapes, output).items()), config
        assert shapes(kept(module)) == list(layer.buffers(config.shapes, output).items()), config
        seen += 1
    assert seen >= COUNT // 10


@pytest.mark.parametrize("kind", oracle.BUILDERS)
def test_numbers_are_those_of_the_oracle(kind):
    for config, layer, output in valid(kind, COUNT // 3):
        if rounds_differently(config):
            continue
        module = made(config, layer, output, **DOUBLE)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            other = oracle.BUILDERS[kind](config.arguments, config.shapes).double().eval()
        for parameter in module.parameters():
            torch.nn.init.normal_(parameter)
        other.load_state_dict(module.state_dict())
        if mean_of_the_real_ones(config):
            continue
        copies = [[x.clone() for x in random_inputs(config)] for _ in range(2)]
        torch.testing.assert_close(run(module, copies[0]), run(other, copies[1]), equal_nan=True, msg=str(config))


def mean_of_the_real_ones(config):
    """The oracle's unequal padding is a zero like any other; what not counting it means is held against loops below."""
    return config.kind == "avgpool" and config.arguments.get("count_include_pad") is False


def test_mean_without_padding_counts_real_pixels_only():
    seen = 0
    for config, layer, output in valid("avgpool", 2 * COUNT):
        if layer.count_include_pad or layer.divisor_override is not None:
            continue
        x = random_inputs(config)[0]
        y = torch.full((2, *output), math.nan, dtype=torch.float64)
        windows = layer.windows(config.shapes)
        for position in (
            torch.cartesian_prod(*(torch.arange(w.out) for w in windows)).reshape(-1, len(windows)).tolist()
        ):
            starts = [w.stride * i - w.low for w, i in zip(windows, position, strict=True)]
            parts = [slice(max(0, at), max(0, at + w.kernel)) for at, w in zip(starts, windows, strict=True)]
            y[(..., *position)] = x[(slice(None), slice(None), *parts)].flatten(2).mean(-1)
        torch.testing.assert_close(run(made(config, layer, output, **DOUBLE), [x]), y, msg=str(config))
        seen += 1
    assert seen > COUNT // 10


def one(kind, arguments, shape):
    """A single layer's module, and the shape that the descriptor says leaves it."""
    layer = LAYERS[kind].make(arguments, len(shape) - 1)
    output = layer.output((shape,), require)
    return built(layer, (shape,), output), output


def test_a_scale_is_exact():
    module, output = one("upsample", {"scale_factor": Fraction("0.29")}, (1, 100, 200))
    assert output == (1, 29, 58)  # in floating point 100·0.29 falls just below 29
    assert tuple(module(torch.zeros(1, 1, 100, 200)).shape[1:]) == output


def test_same_padding_lets_a_mean_be_larger_than_its_volume():
    module, output = one("avgpool", {"kernel_size": 3, "stride": 1, "padding": "same"}, (2, 1, 2, 3))
    x = torch.ones(1, 2, 1, 2, 3)
    assert tuple(module(x).shape[1:]) == output
    assert module(x)[0, 0, 0, 0, 1] == pytest.approx(6 / 27)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_lrn_takes_what_was_permuted(rank):
    module, _ = one("lrn", {"size": 3}, (4, *range(2, 2 + rank)))
    x = torch.randn(2, *range(1 + rank, 1, -1), 4).permute(0, *range(rank + 1, 0, -1))
    torch.testing.assert_close(module(x), module(x.contiguous()))


def test_locally_connected_uses_each_weight_at_one_place():
    for config, layer, output in valid("locally_connected"):
        module = made(config, layer, output, **DOUBLE)
        (x,) = random_inputs(config)
        y = torch.full((2, *output), math.nan, dtype=torch.float64)
        for position, patch in patches(x, layer.windows(config.shapes)):
            y[(..., *position)] = patch.flatten(1) @ module.weight[(slice(None), *position)].flatten(1).T
        y = y if module.bias is None else y + module.bias
        torch.testing.assert_close(run(module, [x]), y.detach(), msg=str(config))


def test_subsample_sums_scales_and_shifts():
    for config, layer, output in valid("subsample"):
        module = made(config, layer, output, **DOUBLE)
        torch.nn.init.normal_(module.weight)
        torch.nn.init.normal_(module.bias)
        (x,) = random_inputs(config)
        y = torch.empty(2, *output, dtype=torch.float64)
        for position, patch in patches(x, layer.windows(config.shapes)):
            y[(..., *position)] = patch.flatten(2).sum(-1) * module.weight + module.bias
        torch.testing.assert_close(run(module, [x]), y.detach(), msg=str(config))


def test_capsules_route_by_agreement():
    for config, layer, output in valid("capsule", COUNT // 3):
        module = made(config, layer, output, **DOUBLE)
        (u,) = random_inputs(config)
        predictions = torch.einsum("jiDd,nid->njiD", module.weight, u)
        logits = torch.zeros(predictions.shape[:3], dtype=torch.float64)
        for _ in range(layer.routings):
            out = squash((logits.softmax(1)[..., None] * predictions).sum(2))
            logits = logits + (predictions * out[:, :, None]).sum(-1)
        torch.testing.assert_close(run(module, [u]), out.detach(), msg=str(config))


def test_capsules_of_nothing_keep_their_gradient():
    layer = LAYERS["capsule"].make({"capsules": 2, "dim": 3}, 1)
    module = built(layer, ((4, 5),), (2, 3))
    x = torch.zeros(1, 4, 5, requires_grad=True)
    module(x).sum().backward()
    assert x.grad.isfinite().all()


def test_rbf_measures_distances_to_its_codes():
    for config, layer, output in valid("rbf", COUNT // 3):
        module = made(config, layer, output, **DOUBLE)
        assert set(module.codes.unique().tolist()) <= {-1.0, 1.0}
        (x,) = random_inputs(config)
        torch.testing.assert_close(run(module, [x]), torch.cdist(x, module.codes) ** 2)


def test_scale_multiplies_channels():
    for config, layer, output in valid("scale", COUNT // 3):
        module = made(config, layer, output, **DOUBLE)
        assert (module.weight is None) is not layer.factor
        weight = torch.ones(1) if module.weight is None else module.weight
        assert not layer.factor or weight.eq(float(layer.init)).all()
        (x,) = random_inputs(config)
        y = torch.stack([x[:, c] * weight[c % len(weight)] for c in range(len(x[0]))], 1).detach()
        torch.testing.assert_close(run(module, [x]), y)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "circular"])
def test_connections_are_a_convolution_with_the_others_zero(mode):
    fields = {"out_channels": 16, "kernel_size": [5, 3], "stride": [1, 2], "padding": [[1, 2], [0, 1]]}
    layer = LAYERS["conv"].make({**fields, "connections": LENET_C3, "padding_mode": mode}, 2)
    output = layer.output([(6, 14, 15)], require)
    module = built(layer, ((6, 14, 15),), output, **DOUBLE)
    dense = torch.zeros(16, 6, 5, 3, dtype=torch.float64)
    kernels = iter(module.weight.detach())
    for row, channels in enumerate(LENET_C3):
        for channel in channels:
            dense[row, channel] = next(kernels)
    x = torch.randn(2, 6, 14, 15, dtype=torch.float64)
    before = F.pad(x, [0, 1, 1, 2], "constant" if mode == "zeros" else mode)
    y = F.conv2d(before, dense, module.bias, stride=(1, 2))
    assert tuple(y.shape) == (2, *output)
    torch.testing.assert_close(module(x), y)


@pytest.mark.parametrize(
    ("kind", "arguments", "shapes", "base", "shown"),
    [
        (
            "conv", {"out_channels": 3, "kernel_size": 2, "padding": "same"}, [(2, 5, 5)], torch.nn.Conv2d,
            "Conv2d(2, 3, kernel_size=(2, 2), stride=(1, 1), super().forward(F.pad(x, (0, 1, 0, 1))))",
        ),
        ("add", {}, [(2, 5), (2, 5), (2, 5)], torch.nn.Module, "Expression(x + y + z)"),
        ("concat", {"dim": 1}, [(2, 5)] * 4, torch.nn.Module, "Expression(torch.cat([x, y, z, x4], dim=1))"),
    ],
)  # fmt: skip
def test_a_forward_pass_is_the_code_that_is_exported(kind, arguments, shapes, base, shown):
    layer = LAYERS[kind].make(arguments, len(shapes[0]) - 1)
    module = built(layer, shapes, layer.output(shapes, require))
    assert isinstance(module, base)
    assert repr(module) == shown
    inputs = [torch.randn(2, *shape) for shape in shapes]
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert type(other) is type(module)
        torch.testing.assert_close(other(*inputs), module(*inputs))


def test_layers_of_one_code_are_of_one_class():
    layer = LAYERS["add"].make({}, 1)
    one, other = (built(layer, [shape] * 2, shape) for shape in ((2, 5), (3, 7)))
    assert type(one) is type(other)


@pytest.mark.filterwarnings("ignore")
def test_a_forward_pass_compiles():
    spec = """
input: 2x9x9
layers:
  - conv: {out_channels: 3, kernel_size: 2, padding: same}
  - maxpool: {kernel_size: 2, stride: 2, padding: [[0, 1], [1, 0]], ceil_mode: true}
  - crop: {size: 3}
"""
    network = build(cnncalc.parse(spec).graph()).eval()
    x = torch.randn(1, 2, 9, 9)
    with torch.no_grad():
        torch.testing.assert_close(torch.compile(network, backend="eager")(x), network(x))
