"""What `when` leaves out is counted, and a path is dropped only by its own condition."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

import cnncalc
from cnncalc.graph import LeftOut

REPVGG = Path(__file__).parents[1] / "specs/ok/path_with_a_condition.yaml"


def report(text: str, **given: object) -> cnncalc.Report:
    return cnncalc.parse("input: 4x8x8\n" + dedent(text)).analyze(**given)


def left_out(text: str) -> LeftOut:
    return report(text).graph.left_out


def test_repvgg_a0_has_the_parameters_of_the_paper():
    """9.11 M in training; 22 units, of which 5 begin a stage and have no identity."""
    network = cnncalc.load(str(REPVGG)).analyze()
    assert network.params == 9_108_968
    assert network.graph.left_out == LeftOut(paths=5)
    kinds = [layer.kind for layer in network.layers if layer.name.startswith("unit1.")]
    assert kinds == ["conv", "batchnorm", "conv", "batchnorm", "add", "relu"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("layers: [relu]", LeftOut()),
        ("layers: [{relu: , when: false}, {tanh: , when: true}]", LeftOut(layers=1)),
        ("layers: [{sequence: [relu, tanh], when: false}]", LeftOut(blocks=1)),
        ("layers: [{residual: [relu], when: false}, {relu: , when: false}]", LeftOut(layers=1, blocks=1)),
        ("layers: [{relu: , repeat: 3, when: false}]", LeftOut(blocks=1)),
        ("layers: [{sequence: [{relu: , when: i > 0}], repeat: 3}]", LeftOut(layers=1)),
        ("blocks: {a(): [relu]}\nlayers: [{a: , when: false, repeat: 2}]", LeftOut(blocks=1)),
        (
            "layers: [{branches: {merge: add, paths: [[relu], {when: false, layers: [tanh, relu]}, []]}}]",
            LeftOut(paths=1),
        ),
    ],
)
def test_what_is_left_out_is_counted(text, expected):
    assert left_out(text) == expected
    assert report(text).to_dict()["left_out"] == expected._asdict()


def test_a_single_remaining_path_is_not_joined():
    network = report(
        """
        layers:
          - branches:
              merge: concat
              paths: [[relu], {when: in_channels > 4, layers: [tanh]}]
            name: fork
          - add: fork
            from: input
        """
    )
    assert [layer.kind for layer in network.layers] == ["relu", "add"]
    assert network.layers[-1].node.inputs == ("input", "fork.branch1.relu1")


def test_a_condition_of_a_path_reads_what_enters_the_branches():
    network = report(
        """
        layers:
          - branches:
              merge: concat
              paths:
                - [conv: {out_channels: 9, kernel_size: 1}]
                - {when: in_channels == 4, layers: []}
                - {when: in_channels == 9, layers: []}
        """
    )
    assert network.layers[-1].output == (13, 8, 8)


def test_branches_keep_their_numbers():
    """A reference to the third path means the third as written, whichever are left out."""
    text = "layers: [{branches: {merge: add, paths: [[relu], {when: false, layers: [tanh]}, [abs]]}}]"
    assert [layer.name for layer in report(text).layers] == ["branch1.relu1", "branch3.abs1", "add1"]


def test_a_path_that_repeats_nothing_is_the_identity():
    text = "layers: [{branches: {merge: concat, paths: [[relu], [{tanh: , repeat: in_channels - 4}]]}}]"
    assert report(text).layers[-1].node.inputs == ("branch1.relu1", "input")


def test_a_level_that_is_walked_once_counts_each_time():
    text = "blocks: {unit(on): [relu, {tanh: , when: on}]}\nlayers: [{unit: false, repeat: 4}, {unit: true, repeat: 2}]"
    assert left_out(text) == LeftOut(layers=4)
