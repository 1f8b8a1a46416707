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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[-1, 6, C2f", "[-1, 9999, C2f"), "repeat their modules more than 5,000 times"),
        (("[7, 4]", f"[{', '.join('0' * 20)}]"), "Detect reads at most 12 rows"),
        (("  - [-1, 3, C2f, [128, True]]\n", "  - [-1, 1, Conv, [8]]\n" * 2001), "more than 2,000 rows"),
        (("  n:", "".join(f"  a{number}: [1, 1]\n" for number in range(60)) + "  n:"), "more than 50 scales"),
        (("C2f, [256", "A" * 10_000 + ", [256"), "unknown module"),
    ],
)
def test_too_much_is_refused(change, message):
    with pytest.raises(SpecError, match=message) as caught:
        cnncalc.parse(MODEL.replace(*change)).analyze()
    assert len(str(caught.value)) < 2000


def test_rows_without_brackets(tmp_path):
    """As YAML libraries write lists of lists."""
    (tmp_path / "net.yaml").write_text(
        "nc: 3\nbackbone:\n- - -1\n  - 1\n  - Conv\n  - - 64\n    - 3\n    - 2\n"
        "head:\n- - - -1\n  - 1\n  - Detect\n  - - nc\n"
    )
    assert cnncalc.load(tmp_path / "net.yaml").analyze().outputs == {"output": (7, 320 * 320)}
