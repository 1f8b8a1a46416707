"""What is wrong with a model file is said with its row and column: `wrong/` has typical mistakes and their messages."""

from pathlib import Path

import pytest

import cnncalc
from cnncalc.errors import Source, SpecError
from cnncalc.importers.ultralytics.model import read_model

from ...whole.test_fixtures import hold_to_output, read_well, stem
from .models import MODEL

WRONG = sorted((Path(__file__).parent / "wrong").glob("*.yaml"))


@pytest.mark.parametrize("path", WRONG, ids=stem)
def test_mistakes_are_explained(path):
    with pytest.raises(SpecError) as caught:
        cnncalc.parse(path.read_text(), path.name).analyze()
    hold_to_output(path, f"{caught.value}\n")
    read_well(caught.value.faults)


def test_rows_are_numbered_across_sections():
    model = read_model(Source("net.yaml", MODEL))
    assert [row.number for row in model.rows] == list(range(9))
    assert model.rows[6].sources == (5, 2)
    assert model.rows[0].sources == (-1,)
    assert model.rows[4].repeats == 6


def test_anchors():
    assert read_model(Source("net.yaml", "anchors: [[1, 2, 3, 4], [5, 6, 7, 8]]\n" + MODEL)).anchors == 2
    assert read_model(Source("net.yaml", "anchors: 4\n" + MODEL)).anchors == 4
    assert not read_model(Source("net.yaml", MODEL)).anchored


def test_a_row_that_is_not_last_names_its_outputs():
    with pytest.raises(SpecError, match="row 8: from: there is no row -20 before it"):
        read_model(Source("net.yaml", MODEL.replace("[7, 4]", "[7, -20]")))
