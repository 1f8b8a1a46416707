"""What every table of a network says beside its rows."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.analysis.report import Report
from cnncalc.conventions import convention
from cnncalc.render.views import heading
from cnncalc.render.views.flops import flops_view, training_view
from cnncalc.render.views.memory import memory_view
from cnncalc.render.views.params import params_view
from cnncalc.render.views.rf import fields_view
from cnncalc.render.views.shapes import shapes_view
from cnncalc.render.views.summary import summary_view


def conditional(*layers: str, paths: str = "") -> Report:
    forks = f", {{branches: {{merge: add, paths: [[relu], [tanh]{paths}]}}}}"
    return cnncalc.parse(f"input: 4x8x8\nlayers: [relu, {', '.join(layers)}{forks}]").analyze()


LAYER, BLOCK, PATH = "{tanh: , when: false}", "{sequence: [tanh], when: false}", ", {when: false, layers: []}"


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (conditional(LAYER), "1 layer left out by `when`"),
        (conditional(LAYER, LAYER), "2 layers left out by `when`"),
        (conditional(BLOCK), "1 block left out by `when`"),
        (conditional(BLOCK, BLOCK, LAYER), "1 layer and 2 blocks left out by `when`"),
        (conditional("relu", paths=PATH), "1 path left out by `when`"),
        (conditional(LAYER, BLOCK, paths=PATH), "1 layer, 1 block and 1 path left out by `when`"),
    ],
)
def test_what_is_left_out_is_said_in_the_right_number(report, text):
    assert [cell.text for cell in heading.left_out_notes(report)] == [text]


def test_nothing_left_out_is_not_mentioned():
    assert heading.left_out_notes(conditional("tanh")) == ()


def test_every_table_with_notes_says_what_is_left_out():
    report = conditional(LAYER)
    views = [
        shapes_view(report),
        params_view(report),
        flops_view(report, convention=convention("fvcore")),
        training_view(report),
        memory_view(report, report.memory()),
        fields_view(report, report.receptive_fields),
        summary_view(report, report.memory()),
    ]
    for view in views:
        assert "1 layer left out by `when`" in [note.text for note in view.notes], view.columns
