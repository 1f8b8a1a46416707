"""The exercises of docs/course: each is wrong as it stands, right with its solution, and wrong with its neighbours."""

import re
from pathlib import Path

import pytest

import cnncalc

PAGE = Path(__file__).parents[2] / "docs" / "course" / "exercises.md"
EXERCISES = dict(re.findall(r"^```yaml\n# (\w+)\.yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S))
SOLUTIONS = {
    "padding": 2, "alexnet_input": 227, "stack": 5, "budget": 70, "poolings": 5, "causal": 8, "groups": 32,
    "doubled": 1,
}  # fmt: skip


def test_every_exercise_has_a_solution():
    assert EXERCISES.keys() == SOLUTIONS.keys()
    solved = PAGE.read_text("utf-8").partition("## Solutions")[2]
    assert re.findall(r"^(\d)\. ", solved, re.M) == [str(number + 1) for number in range(len(EXERCISES))]


def judged(name: str, text: str, folder: Path, value: int | None) -> list[str]:
    """The expectations that fail, in the words of `check`; with a value, in the hole."""
    path = folder / f"{name}.yaml"
    path.write_text(text, "utf-8")
    given = {} if value is None else {"hole": value}
    return [
        finding.message
        for finding in cnncalc.check(path, params=given).findings
        if finding.rule in ("expectation", "faulty-spec")
    ]


@pytest.mark.parametrize("name", EXERCISES)
def test_the_judge_knows_the_answer(name, tmp_path):
    text, answer = EXERCISES[name], SOLUTIONS[name]
    assert judged(name, text, tmp_path, answer) == []
    for wrong in (None, answer - 1, answer + 1):
        assert judged(name, text, tmp_path, wrong), wrong
    assert cnncalc.parse(text).document.expect


def test_pages_print_the_figures_of_the_lectures():
    text = "".join(path.read_text("utf-8") for path in PAGE.parent.glob("*.md"))
    for figure in (
        "760 parameters",
        "2.33",
        "54.25",
        "28,326 parameters",
        "105,705,600 parameters",
        "15237608",
        "2,080",
    ):
        assert figure in text
