from pathlib import Path

import pytest

import cnncalc
from cnncalc.suggest import ask, nearest, no_layer, suggest, suggest_names, with_suggestion

KINDS = ("conv", "Linear", "maxpool")


@pytest.mark.parametrize(("word", "near"), [("cnov", "conv"), ("linear", "Linear"), ("maxpol", "maxpool"), ("q", None)])
def test_the_nearest_choice(word, near):
    assert nearest(word, KINDS) == near


def test_a_suggestion_is_a_question_or_what_is_said_otherwise():
    assert suggest("cnov", KINDS) == ask("conv") == "did you mean 'conv'?"
    assert suggest("q", KINDS) == ""
    assert suggest("q", KINDS, "there are three") == "there are three"


def test_a_sentence_ends_in_its_suggestion():
    assert with_suggestion("no 'cnov'", "cnov", KINDS) == "no 'cnov': did you mean 'conv'?"
    assert with_suggestion("no 'q'", "q", KINDS) == "no 'q'"
    assert with_suggestion("no 'q'", "q", KINDS, "choose") == "no 'q': choose"


@pytest.mark.parametrize(
    ("word", "names", "hint"),
    [
        ("conv2", ["conv1", "conv3", "relu1"], "did you mean 'conv3' or 'conv1'?"),
        ("conv2", ["conv1", "conv3", "conv4", "conv5"], "did you mean 'conv5', 'conv4' or 'conv3'?"),
        ("conf1", ["conv1", "conv2"], "did you mean 'conv1'?"),
        ("q", ["conv1", "relu1"], "there are conv1, relu1"),
        ("q", ["conv1"], "there is conv1"),
        ("q", [], "there are none"),
        (
            "q",
            [f"conv{n}" for n in range(1234)],
            f"there are {', '.join(f'conv{n}' for n in range(10))} and 1,224 more",
        ),
    ],
)
def test_near_names_or_the_first_ten(word, names, hint):
    assert suggest_names(word, names) == hint


def test_names_of_blocks_are_near_too():
    assert no_layer("layer5", ["layer1.0.conv1", "layer2.0.conv1"]).startswith("no layer named 'layer5': did you mean")


def test_the_question_is_written_in_one_place():
    package = Path(cnncalc.__file__).parent
    writers = {path.name for path in package.rglob("*.py") if "did you mean {" in path.read_text("utf-8")}
    assert writers == {"suggest.py"}
