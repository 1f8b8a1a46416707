"""Calls of PyTorch's modules as layers of a spec, held to the modules themselves."""

import inspect

import pytest

from cnncalc import SpecError, parse
from cnncalc.document.module_calls import _POSITIONAL, rewrite_call


@pytest.mark.parametrize(
    ("text", "kind", "layer"),
    [
        ("nn.Conv2d(3, 8, 5)", "conv", "conv: {out_channels: 8, kernel_size: 5}"),
        (
            "torch.nn.Conv2d(3, width, kernel_size=(3, 5), padding='same', bias=False)",
            "conv",
            "conv: {out_channels: width, kernel_size: [3, 5], padding: same, bias: false}",
        ),
        ("Conv1d(in_channels=3, out_channels=2*w, kernel_size=3)", "conv", "conv: {out_channels: …, kernel_size: 3}"),
        (
            "nn.ConvTranspose2d(8, 4, 2, 2)",
            "conv_transpose",
            "conv_transpose: {out_channels: 4, kernel_size: 2, stride: 2}",
        ),
        ("nn.MaxPool2d(2)", "maxpool", "maxpool: 2"),
        ("nn.MaxPool2d(3, 2, padding=1)", "maxpool", "maxpool: {kernel_size: 3, stride: 2, padding: 1}"),
        ("nn.Linear(8192, 10)", "linear", "linear: 10"),
        ("nn.BatchNorm2d(64)", "batchnorm", "batchnorm"),
        ("nn.BatchNorm2d(64, eps=1e-3)", "batchnorm", "batchnorm: {eps: 0.001}"),
        ("nn.Dropout(0.5)", "dropout", "dropout: 0.5"),
        ("nn.ReLU(inplace=True)", "relu", "relu: {inplace: true}"),
        ("nn.ReLU()", "relu", "relu"),
        ("nn.Conv2d(3, 8, 5),", "conv", "conv: {out_channels: 8, kernel_size: 5}"),
        ("nn.Upsample(scale_factor=2)", "upsample", "upsample: 2"),
        (r"nn.Conv2d(3, 8, 5, padding='\d')", "conv", "conv: {out_channels: 8, kernel_size: 5, padding: …}"),
        ("nn.Dropout(1or 2)", "dropout", "dropout: …"),
        ("nn.Conv2d(3)", "conv", None),
        ("nn.Conv2d(3, 8, 5, device=gpu)", "conv", None),
        ("Conv2D(32, 3)", "conv", None),
        ("nn.Conv2d(*sizes)", "conv", None),
        ("nn.MaxPool2d(2, 2, 0, 1, False)", "maxpool", None),
        ("nn.Conv2d(3, 8, 5", "conv", None),
        ("conv 8 5", "conv", None),
        (f"nn.Conv2d({'(' * 90}3, 8, 5)", "conv", None),
        (f"nn.Conv2d(3, 8, {'5' * 200})", "conv", None),
    ],
)
def test_a_call_as_a_layer(text, kind, layer):
    assert rewrite_call(text, kind) == layer


@pytest.mark.parametrize("name", _POSITIONAL)
def test_the_order_is_that_of_pytorch(name):
    nn = pytest.importorskip("torch").nn
    module = getattr(nn, name, None) or getattr(nn, f"{name}2d")
    order = _POSITIONAL[name].split()
    assert [*inspect.signature(module).parameters][: len(order)] == order


@pytest.mark.parametrize(
    ("item", "hint"),
    [
        ("nn.Linear(8, 10),", "write '- linear: 10'"),
        ("nn.LSTMCell(512, 256)", "`unknown: {op: …, shape: […]}` stands for it"),
        ("nn.CrossEntropyLoss()", "a loss is not part of the network: leave it out"),
        ("self.features(x)", "a layer is one word and its fields a mapping"),
    ],
)
def test_the_message_of_a_spec(item, hint):
    with pytest.raises(SpecError) as caught:
        parse(f"input: 3x8x8\nlayers:\n  - {item}\n")
    assert hint in str(caught.value)
