"""What `verify --memory` compares; `tests/analysis/memory/test_saved.py` runs it on every shipped network."""

import pytest

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.pytorch.verification.saved import verify_memory

SPEC = """
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3}
  - relu
  - dropout
  - flatten
  - linear: 5
"""


def graph(text=SPEC):
    return cnncalc.parse(text, "small").graph()


def test_a_row_per_layer():
    found = verify_memory(graph())
    assert found.ok
    assert [row.name for row in found.rows] == ["conv1", "relu1", "dropout1", "flatten1", "linear1"]
    assert found.rows[0]["saved"].ours == found.rows[0]["saved"].theirs == 2 * 4 * 3 * 64


def test_known_differences_have_their_reason():
    check = verify_memory(graph()).rows[2]["saved"]
    assert check.ok
    assert check.theirs == 4 * check.ours == 2 * 4 * 4 * 36
    assert check.why.startswith("The CPU keeps the mask in the input's dtype")


def test_false_claims_are_found():
    found = verify_memory(graph(), claim=lambda node: 7)
    assert [row.name for row in found.rows if not row.ok] == [row.name for row in found.rows]
    assert next(found.differences()) == f"conv1: saved: ours 7, PyTorch's {2 * 4 * 3 * 64}"
    assert not found.rows[2]["saved"].why


def test_what_is_not_known_is_named():
    found = verify_memory(graph(), claim=lambda node: None)
    assert found.notes[-1] == "omitted, what they save is not known: conv1, relu1, dropout1, flatten1, linear1"


@pytest.mark.parametrize(("name", "size"), [("resnet@18", (3, 64, 64)), ("unet", (1, 188, 188)), ("lenet5", None)])
def test_shipped(name, size):
    found = verify_memory(cnncalc.load(name).graph(input=size))
    assert found.ok, list(found.differences())


def test_what_cannot_train_is_a_usage_error():
    with pytest.raises(UsageError, match="cannot run it in training mode"):
        verify_memory(graph("input: 4x1x1\nlayers: [batchnorm]\n"), batch=1)
