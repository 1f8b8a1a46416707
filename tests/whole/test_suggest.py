from pathlib import Path

import pytest

import cnncalc
from cnncalc.suggest import ask, nearest, suggest, with_suggestion

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


def test_the_question_is_written_in_one_place():
    package = Path(cnncalc.__file__).parent
    writers = {path.name for path in package.rglob("*.py") if "did you mean '{" in path.read_text("utf-8")}
    assert writers == {"suggest.py"}
