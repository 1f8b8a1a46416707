"""Items and their modifiers: `when`, `repeat`, `frozen`, `share`; groups, residuals, branches, joins."""

from __future__ import annotations

from textwrap import dedent

import pytest

import cnncalc
from cnncalc.errors import SpecError


def report(text: str, **given: object) -> cnncalc.Report:
    return cnncalc.parse("input: 4x8x8\n" + dedent(text)).analyze(**given)


def kinds(text: str) -> str:
    return " ".join(layer.kind for layer in report(text).layers)


def outputs(text: str) -> list[tuple[int, ...]]:
    return [layer.output for layer in report(text).layers]


# --- when ------------------------------------------------------------------------------------------------------------

WHEN = {
    "true": ("layers: [{relu: , when: true}]", "relu"),
    "false": ("layers: [{relu: , when: false}, tanh]", "tanh"),
    "of what flows in": ("layers: [{relu: , when: in_channels == 4}, {tanh: , when: 'in_size[0] > 8'}]", "relu"),
    "of a group": ("layers: [{sequence: [relu, tanh], when: false}, abs]", "abs"),
    "of a residual": ("layers: [{residual: [relu], when: false}, abs]", "abs"),
    "of a branch": ("layers: [{branches: {merge: add, paths: [[relu], []]}, when: false}, abs]", "abs"),
    "decided where the item begins": (
        """
        layers:
          - sequence:
              - conv: {out_channels: 8, kernel_size: 1}
              - relu
              - tanh:
                when: in_channels == 8
            when: in_channels == 4
        """,
        "conv relu tanh",
    ),
    "decided once, not at every turn": (
        """
        layers:
          - conv: {out_channels: 8, kernel_size: 1}
            when: in_channels == 4
            repeat: 3
        """,
        "conv conv conv",
    ),
    "decided after from": (
        """
        layers:
          - conv: {out_channels: 8, kernel_size: 1}
          - relu:
            from: input
            when: in_channels == 4
        """,
        "conv relu",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WHEN.values(), ids=WHEN)
def test_when(text, expected):
    assert kinds(text) == expected


def test_what_is_left_out_leaves_what_runs_alone():
    text = "layers: [{relu: , name: a}, tanh, {abs: , from: a, when: false}, abs]"
    assert report(text)["abs1"].node.inputs == ("tanh1",)


# --- repeat ----------------------------------------------------------------------------------------------------------

CHANNELS = {
    "a number": ("layers: [{conv: {out_channels: 2 + i, kernel_size: 1}, repeat: 3}]", [2, 3, 4]),
    "a named index": ("layers: [{conv: {out_channels: 2 + k, kernel_size: 1}, repeat: {k: 3}}]", [2, 3, 4]),
    "none": ("layers: [{conv: {out_channels: 2, kernel_size: 1}, repeat: 0}]", []),
    "an expression": ("params: {n: 2}\nlayers: [{conv: {out_channels: 2, kernel_size: 1}, repeat: n + 1}]", [2, 2, 2]),
    "a list": ("layers: [{conv: {out_channels: c, kernel_size: 1}, repeat: {c: [5, 7]}}]", [5, 7]),
    "a list, its index i": (
        "params: {w: [5, 7]}\nlayers: [{conv: {out_channels: i, kernel_size: 1}, repeat: w}]",
        [5, 7],
    ),
    "rows": ("layers: [{conv: {out_channels: c * k, kernel_size: k}, repeat: {c k: [[5, 1], [2, 3]]}}]", [5, 6]),
    "rows of a parameter": (
        "params: {t: [[5, 1], [2, 3]]}\nlayers: [{conv: {out_channels: c * k, kernel_size: k}, repeat: {c k: t}}]",
        [5, 6],
    ),
    "a bare one within rows": (
        """
        layers:
          - sequence:
              - conv: {out_channels: c + i, kernel_size: 1}
                repeat: n
            repeat: {c n: [[5, 2], [10, 1]]}
        """,
        [5, 6, 10],
    ),
    "what one turn leaves enters the next": (
        "layers: [{conv: {out_channels: 2 * in_channels, kernel_size: 1}, repeat: 3}]",
        [8, 16, 32],
    ),
    "rows of lists": (
        "layers: [{conv: {out_channels: 'c[1]', kernel_size: 1}, repeat: {c: [[5, 6], [7, 8]]}}]",
        [6, 8],
    ),
}


@pytest.mark.parametrize(("text", "expected"), CHANNELS.values(), ids=CHANNELS)
def test_repeat(text, expected):
    assert [shape[0] for shape in outputs(text)] == expected


def test_the_printed_table_of_mobilenet():
    convolutions = [layer for layer in cnncalc.load("mobilenet_v2").analyze().layers if layer.kind == "conv"]
    assert [layer.output[0] for layer in convolutions if layer.node.weights["weight"][2] == 1][-3:] == [960, 320, 1280]


# --- groups ----------------------------------------------------------------------------------------------------------


def test_residual_adds_what_enters():
    node = report("layers: [residual: [relu, tanh]]")["add1"].node
    assert node.inputs == ("tanh1", "input")


def test_residual_adds_its_shortcut():
    node = report("layers: [residual: {body: [relu], shortcut: [tanh]}]")["add1"].node
    assert node.inputs == ("relu1", "shortcut.tanh1")


def test_a_shortcut_left_out_is_the_identity():
    node = report("layers: [residual: {body: [relu], shortcut: [{tanh: , when: false}]}]")["add1"].node
    assert node.inputs == ("relu1", "input")


@pytest.mark.parametrize(("stride", "adds"), [(1, True), (2, False)])
def test_residual_without_skip_is_its_body(stride, adds):
    text = f"""
        layers:
          - residual:
              skip: in_channels == 4 and {stride} == 1
              body:
                - conv: {{out_channels: 4, kernel_size: 3, padding: 1, stride: {stride}}}
    """
    assert kinds(text) == ("conv add" if adds else "conv")


def test_every_path_reads_the_same_input():
    layers = report("layers: [relu, branches: {merge: concat, paths: [[tanh], [abs, relu], []]}]")
    assert layers["branch1.tanh1"].node.inputs == ("relu1",)
    assert layers["branch2.abs1"].node.inputs == ("relu1",)
    assert layers["concat1"].node.inputs == ("branch1.tanh1", "branch2.relu1", "relu1")
    assert layers["concat1"].output == (12, 8, 8)


@pytest.mark.parametrize("merge", ["add", "multiply", "subtract"])
def test_merges(merge):
    assert report(f"layers: [branches: {{merge: {merge}, paths: [[relu], []]}}]")[f"{merge}1"].output == (4, 8, 8)


def test_squeeze_and_excite_is_a_product():
    text = """
        blocks:
          se(reduced, channels=in_channels):
            - branches:
                merge: multiply
                paths:
                  - []
                  - - global_avgpool
                    - conv: {out_channels: reduced, kernel_size: 1}
                    - relu
                    - conv: {out_channels: channels, kernel_size: 1}
                    - sigmoid
        layers:
          - conv: {out_channels: 16, kernel_size: 1}
          - se: in_channels // 4
    """
    found = report(text)
    assert found["se1.branch2.conv2"].output == (16, 1, 1)
    assert found["se1.multiply1"].output == (16, 8, 8)


def test_concat_along_another_dimension():
    assert report("layers: [branches: {merge: concat, dim: 2, paths: [[relu], []]}]")["concat1"].output == (4, 16, 8)
    assert report("layers: [relu, concat: {with: input, dim: -1}]")["concat1"].output == (4, 8, 16)


def test_crop_takes_the_smaller_half_off_the_low_side():
    text = """
        layers:
          - conv: {out_channels: 4, kernel_size: 4}
          - concat: {with: input, crop: center}
    """
    found = report(text)
    assert found["crop1"].output == (4, 5, 5)
    assert found["concat1"].node.inputs == ("conv1", "crop1")
    assert found["crop1"].node.layer.amounts(found["crop1"].node.shapes, lambda *_: None) == ((1, 2), (1, 2))


@pytest.mark.parametrize("layer", ["upsample", "pad"])
def test_like_takes_the_size_of_another(layer):
    text = f"layers: [relu, maxpool: 3, {layer}: {{like: relu1}}]"
    found = report(text)
    assert found[f"{layer}1"].output == (4, 8, 8)
    assert found[f"{layer}1"].node.inputs == ("maxpool1", "relu1")


def test_like_with_an_expression():
    text = "layers: [{relu: , repeat: 2}, maxpool: 2, upsample: {like: 'relu{1 + 1}'}]"
    found = report(text)
    assert found["upsample1"].node.inputs == ("maxpool1", "relu2")
    assert found["upsample1"].node.layer.like == "relu2"


def test_like_with_an_index_names_each_turns_own():
    text = "layers: [{relu: , repeat: 2}, {maxpool: 2, repeat: 2}, {upsample: {like: 'relu{i + 1}'}, repeat: {i: 2}}]"
    assert [layer.node.layer.like for layer in report(text).layers if layer.kind == "upsample"] == ["relu1", "relu2"]


def test_a_join_first_in_a_group_joins_what_the_group_reads():
    found = report("layers: [{relu: , name: a}, {tanh: , name: b}, {sequence: [concat, relu], from: [a, b]}]")
    assert found["concat1"].node.inputs == ("a", "b")


# --- share and frozen ------------------------------------------------------------------------------------------------


def test_shared_weights_count_once():
    text = """
        layers:
          - conv: {out_channels: 4, kernel_size: 3, padding: 1}
            name: a
          - conv:
            share: a
    """
    found = report(text)
    assert found.params == 4 * 4 * 9 + 4
    assert found["conv2"].params == 0
    assert found["conv2"].node.shares == "a"
    assert found["conv2"].output == (4, 8, 8)


def test_a_shared_layer_may_have_fields_of_its_own():
    text = """
        layers:
          - conv: {out_channels: 4, kernel_size: 3, padding: 1}
            name: a
          - conv: {out_channels: 4, kernel_size: 3, stride: 2}
            share: a
    """
    assert report(text)["conv2"].output == (4, 3, 3)
    assert report(text).params == 148


def test_the_owner_of_shared_weights_is_the_first():
    text = """
        layers:
          - {conv: {out_channels: 4, kernel_size: 1}, name: a}
          - {conv: , share: a, name: b}
          - {conv: , share: b, name: c}
    """
    assert report(text)["c"].node.shares == "a"


def test_weights_may_be_tied_between_kinds():
    text = """
        layers:
          - {conv: {out_channels: 8, kernel_size: 3, bias: false}, name: encode}
          - conv_transpose: {out_channels: 4, kernel_size: 3, bias: false}
            share: encode
    """
    assert report(text).params == 8 * 4 * 9
    assert report(text)["conv_transpose1"].output == (4, 8, 8)


def test_a_shared_block_takes_its_fields_from_there():
    text = """
        blocks:
          unit(width, kernel_size=3):
            - conv: {out_channels: width, kernel_size: kernel_size, padding: kernel_size // 2}
            - batchnorm
            - residual:
                body: [{conv: {out_channels: in_channels, kernel_size: 1}}]
                shortcut: [batchnorm]
        layers:
          - {unit: {width: 4, kernel_size: 5}, name: a}
          - {unit: , share: a, name: b}
    """
    found = report(text)
    assert found["b.conv1"].output == (4, 8, 8)
    assert {layer.name: layer.node.shares for layer in found.layers if layer.name.startswith("b.")} == {
        "b.conv1": "a.conv1",
        "b.batchnorm1": "a.batchnorm1",
        "b.conv2": "a.conv2",
        "b.shortcut.batchnorm1": "a.shortcut.batchnorm1",
        "b.add1": None,
    }
    assert found.params == sum(layer.params for layer in found.layers if layer.name.startswith("a."))


def test_siamese_towers_share_everything():
    text = dedent(
        """
        input: {left: 1x9x9, right: 1x9x9}
        blocks:
          tower:
            - conv: {out_channels: 4, kernel_size: 3}
            - flatten
            - linear: 5
        layers:
          - {tower: , from: left, name: a}
          - {tower: , from: right, share: a}
          - subtract: a
        """
    )
    found = cnncalc.parse(text).analyze()
    assert found.params == 4 * 9 + 4 + 5 * 4 * 49 + 5
    assert found["subtract1"].node.inputs == ("tower2.linear1", "a.linear1")


FROZEN = {
    "a layer": "layers: [{conv: {out_channels: 4, kernel_size: 1}, frozen: true}]",
    "a sequence": "layers: [{sequence: [conv: {out_channels: 4, kernel_size: 1}], frozen: true}]",
    "a residual": "layers: [{residual: [conv: {out_channels: 4, kernel_size: 1}], frozen: true}]",
    "branches": (
        "layers: [{branches: {merge: add, paths: [[], [conv: {out_channels: 4, kernel_size: 1}]]}, frozen: true}]"
    ),
    "a block": "blocks: {b: [conv: {out_channels: 4, kernel_size: 1}]}\nlayers: [{b: , frozen: true}]",
    "by an expression": "layers: [{conv: {out_channels: 4, kernel_size: 1}, frozen: in_channels == 4}]",
}


@pytest.mark.parametrize("text", FROZEN.values(), ids=FROZEN)
def test_frozen_weights_are_counted_and_not_trained(text):
    totals = report(text).totals
    assert (totals.params, totals.trainable) == (20, 0)


def test_frozen_ends_with_its_item():
    text = """
        layers:
          - sequence: [conv: {out_channels: 4, kernel_size: 1}]
            frozen: true
          - conv: {out_channels: 2, kernel_size: 1}
    """
    assert report(text).totals.trainable == 10


def test_a_merge_names_both_paths_and_shapes():
    text = """
        layers:
          - {conv: {out_channels: 8, kernel_size: 3}, name: small}
          - {conv: {out_channels: 8, kernel_size: 3}, name: smaller}
          - add: small
    """
    with pytest.raises(SpecError) as caught:
        report(text)
    assert "[8, 4, 4] (smaller) and [8, 6, 6] (small)" in str(caught.value)
