"""What verification finds when the two sides differ, and what it says of both."""

import pytest
import torch
from torch import nn

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.pytorch import build, compare_with, verify
from cnncalc.pytorch import verify as verify_function
from cnncalc.pytorch.verification.verification import Check, Row
from cnncalc.records import replace

SPEC = """
input: 3x9x9
layers:
  - conv: {out_channels: 4, kernel_size: 3, groups: 1}
  - batchnorm
  - flatten
  - linear: 5
"""


def graph(text=SPEC):
    return cnncalc.parse(text, "small").graph()


def with_node(name, **changes):
    old = graph()
    return replace(old, nodes=tuple(n._replace(**changes) if n.name == name else n for n in old.nodes))


def test_one_row_per_node():
    found = verify(graph())
    assert found.ok
    assert [row.name for row in found.rows] == ["conv1", "batchnorm1", "flatten1", "linear1"]
    assert [row.macs for row in found.rows] == [4 * 49 * 27, 0, 0, 196 * 5]
    assert found.rows[0]["parameters"].ours == (("weight", (4, 3, 3, 3)), ("bias", (4,)))
    assert found.rows[1]["buffers"].theirs == (
        ("running_mean", (4,)),
        ("running_var", (4,)),
        ("num_batches_tracked", ()),
    )
    assert not list(found.differences())
    assert found.rows[0]["macs"] == Check("macs", 4 * 49 * 27, 4 * 49 * 27)
    with pytest.raises(KeyError):
        found.rows[0]["shares"]


def test_a_false_shape_is_found():
    found = verify(with_node("linear1", output=(6,)), macs=None)
    assert not found.ok
    assert [row.name for row in found.rows if not row.ok] == ["linear1"]
    assert next(found.differences()) == "linear1: shape: ours (2, 6), PyTorch's (2, 5)"


def test_false_weights_are_found():
    found = verify(with_node("linear1", weights={"weight": (5, 198)}))
    assert [check.what for check in found.rows[3].differences] == ["parameters"]
    assert {check.what for check in found.totals if not check.ok} == {"params", "trainable"}


def test_false_buffers_are_found():
    found = verify(with_node("batchnorm1", buffers={}))
    assert [check.what for row in found.rows for check in row.differences] == ["buffers"]
    assert {check.what for check in found.totals if not check.ok} == {"buffers"}


def test_false_macs_are_found():
    found = verify(graph(), macs=lambda node: 7 if node.name == "conv1" else None)
    assert list(found.differences()) == ["conv1: macs: ours 7, PyTorch's 5292"]


def test_what_pytorch_cannot_run_is_named():
    wrong = with_node("linear1", shapes=((197,),), weights={"weight": (5, 197), "bias": (5,)})
    with pytest.raises(UsageError, match="linear1: PyTorch cannot run this linear"):
        verify(wrong)


def test_training_heads_are_verified_too():
    found = verify_function(cnncalc.load("googlenet").graph(), execute=False)
    assert any(row.name.startswith("aux2.") for row in found.rows)
    assert found.ok


def test_macs_count_one_image_whatever_the_batch():
    assert verify(graph(), batch=3).rows[0].macs == verify(graph(), batch=1).rows[0].macs


def test_results_are_plain():
    assert str(Check("shape", 1, 2)) == "shape: ours 1, PyTorch's 2"
    assert Row("a", "conv", (Check("shape", 1, 1),)).ok


# --- a network of the user's own --------------------------------------------------------------------------------------


class Own(nn.Module):
    def __init__(self, classes=5, spare=False):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(196, classes)
        if spare:
            self.spare = nn.Linear(2, 2)

    def forward(self, x):
        return {"logits": self.head(self.norm(self.stem(x)).flatten(1))}


def test_the_same_network_is_the_same():
    module = Own().train()
    found = compare_with(graph(), module)
    assert found.ok
    assert found.first_difference is None
    assert [pair.theirs.name for pair in found.pairs] == ["stem", "norm", "head"]
    assert module.training
    assert module.norm.num_batches_tracked == 0


def test_the_first_difference_is_named():
    found = compare_with(graph(), Own(classes=6))
    assert not found.ok
    assert found.first_difference == "the spec has linear1 5×196 + 5, the network head 6×196 + 6"
    assert {check.what for check in found.totals if not check.ok} == {"params", "outputs"}


def test_a_missing_layer_is_named():
    found = compare_with(graph("input: 3x9x9\nlayers: [{conv: {out_channels: 4, kernel_size: 3}}]\n"), Own())
    assert found.first_difference == "the spec has no more layers, the network norm 4 + 4"


def test_what_never_ran_is_listed():
    found = compare_with(graph(), Own(spare=True))
    assert found.ok
    assert found.unused == ("spare.weight", "spare.bias")


def test_our_own_network_compares():
    resnet = cnncalc.load("resnet@18").graph(input=(3, 64, 64))
    assert compare_with(resnet, build(resnet)).ok


