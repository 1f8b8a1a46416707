import pytest

from cnncalc.exporters.source.parameters import ABSENT, Parameters, annotation
from cnncalc.pytorch.recipes.code import literal

KNOWN = [
    {"in_channels": 8, "width": 4, "stride": 1, "c": [4, 1], "rate": 0.5, "same": 3},
    {"in_channels": 16, "width": 6, "stride": 2, "c": [9, 5], "rate": 0.25, "same": 3},
    {"in_channels": 24, "width": 6, "stride": 1, "c": [2, 8], "rate": 0.5, "same": 3},
]


@pytest.mark.parametrize(
    ("column", "hint", "expected"),
    [
        ([3, 3, 3], "kernel_size", "3"),
        ([True, True, True], "bias", "True"),
        (["zeros"] * 3, "padding_mode", '"zeros"'),
        ([4, 6, 6], "out_channels", "width"),
        ([1, 2, 1], "stride", "stride"),
        ([16, 24, 24], "out_channels", "4 * width"),
        ([2, 3, 3], "out_channels", "width // 2"),
        ([4, 9, 2], "out_channels", "c[0]"),
        ([8, 16, 24], "in_channels", "in_channels"),
        ([12, 22, 30], "out_channels", "width + in_channels"),
        ([0.5, 0.25, 0.5], "p", "rate"),
        ([(1, 4), (1, 6), (1, 6)], "padding", "(1, width)"),
        ([ABSENT, 6, 6], "out_channels", "6"),
        ([ABSENT, 16, 16], "in_channels", "16"),
        ([ABSENT, 9, 2], "out_channels", "c[0]"),
        ([7, 100, 3], "kernel_size", "kernel_size"),
    ],
)
def test_a_column_is_said(column, hint, expected):
    assert Parameters(KNOWN, set()).express(column, hint) == expected


def test_the_signature_holds_what_was_used():
    parameters = Parameters(KNOWN, {"width"})
    assert parameters.express([4, 6, 6], "out_channels", stored=True) == "self.width2"
    parameters.express([1, 2, 1], "stride")
    parameters.express([5, 6, 8], "new")
    found = [(p.name, p.annotation, p.default) for p in parameters.signature()]
    assert found == [("width2", "int", ""), ("new", "int", ""), ("stride", "int", "1")]
    assert list(parameters.stored) == ["width"]
    assert parameters.added == {"new"}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([False, True, False], "in_channels == 16"),
        ([True, False, False], "in_channels == 8"),
        ([False, True, True], "in_channels != 2 * width"),
        ([False, False, True], "in_channels == 24"),
    ],
)
def test_a_condition_is_said(column, expected):
    assert Parameters(KNOWN, set()).condition(column, "has_it") == expected


def test_a_condition_that_nothing_says():
    parameters = Parameters([{}, {}], set())
    assert parameters.condition([True, False], "has_it") == "has_it"
    assert [(p.name, p.annotation, p.default) for p in parameters.signature()] == [("has_it", "bool", "True")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, "1"), (1e-6, "1e-06"), (True, "True"), (None, "None"), ("a", '"a"'), ('"\'\n', '"\\"\'\\n"'), ((1,), "(1,)"),
     ([1, [2]], "[1, [2]]")],
)  # fmt: skip
def test_literals(value, expected):
    assert literal(value) == expected
    assert eval(expected) == value


@pytest.mark.parametrize(
    ("column", "expected"),
    [([1, 2], "int"), ([1, 0.5], "float"), ([1, None], "int | None"), ([[1], [2]], "list[int]"),
     ([1, (1, 2)], "int | tuple[int, ...]"), ([[1, 0.5]], "list[float]")],
)  # fmt: skip
def test_annotations(column, expected):
    assert annotation(column) == expected
