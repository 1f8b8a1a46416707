"""Every layer that PyTorch has, against PyTorch: shape, parameters, buffers, and what is refused.

PyTorch runs on its meta device. Where the verdicts differ there, a real run on the CPU settles it: meta kernels check
less than real ones. (Seen with 2.13: meta convolution takes a dilation or kernel with one number too many, meta
conv_transpose any output_padding, meta CELU alpha 0, meta softmax any dim.)
"""

import math
import warnings
from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest
import torch

from cnncalc.errors import LayerError
from cnncalc.layers import LAYERS

from ..examples import examples
from .configurations import CONFIGURATIONS, Configuration, Draw
from .oracle import BUILDERS, Refused, axes

COUNT = examples(300)
BATCH = 2
SLOW_ON_META = {
    "lstm",
    "gru",
    "rnn",
    "roi_align",
    "deform_conv",
    "grid_sample",
    "nms",
}  # PyTorch's meta kernels are chains of small ones
REFUSALS = (Refused, RuntimeError, ValueError, TypeError, IndexError, AssertionError, ZeroDivisionError)

Answer = tuple[tuple[int, ...], list[tuple[str, tuple[int, ...]]], list[tuple[str, tuple[int, ...]]]]


def require(holds: object, why: Callable[[], LayerError]) -> None:
    assert isinstance(holds, bool), "a plain number made a relation"
    if not holds:
        raise why()


def ours(config: Configuration) -> Answer | str:
    """Output, parameters and buffers; or the sentence of the refusal."""
    try:
        layer = LAYERS[config.kind].make(config.arguments, config.rank)
        output = layer.output(config.shapes, require)
    except LayerError as error:
        return error.message
    sizes = [*output, *(n for shape in layer.weights(config.shapes, output).values() for n in shape)]
    assert all(type(size) is int for size in sizes)
    return (
        output,
        list(layer.weights(config.shapes, output).items()),
        list(layer.buffers(config.shapes, output).items()),
    )


def theirs(config: Configuration, device: str) -> Answer | str:
    """The same of PyTorch. A tensor without numbers counts as a refusal."""
    try:
        with torch.device(device), torch.no_grad():
            module = BUILDERS[config.kind](config.arguments, config.shapes).eval()
            output = tuple(module(*(torch.zeros(BATCH, *shape) for shape in config.shapes)).shape)
    except REFUSALS as error:
        return f"{type(error).__name__}: {error}"
    if output[0] != BATCH or 0 in output:
        return f"made {output}"
    return output[1:], _shapes(module.named_parameters()), _shapes(module.named_buffers())


def _shapes(tensors: Sequence[tuple[str, torch.Tensor]]) -> list[tuple[str, tuple[int, ...]]]:
    return [(name, tuple(tensor.shape)) for name, tensor in tensors]


def rounds_differently(config: Configuration) -> bool:
    """PyTorch multiplies by a float scale, we by the exact number: ⌊100·0.29⌋ is 28 there and 29 here."""
    if config.kind != "upsample" or "scale_factor" not in config.arguments:
        return False
    factors = axes(config.arguments["scale_factor"], config.rank)
    pairs = zip(config.shapes[0][1:], factors, strict=True)
    return any(math.floor(n * float(factor)) != math.floor(n * factor) for n, factor in pairs)


@pytest.mark.parametrize("kind", BUILDERS)
def test_agrees_with_pytorch(kind):
    accepted = refused = 0
    for index in range(COUNT):
        config = CONFIGURATIONS[kind](Draw(f"{kind} {index}"))
        if rounds_differently(config):
            continue
        we = ours(config)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            they = theirs(config, "cpu" if kind in SLOW_ON_META else "meta")
            if isinstance(we, str) != isinstance(they, str):
                they = theirs(config, "cpu")
        assert isinstance(we, str) == isinstance(they, str), f"{config}\nours: {we}\nPyTorch: {they}"
        if isinstance(we, str):
            refused += 1
        else:
            assert we == they, config
            accepted += 1
    assert accepted >= COUNT // 10, "the configurations prove little"
    assert refused >= COUNT // 50 or kind in NEVER_REFUSED, "the configurations prove little"


NEVER_REFUSED = {
    *(
        "relu",
        "relu6",
        "leaky_relu",
        "elu",
        "selu",
        "silu",
        "mish",
        "sigmoid",
        "tanh",
        "abs",
        "hardswish",
        "hardsigmoid",
    ),
    *("softplus", "rescale", "batchnorm", "l2norm", "identity"),
}


def test_a_scale_is_exact_where_pytorch_rounds():
    config = Configuration("upsample", {"scale_factor": Fraction("0.29")}, ((1, 100),))
    assert rounds_differently(config)
    assert theirs(config, "meta")[0] == (1, 28)  # 100 · 0.29 is 28.999999999999996 in floats
    assert ours(config)[0] == (1, 29)


def test_covers_every_kind():
    by_hand = {"locally_connected", "subsample", "capsule", "rbf", "scale", "deform_conv", "roi_align", "nms"}
    kinds = LAYERS.keys() - {"unknown"}
    assert CONFIGURATIONS.keys() == kinds, "configurations.py draws every kind"
    assert BUILDERS.keys() | by_hand == kinds, (
        "oracle.py has PyTorch's module for every kind that is not tested by hand"
    )
    assert not BUILDERS.keys() & by_hand
