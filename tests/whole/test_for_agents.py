"""What docs/for-agents.md promises to programs: the names of schemas, exit codes, and where errors go."""

import json
import re
from pathlib import Path

import pytest

from cnncalc.cli.main import main

PAGE = (Path(__file__).parents[2] / "docs" / "for-agents.md").read_text("utf-8")
SCHEMAS = {
    "cnncalc/1": (["shapes", "params", "flops", "rf", "memory", "summary", "solve", "explain"], ["lenet5"]),
    "cnncalc-diff/1": (["diff"], ["lenet5", "alexnet"]),
    "cnncalc-check/1": (["check"], ["lenet5"]),
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_schemas_are_those_of_the_page(schema, capsys):
    assert f'`"{schema}"`' in PAGE
    commands, words = SCHEMAS[schema]
    for command in commands:
        main([command, *words, "--format", "json"])
        assert json.loads(capsys.readouterr().out)["schema"] == schema, command


def test_every_schema_that_is_named_is_tried():
    assert set(re.findall(r'`"(cnncalc[\w-]*/\d)"`', PAGE)) == SCHEMAS.keys()


def test_there_are_ten_recipes():
    recipes = PAGE.partition("## Recipes")[2]
    assert len(re.findall(r"^```(?:sh|console)$", recipes, re.MULTILINE)) == 10


@pytest.mark.parametrize(
    ("words", "code"),
    [(["shapes", "lenet5"], 0), (["shapes", "no.yaml"], 2), (["memory", "vgg@16", "--fits", "1kB"], 1)],
)
def test_exit_codes_and_streams(words, code, capsys):
    assert main(words) == code
    out, err = capsys.readouterr()
    assert bool(err) is (code == 2)
    assert bool(out) is (code != 2)
