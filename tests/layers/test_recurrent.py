"""What the tables do not show of recurrent layers: their last states, their fields, and what they refuse."""

import pytest
import torch
from torch import nn

import cnncalc
from cnncalc.analysis.field.footprint import footprints
from cnncalc.errors import SpecError
from cnncalc.pytorch import build

from .configurations import CONFIGURATIONS, Draw
from .test_pytorch import ours

MODULES = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
CRNN = """
input: 1x32x100
blocks:
  unit(out, kernel=3, padding=1, norm=false):
    - conv: {out_channels: out, kernel_size: kernel, padding: padding}
    - batchnorm:
      when: norm
    - relu
  halve:
    - maxpool: {kernel_size: 2, stride: [2, 1], padding: [0, 1]}
  recurrent(out):
    - lstm: {hidden_size: 256, bidirectional: true}
    - linear: {out_features: out, axis: channels}
layers:
  - unit: 64
  - maxpool: 2
  - unit: 128
  - maxpool: 2
  - unit: {out: 256, norm: true}
  - unit: 256
  - halve
  - unit: {out: 512, norm: true}
  - unit: 512
  - halve
  - unit: {out: 512, kernel: 2, padding: 0, norm: true}
  - flatten: {end_dim: 2}
  - recurrent: 256
  - recurrent: 37
"""


def parse(kind: str, fields: str, size: str = "3x7", more: str = "") -> cnncalc.Spec:
    return cnncalc.parse(f"input: {size}\nlayers:\n  - {kind}: {{{fields}}}\n    name: memory\n{more}")


def test_crnn_is_the_published_one() -> None:
    report = cnncalc.parse(CRNN).analyze()
    assert report.graph.nodes[-1].output == (37, 26)
    assert (report.params, report.macs) == (8_331_301, 705_143_808)


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("kind", MODULES)
def test_states_are_those_of_pytorch(kind: str) -> None:
    seen = 0
    for index in range(60):
        config = CONFIGURATIONS[kind](Draw(f"states {kind} {index}"))
        if isinstance(ours(config), str) or "dropout" in config.arguments:
            continue
        fields = ", ".join(f"{name}: {str(value).lower()}" for name, value in config.arguments.items())
        states = ("h_n", "c_n") if kind == "lstm" else ("h_n",)
        outputs = ", ".join(f"{name}: memory.{name}" for name in states)
        size = "x".join(map(str, config.shapes[0]))
        graph = parse(kind, fields, size, f"outputs: {{out: memory, {outputs}}}").graph()
        network = build(graph).eval()
        module = MODULES[kind](config.shapes[0][0], batch_first=True, **config.arguments)
        module.load_state_dict({name.removeprefix("memory."): t for name, t in network.state_dict().items()})
        x = torch.randn(2, *config.shapes[0])
        found, (theirs, last) = network(x), module(x.mT)
        assert torch.allclose(found["out"], theirs.mT, atol=1e-6)
        for name, state in zip(states, last if isinstance(last, tuple) else (last,), strict=True):
            assert torch.allclose(found[name], state.permute(1, 2, 0), atol=1e-6)
            assert tuple(found[name].shape[1:]) == next(n.output for n in graph.nodes if n.name == f"memory.{name}")
        seen += 1
    assert seen > 15


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("kind", MODULES)
def test_steps_that_are_seen(kind: str, both: bool) -> None:
    """In one direction a step sees the past, in both all; the gradients of PyTorch agree."""
    more = "  - conv: {out_channels: 2, kernel_size: 2, stride: 2}\n    name: end\n"
    graph = parse(kind, f"hidden_size: 4, bidirectional: {str(both).lower()}", "3x7", more).graph()
    network = build(graph, dtype=torch.float64).eval()
    x = torch.randn(1, 3, 7, dtype=torch.float64, requires_grad=True)
    for step in range(3):
        (gradient,) = torch.autograd.grad(network(x)[0, :, step].sum(), x)
        rows = tuple(gradient[0].abs().sum(0).nonzero().flatten().tolist())
        seen = footprints(graph, "end", (step,))["input"]
        assert seen.exact
        assert seen.rows == (rows,) == (tuple(range(7 if both else 2 * step + 2)),)
    field = cnncalc.Report(graph).receptive_fields["end"]["input"]
    assert field.axes[0].only_whole


def test_steps_from_a_map_see_the_map() -> None:
    """Each step is one pixel; behind a recurrent layer the field is the whole map."""
    spec = cnncalc.parse("input: 3x8x9\nlayers:\n  - flatten: {start_dim: 2}\n  - gru: 4\n")
    fields = spec.analyze().receptive_fields
    assert [axis.size for axis in fields["flatten1"]["input"].axes] == [1, 1]
    assert fields["gru1"]["input"].only_whole


def test_symbols_give_closed_forms() -> None:
    fields = "hidden_size: 2 * in_channels, proj_size: in_channels, num_layers: 2"
    report, numbers = (parse("lstm", fields, size).analyze() for size in ("CxT", "9x128"))
    at = report.at(C=9, T=128)
    assert (at.macs, at.params) == (numbers.macs, numbers.params)


@pytest.mark.parametrize(
    ("fields", "size", "message"),
    [
        ("hidden_size: 4", "3x8x8", "flatten: {start_dim: 2}"),
        ("hidden_size: 4", "3", "needs a sequence"),
        ("hidden_size: 4, proj_size: 4", "3x8", "must be smaller than hidden_size"),
        ("hidden_size: 4, num_layers: in_channels", "Cx8", "expected a plain number"),
        ("hidden_size: 4, num_layers: 1001", "3x8", "at most 1,000"),
    ],
)
def test_refusals(fields: str, size: str, message: str) -> None:
    with pytest.raises(SpecError, match=r"lstm|num_layers") as caught:
        parse("lstm", fields, size).graph()
    assert message in str(caught.value)
