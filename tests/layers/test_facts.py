"""What descriptors claim of their layers, against PyTorch's: random configurations, random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer
from cnncalc.layers.ranges import ANY, POSITIVE, Range

from ..examples import examples
from .configurations import CONFIGURATIONS, Configuration, Draw
from .oracle import BUILDERS
from .test_pytorch import ours

DRAWS = examples(15)
BATCH = 3
NORMS = ("layernorm", "groupnorm", "lrn", "rmsnorm", "grn")
KINDS = [kind for kind in LAYERS if kind in BUILDERS]


def networks(kind: str) -> Iterator[tuple[Layer, nn.Module, Configuration]]:
    """Valid layers of a kind with their modules, in double precision and evaluation."""
    draw = Draw(f"facts of {kind}")
    for _ in range(DRAWS):
        config = CONFIGURATIONS[kind](draw)
        if isinstance(ours(config), str):
            continue
        try:
            module = BUILDERS[kind](config.arguments, config.shapes).double().eval()
            module(*numbers(config))
        except (RuntimeError, ValueError, TypeError, NotImplementedError, UserWarning):  # no variance of one number
            continue
        yield LAYERS[kind].make(config.arguments, config.rank), module, config


def numbers(config: Configuration, least: float = -4) -> list[Tensor]:
    """A random tensor per input, from `least` to 4."""
    return [torch.rand(BATCH, *shape).double() * (4 - least) + least for shape in config.shapes]


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_linear_adds_up(kind):
    for layer, module, config in networks(kind):
        if layer.linear:
            one, two = numbers(config), numbers(config)
            zero = module(*(torch.zeros_like(x) for x in one))
            both = module(*(x + y for x, y in zip(one, two, strict=True)))
            assert torch.allclose(both + zero, module(*map(torch.clone, one)) + module(*map(torch.clone, two))), config


def test_what_is_not_linear_does_not():
    bent = {
        kind for kind in KINDS if LAYERS[kind].activation or LAYERS[kind].hides_gradient or LAYERS[kind].output_range
    }
    more = {"maxpool", "adaptive_maxpool", "global_maxpool", "lppool", "multiply", "divide", "matmul", "glu"}
    more |= {"attention", "grid_sample", *NORMS}
    assert {kind for kind in KINDS if not any(layer.linear for layer, *_ in networks(kind))} == bent | more


@pytest.mark.parametrize("kind", KINDS)
def test_what_leaves_lies_in_its_range(kind):
    for layer, module, config in networks(kind):
        for least, entering in ((-4, ANY), (0, POSITIVE), (-4, Range(Fraction(-4), Fraction(4)))):
            low, high = layer.range([entering] * len(config.shapes[: layer.values_of]))
            made = module.train(kind == "dropout")(*numbers(config, least))
            made = made[made.isfinite()]  # a window of padding alone has −∞ for its maximum
            if not made.numel():
                continue
            assert low is None or made.min() >= float(low) - 1e-9, (config, entering)
            assert high is None or made.max() <= float(high) + 1e-9, (config, entering)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if LAYERS[kind].elementwise])
def test_what_is_elementwise_has_the_shape_of_its_input(kind):
    for layer, module, config in networks(kind):
        (x,) = numbers(config)
        made = module(x.clone())
        assert made.shape == x.shape
        if layer.idle:
            assert torch.equal(made, x)
        if layer.idempotent:
            assert torch.equal(module(made.clone()), made), config


@pytest.mark.parametrize("kind", KINDS)
def test_offsets_of_channels_come_through_or_are_taken_away(kind):
    for layer, module, config in networks(kind):
        rank = len(config.shapes[0])
        if kind == "instancenorm" and set(config.shapes[0][1:]) == {1}:
            continue  # which PyTorch does not train
        output = tuple(module(*numbers(config)).shape[1:])
        if not (layer.keeps_offsets or layer.centres(output, frozen=False)):
            continue
        inputs = numbers(config)
        offset = torch.rand(1, config.shapes[0][0], *[1] * (rank - 1)).double()
        module.train()
        change = module(inputs[0] + offset, *inputs[1:]) - module(*map(torch.clone, inputs))
        if layer.centres(output, frozen=False):
            assert change.abs().max() < 1e-3, config  # eps aside
        else:
            places = change.flatten(2) if change.dim() > 2 else change[..., None]
            assert torch.allclose(places, places[:1, :, :1].expand_as(places)), config


@pytest.mark.parametrize("kind", [kind for kind in KINDS if LAYERS[kind].inputs[1] != 1])
def test_several_inputs(kind):
    for layer, module, config in networks(kind):
        inputs: list[Any] = numbers(config)
        if layer.commutes:
            assert torch.allclose(module(*inputs), module(*reversed(inputs)))
        if layer.values_of == 1 and len(inputs) > 1:
            assert torch.equal(module(*inputs), module(inputs[0], *(torch.zeros_like(x) for x in inputs[1:])))


def test_what_drops_and_what_runs():
    for layer, module, config in networks("dropout"):
        made = module.train()(torch.ones(40, *config.shapes[0]).double())
        assert layer.drops or torch.equal(made, torch.ones_like(made))
    for kind in ("batchnorm", "instancenorm"):
        for layer, module, _ in networks(kind):
            assert layer.running == (getattr(module, "running_mean", None) is not None)


def test_stand_ins_take_the_fields_of_what_they_stand_for():
    for kind, layer in LAYERS.items():
        if layer.stand_in not in (None, "leaky_relu"):
            stand_in = LAYERS[layer.stand_in]
            assert set(stand_in.required()) <= layer.accepted().keys(), kind
            assert stand_in.stand_in is None
