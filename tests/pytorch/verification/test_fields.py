"""What `verify --gradients` compares, what it leaves out and says so, and that false claims are found."""

import pytest

import cnncalc
from cnncalc.analysis.field.footprint import Footprint, footprints
from cnncalc.elaborate.replay import replay
from cnncalc.errors import UsageError
from cnncalc.layers import LAYERS
from cnncalc.pytorch.verification.fields import Seen, verify_gradients

SPEC = """
input: 3x16x16
layers:
  - conv: {out_channels: 4, kernel_size: 3, padding: 1}
  - relu
  - maxpool: 2
  - conv: {out_channels: 4, kernel_size: 3, padding: 1}
  - sigmoid
  - flatten
  - linear: 5
"""


def graph(text=SPEC):
    return cnncalc.parse(text, "small").graph()


@pytest.mark.parametrize("name", ["lenet5", "alexnet@torchvision"])
def test_shipped(name):
    found = verify_gradients(cnncalc.load(name).graph())
    assert found.ok, list(found.differences())
    assert len(found.rows) >= 3
    assert not any("smaller" in note for note in found.notes)


@pytest.mark.parametrize(("name", "size"), [("resnet@18", (3, 64, 64)), ("unet", (1, 188, 188))])
def test_shipped_on_a_small_input(name, size):
    found = verify_gradients(cnncalc.load(name).graph(input=size), shrink=False)
    assert found.ok, list(found.differences())
    assert len(found.rows) >= 5


def test_last_of_each_stride_or_every_layer():
    found = verify_gradients(graph())
    assert [row.name for row in found.rows] == ["relu1", "sigmoid1"]
    assert found.rows[1]["corner"].ours == Seen(((0, 4), (0, 4)), 25)
    assert "compared: the last layers of each stride, 2 of 5; --every-layer compares all" in found.notes
    assert "omitted, no field that depends on the position: 2 of 7 layers" in found.notes
    every = verify_gradients(graph(), every=True)
    assert [row.name for row in every.rows] == ["conv1", "relu1", "maxpool1", "conv2", "sigmoid1"]
    assert every.ok


def test_where_the_last_sees_everything_one_that_does_not_is_compared_too():
    text = SPEC.replace("16x16", "6x6")
    assert [row.name for row in verify_gradients(graph(text)).rows] == ["relu1", "maxpool1", "sigmoid1"]


def test_what_a_gradient_cannot_show_is_named():
    text = "input: 3x8x8\nlayers: [relu, {softmax: 1}, {conv: {out_channels: 2, kernel_size: 3}}]\n"
    found = verify_gradients(graph(text))
    assert [row.name for row in found.rows] == ["relu1"]
    assert "omitted, the gradient cannot show it (softmax): softmax1, conv1" in found.notes


def test_gates_upon_gates_do_not_overflow():
    gates = "{branches: {merge: multiply, paths: [[], []]}, repeat: 12}"
    text = f"input: 2x9\nlayers: [{gates}, {{maxpool: {{kernel_size: 3}}}}]\n"
    found = verify_gradients(graph(text))
    assert found.ok, list(found.differences())
    assert found.rows[-1]["middle"].ours == Seen(((3, 5),), 3)


def test_what_cancels_is_read_all_the_same():
    away = "{branches: {merge: subtract, paths: [[], []]}}, {branches: {merge: add, paths: [[], [rescale: -1]]}}"
    found = verify_gradients(graph(f"input: 2x9\nlayers: [{away}, {{maxpool: {{kernel_size: 3}}}}]\n"))
    assert found.ok, list(found.differences())
    assert found.rows[-1]["middle"].ours == Seen(((3, 5),), 3)


def test_nothing_to_compare():
    found = verify_gradients(graph("input: 12\nlayers: [{linear: 3}]\n"))
    assert found.ok
    assert not found.rows


def test_a_false_padding_is_found():
    right = graph()
    conv = right.nodes[0].layer
    own = {name: getattr(conv, name) for name in LAYERS["conv"].arguments}
    padded = LAYERS["conv"](**{**own, "padding": ((0, 0), (0, 0))})
    wrong = replay(right, layers={"conv1": padded})
    found = verify_gradients(right, claim=lambda name, at: footprints(wrong, name, at))
    assert not found.ok
    assert found.rows[0]["corner"].ours == Seen(((0, 2), (0, 2)), 9)
    assert found.rows[0]["corner"].theirs == Seen(((0, 1), (0, 1)), 4)
    assert "relu1: corner: ours 0…2 × 0…2, 9 px, PyTorch's 0…1 × 0…1, 4 px" in list(found.differences())


def test_pixels_elsewhere_are_found():
    text = "input: 1x5x5\nlayers: [{conv: {out_channels: 1, kernel_size: 3, dilation: 2}}]\n"

    def claim(name, at):
        rows = frozenset({0, 1, 4})
        return {"input": Footprint((1, 5, 5), ((None, rows, rows),))}

    found = verify_gradients(graph(text), claim=claim)
    assert {str(check) for check in found.rows[0].differences} == {
        "middle, pixels elsewhere: ours 0, PyTorch's 10",
        "corner, pixels elsewhere: ours 0, PyTorch's 10",
    }


def test_large_inputs_are_made_smaller_and_that_is_said():
    found = verify_gradients(graph(SPEC.replace("16x16", "1024x1024")))
    assert found.ok
    assert any("instead of 3×1024×1024: override with --input" in note for note in found.notes)


def test_a_dilated_maximum_is_left_out():
    text = "input: 1x9x9\nlayers: [relu, {maxpool: {kernel_size: 2, dilation: 2}}]\n"
    found = verify_gradients(graph(text))
    assert [row.name for row in found.rows] == ["relu1"]
    assert any("a dilated maximum" in note for note in found.notes)


def test_symbols_are_refused():
    with pytest.raises(UsageError, match="H, W are still symbols: give them values first"):
        verify_gradients(cnncalc.parse(SPEC).graph(input=(3, "H", "W")))