def test_a_network_that_does_not_run_is_a_usage_error():
    with pytest.raises(UsageError, match=r"Own does not run on \[batch, 1, 9, 9\]: .*channels"):
        compare_with(graph("input: 1x9x9\nlayers: [relu]\n"), Own())


def test_outputs_differ_alone():
    class Other(Own):
        def forward(self, x):
            return super().forward(x)["logits"].sum(1, keepdim=True)

    found = compare_with(graph(), Other())
    assert found.first_difference == "outputs: the spec says [(5,)], the network [(1,)]"


def test_runs_without_parameters():
    found = compare_with(graph("input: 3x9x9\nlayers: [relu]\n"), nn.ReLU())
    assert found.ok
    assert not found.pairs
    assert torch.get_default_dtype() == torch.float32


def test_a_parameter_beside_layers_counts_where_it_is_used():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(4, 1, 1))
            self.conv = nn.Conv2d(3, 4, 1)
            self.last = nn.Conv2d(4, 2, 1)

        def forward(self, x):
            return self.last(self.scale * self.conv(x))

    convs = [f"{{conv: {{out_channels: {channels}, kernel_size: 1}}}}" for channels in (4, 2)]
    text = f"input: 3x9x9\nlayers: [{convs[0]}, scale, {convs[1]}]"
    found = compare_with(graph(text), Scaled())
    assert found.ok, found.first_difference
    assert [pair.theirs.name for pair in found.pairs] == ["conv", "the network itself", "last"]


class Recurrent(nn.Module):
    """Batch second, with layers that no layer of a spec describes."""

    def __init__(self, hidden=4):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.rnn = nn.LSTM(8, hidden, bidirectional=True)
        self.attention = nn.MultiheadAttention(2 * hidden, 2)
        self.head = nn.Linear(2 * hidden, 5)

    def forward(self, x):
        x, _ = self.rnn(self.conv(x).mean(2).permute(2, 0, 1))
        return self.head(self.attention(x, x, x)[0])


RECURRENT = """
input: 1x8x26
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
  - mean: 2
  - unknown: {op: lstm, shape: [26, 8], params: 448}
  - unknown: {op: attention, shape: [26, 8], params: 288}
  - linear: {out_features: 5, axis: last}
"""


def test_an_unknown_layer_has_only_a_number_of_parameters():
    found = compare_with(graph(RECURRENT), Recurrent())
    assert found.ok, found.first_difference
    assert [pair.theirs.name for pair in found.pairs] == ["conv", "rnn", "attention + attention.out_proj", "head"]


def test_an_unknown_layer_of_another_number_of_parameters():
    found = compare_with(graph(RECURRENT.replace("448", "449")), Recurrent())
    assert found.first_difference.startswith(
        "the spec has unknown1 449, the network rnn 16×8 + 16×8 + "
    ) or found.first_difference.startswith("the spec has unknown1 449, the network rnn 16×4 + 16×4 + ")
    assert [pair.ok for pair in found.pairs] == [True, False, True, True]


@pytest.mark.filterwarnings("ignore")
def test_an_imported_network_equals_its_module():
    network = Recurrent()
    found = compare_with(cnncalc.from_torch(network, (1, 8, 26)).graph(), network)
    assert found.ok, found.first_difference


def test_layers_that_one_function_of_another_module_reads():
    encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    parameters = sum(p.numel() for p in encoder.parameters())
    text = f"input: [26, 8]\nlayers: [{{unknown: {{op: encoder, shape: [26, 8], params: {parameters}}}}}]"
    found = compare_with(graph(text), encoder)
    assert found.ok, found.first_difference
    assert not found.unused


def test_a_network_for_another_size_names_the_layer_that_does_not_fit():
    with pytest.raises(
        UsageError, match="'head' has in_features=196, but its input has 1296 features: in_features=1296"
    ):
        compare_with(graph("input: 3x20x20\nlayers: [relu]\n"), Own())


def test_attention_that_runs_is_counted():
    """PyTorch's counter does not see the fused kernels, which are therefore set aside."""
    graph = cnncalc.parse("""
input: 3x16x16
layers:
  - conv: {out_channels: 24, kernel_size: 4, stride: 4}
  - attention: 2
  - linear: {out_features: 24, axis: channels}
  - attention: {num_heads: 4, window: 2, relative_bias: offset}
""").graph()
    assert verify(graph, execute=True).ok
    assert verify(graph).ok


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_recurrent_layers_are_counted_where_they_run(kind):
    """oneDNN's kernel of an LSTM is one operation, of which PyTorch's counter knows nothing."""
    graph = cnncalc.parse(f"input: 3x5\nlayers:\n  - {kind}: {{hidden_size: 4, num_layers: 2}}\n").graph()
    assert verify_function(graph, execute=True).ok
    assert torch.backends.mkldnn.enabled
