import pytest

from cnncalc import UsageError
from cnncalc.sweeps.inputs import read_inputs

IMAGE = {"input": 3}


def points(texts, ranks=IMAGE):
    return [inputs.at(point) for inputs in read_inputs(texts, ranks) for point in range(inputs.points)]


def sizes(texts, ranks=IMAGE):
    return [found["input"] for found in points(texts, ranks)]


def test_the_last_size_stands_for_the_axes_left():
    assert sizes(["3x{160,192}"]) == [(3, 160, 160), (3, 192, 192)]
    assert sizes(["3x224"]) == [(3, 224, 224)]
    assert sizes(["{1,3}x8"]) == [(1, 8, 8), (3, 8, 8)]
    assert sizes(["1x{784,28}"], {"input": 2}) == [(1, 784), (1, 28)]
    assert sizes(["1x{2,4}"], {"input": 4}) == [(1, 2, 2, 2), (1, 4, 4, 4)]
    assert sizes(["3x{32,64}"], {}) == [(3, 32, 32), (3, 64, 64)]
    assert sizes(["7"], {"input": 1}) == [(7,)]


def test_every_brace_is_an_axis_of_its_own():
    assert sizes(["3x{1,2}x{5:9:2}"]) == [(3, h, w) for h in (1, 2) for w in (5, 7, 9)]
    (inputs,) = read_inputs(["3x{1,2}x{5:9:2}"], IMAGE)
    assert (inputs.shapes, inputs.symbols) == ({"input": (3, "H", "W")}, ("H", "W"))
    assert inputs.columns(2, 5) == {"H": [1, 2, 2], "W": [9, 5, 7]}


def test_what_the_shell_makes_of_braces_is_one_closed_form():
    (inputs,) = read_inputs(["3x160", "3x192", "3x224"], IMAGE)
    assert inputs.shapes == {"input": (3, "H", "H")}
    assert sizes(["3x160", "3x192"]) == [(3, 160, 160), (3, 192, 192)]
    (inputs,) = read_inputs(["3x160x96", "1x192x97"], IMAGE)
    assert inputs.shapes == {"input": ("C", "H", "W")}
    assert [inputs.at(point)["input"] for point in range(2)] == [(3, 160, 96), (1, 192, 97)]


def test_alternatives_of_several_kinds_follow_each_other():
    assert sizes(["3x{8,9}", "3x7x5"]) == [(3, 8, 8), (3, 9, 9), (3, 7, 5)]


def test_inputs_by_name_run_through_each_other():
    ranks = {"a": 2, "b": 2}
    found = points(["a=1x{4,5}", "b=2x{6,7}"], ranks)
    assert found == [{"a": (1, a), "b": (2, b)} for a in (4, 5) for b in (6, 7)]
    (inputs,) = read_inputs(["a=1x{4,5}", "b=2x{6,7}"], ranks)
    assert inputs.symbols == ("L", "L2")


def test_other_spellings():
    assert sizes(["3×{8,9}"]) == sizes(["[3x{8,9}]"]) == [(3, 8, 8), (3, 9, 9)]
    assert sizes(["3,224,200"]) == [(3, 224, 200)]


@pytest.mark.parametrize(
    ("text", "ranks", "message"),
    [
        ("3xH", IMAGE, "a sweep needs numbers for H"),
        ("3x{0,1}", IMAGE, "expected whole sizes of at least 1"),
        ("3x{1:2:0.5}", IMAGE, "expected whole sizes of at least 1"),
        ("3x", IMAGE, "a value is missing"),
        ("3x{8,9", IMAGE, "'}' is never closed"),
        ("3x{w}", IMAGE, "got '{w}'"),
        ("x".join("123456789"), IMAGE, "expected 1 to 8 sizes"),
        ("imge=3x8", {"image": 3}, "no input named 'imge': did you mean 'image'?"),
        ("3x8", {"a": 3, "b": 3}, "specify which of a, b: --input a=3x8"),
    ],
)
def test_faults(text, ranks, message):
    with pytest.raises(UsageError) as error:
        read_inputs([text], ranks)
    assert message in str(error.value)
