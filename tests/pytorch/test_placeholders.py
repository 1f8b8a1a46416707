"""An unknown operation does not stop the rest of a network: it is built, exported and verified around a placeholder."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.exporters import to_source

torch = pytest.importorskip("torch")

SPEC = """
name: Gap
input: 3x12x12
layers:
  - conv: {out_channels: 8, kernel_size: 3}
  - unknown: {op: aten.sampler, shape: [8, 10, 10], params: 12, kept: 5}
  - unknown: {op: "my \\"join\\"", shape: [4, 5, 5], macs: 1000}
    from: [conv1, unknown1]
  - conv: {out_channels: 6, kernel_size: 3}
  - flatten
  - linear: 10
"""


@pytest.fixture
def spec():
    return cnncalc.parse(SPEC)


def replace(network) -> None:
    network.unknown1 = torch.nn.Identity()

    class Join(torch.nn.Module):
        def forward(self, x, y):
            return torch.nn.functional.max_pool2d(x + y, 2)[:, :4]

    network.unknown2 = Join()


def test_the_built_network_raises_until_its_placeholders_are_replaced(spec):
    network = spec.to_torch()
    assert sum(parameter.numel() for parameter in network.parameters()) == 224 + 12 + 222 + 550
    with pytest.raises(NotImplementedError, match=r"aten\.sampler is not defined: .* returns \[batch, 8, 10, 10\]"):
        network(torch.zeros(2, 3, 12, 12))
    replace(network)
    assert network(torch.zeros(2, 3, 12, 12)).shape == (2, 10)


def test_the_exported_file_is_the_same_network(spec):
    namespace: dict[str, object] = {}
    text = to_source(spec.graph())
    exec(text, namespace)
    network = namespace["Gap"]()
    ours = spec.to_torch()
    assert {name: p.shape for name, p in network.state_dict().items()} == {
        name: p.shape for name, p in ours.state_dict().items()
    }
    assert "unknown1 (aten.sampler), unknown2 (my 'join')" in " ".join(text.partition("import torch")[0].split())
    with pytest.raises(NotImplementedError, match=r"aten\.sampler is not defined"):
        network(torch.zeros(2, 3, 12, 12))
    replace(network)
    assert network(torch.zeros(2, 3, 12, 12)).shape == (2, 10)


@pytest.mark.parametrize("execute", [False, True])
def test_the_rest_is_verified_and_the_gap_is_named(spec, execute):
    from cnncalc.pytorch.verification.verify import verify

    found = verify(spec.graph(), execute=execute)
    assert found.ok
    assert found.notes == ('not confirmed, as the operation is unknown: unknown1 (aten.sampler), unknown2 (my "join")',)
    assert [row.name for row in found.rows if not row.checks] == ["unknown1", "unknown2"]
    assert found.rows[3]["macs"].theirs == 9 * 6 * 4 * 9


def test_a_difference_behind_it_is_found(spec):
    from cnncalc.pytorch.verification.verify import verify

    wrong = verify(spec.graph(), macs=lambda node: 1 if node.name == "conv2" else None)
    assert list(wrong.differences()) == ["conv2: macs: ours 1, PyTorch's 1944"]


def test_memory_and_gradients_of_the_rest_are_verified(spec):
    from cnncalc.pytorch.verification.fields import verify_gradients
    from cnncalc.pytorch.verification.saved import verify_memory

    found = verify_memory(spec.graph())
    assert found.ok
    assert [row.name for row in found.rows if row.checks] == ["conv1", "conv2", "flatten1", "linear1"]
    assert verify_gradients(spec.graph()).ok


def test_what_needs_every_operation_is_refused_in_a_sentence(spec, tmp_path):
    from cnncalc.exporters.onnx import write_onnx

    with pytest.raises(UsageError, match=r"Gap cannot be exported to ONNX .*: unknown1 \(aten\.sampler\) and 1 more"):
        write_onnx(spec.graph(), tmp_path / "gap.onnx")
