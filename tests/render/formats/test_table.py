import re

import pytest

from cnncalc.render.formats.table import table
from cnncalc.render.formats.width import text_width
from cnncalc.render.view import Cell, Column, Row, Section, View
from cnncalc.render.views.params import params_view
from cnncalc.render.views.shapes import shapes_view

COLUMNS = (Column("name"), Column("count", right=True), Column("note", narrow="below"))
NETWORKS = ["alexnet", "googlenet", "resnet@50", "unet", "lenet5"]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("view_of", [shapes_view, params_view])
def test_no_line_is_wider_than_the_terminal(report, name, width, view_of):
    for line in table(view_of(report(name)), width).splitlines():
        assert text_width(line) <= width, line


@pytest.mark.parametrize("width", [40, 80])
def test_nothing_is_lost_where_it_is_narrow(report, width):
    text = " ".join(table(shapes_view(report("alexnet", input=(3, 224, 224))), width).split())
    assert "▲ (224 − 11 + 2·0)/4 + 1 = 54.25: 1 row, 1 column of pixels unread" in text
    assert "conv 5×5, 256, padding 2, groups 2" in text


def test_no_blanks_at_line_ends(report):
    assert not re.search(r" $", table(shapes_view(report("resnet@50"))), re.MULTILINE)


def test_colour_changes_nothing_but_colour(report):
    view = shapes_view(report("alexnet", input=(3, 224, 224)))
    coloured = table(view, 80, colour=True)
    assert "\033[1;33m▲" in coloured
    assert re.sub(r"\033\[[\d;]*m", "", coloured) == table(view, 80)


def small(*rows: Row, columns=COLUMNS) -> View:
    return View("", (), columns, (Section("", rows),))


def test_layout():
    rows = (
        Row((Cell("one"), Cell("1"), Cell("first"))),
        Row((Cell("eleven"), Cell("11"), Cell()), level=1),
        Row((Cell("sum"), Cell("12"), Cell()), total=True),
    )
    assert table(small(*rows)) == (
        "name      count  note\n"
        "──────────────────────\n"
        "one           1  first\n"
        "  eleven     11\n"
        "──────────────────────\n"
        "sum          12\n"
    )


def test_a_long_note_goes_below_its_row():
    rows = (
        Row((Cell("a"), Cell("1"), Cell("short"))),
        Row((Cell("b"), Cell("2"), Cell("a note that is much too long"))),
    )
    assert table(small(*rows), 24).splitlines()[2:] == [
        "a         1  short",
        "b         2",
        "    a note that is much",
        "      too long",
    ]


def test_dropped_columns_are_named():
    columns = (Column("name"), Column("left out", narrow="drop"), Column("kept"))
    row = Row((Cell("a" * 10), Cell("b" * 20), Cell("c" * 10)))
    text = table(small(row, columns=columns), 30)
    assert "bbb" not in text
    assert "omitted (terminal too narrow): left out" in " ".join(text.split())


def test_wide_characters_keep_columns():
    rows = (Row((Cell("猫"), Cell("1"), Cell())), Row((Cell("cat"), Cell("2"), Cell())))
    assert table(small(*rows)).splitlines()[2:] == ["猫        1", "cat       2"]


def test_deep_nesting_stays_readable():
    rows = tuple(Row((Cell(f"layer{i}"), Cell("1"), Cell())) for i in range(60))
    deep = tuple(row._replace(level=i) for i, row in enumerate(rows))
    for line in table(small(*deep), 40).splitlines():
        assert len(line) <= 40


def test_names_are_cut_only_where_that_makes_it_fit():
    view = small(Row((Cell("activations"), Cell("1" * 12), Cell())))
    assert "activat…  1" in table(view, 22)
    assert "activations  1" in table(view, 20)
