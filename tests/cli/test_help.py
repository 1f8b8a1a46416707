"""`cnncalc help`: every word of the language has a page or an entry, and pages fit 80 columns."""

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

from cnncalc import manual
from cnncalc.cli.help import _complete as complete
from cnncalc.cli.main import COMMANDS
from cnncalc.document.expectations import TOOLS
from cnncalc.document.reader import reserved
from cnncalc.document.schema import spec_schema
from cnncalc.document.schema_layers import Schema
from cnncalc.document.written import WAYS
from cnncalc.expression.compiler import _LEVELS as OPERATORS
from cnncalc.expression.functions import SIGNATURES
from cnncalc.layers import LAYERS
from cnncalc.names import RULE_NAMES

ESCAPE = re.compile("\033\\[[0-9;]*m")
PAGES = [page.name for page in manual.pages()]


def structural_keys(schema: Schema) -> Iterator[str]:
    """The keys and words that the schema of a spec has, apart from the fields of layers, which descriptors declare."""
    for name, part in schema.get("properties", {}).items():
        yield name
        if name not in LAYERS:
            yield from structural_keys(part)
    for key in ("items", "additionalProperties", "if", "then", "else"):
        if isinstance(schema.get(key), dict):
            yield from structural_keys(schema[key])
    for key in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(key, ()):
            yield from structural_keys(part)


def words_of_the_language() -> list[str]:
    schema = spec_schema()
    parts = {**schema, **schema["definitions"]}
    own = {name: part for name, part in schema["definitions"].items() if name not in LAYERS}
    words = set(structural_keys(parts)) | {word for part in own.values() for word in structural_keys(part)}
    joins = {
        word for kind, layer in LAYERS.items() if layer.joins for word in structural_keys(schema["definitions"][kind])
    }
    words -= set(TOOLS)  # `docs/conventions.md` has them
    return sorted(words | joins | reserved() | set(SIGNATURES) | OPERATORS.keys() | set(WAYS) | {"$name"})


def test_every_word_of_the_language_has_a_page_or_an_entry():
    known = {*PAGES, *manual.entries(), *LAYERS}
    assert {"shortcut", "skip", "paths", "crop", "with", "training", "round_to", "in_size", "at"} <= set(
        words_of_the_language()
    )
    assert [word for word in words_of_the_language() if word not in known] == []


@pytest.mark.parametrize("topic", [*words_of_the_language(), *LAYERS, *RULE_NAMES, *COMMANDS, ""])
def test_every_topic_is_explained(cnncalc, topic):
    done = cnncalc("help", "--", topic)
    assert (done.code, done.err) == (0, "")
    assert len(done.out) > 50


@pytest.mark.parametrize("topic", ["", *PAGES, *LAYERS, "round_to", "dim", "stride", "$name", "dominant-layer"])
def test_80_columns_hold_a_page(cnncalc, topic):
    lines = cnncalc("help", topic).out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line.endswith(" ")]


def test_a_page_is_as_narrow_as_its_terminal(cnncalc, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    prose = [line for line in cnncalc("help", "when").out.splitlines() if not line.startswith("  ")]
    assert max(map(len, prose)) <= 50


@pytest.mark.parametrize("topic", ["", "repeat", "conv", "round_to", "checkerboard"])
def test_colour_changes_no_sign(cnncalc, topic):
    plain, coloured = cnncalc("help", topic).out, cnncalc("help", topic, "--color", "always").out
    assert "\033" not in plain
    assert ESCAPE.sub("", coloured) == plain
    assert len(ESCAPE.findall(coloured)) > 3


def test_no_topic_lists_the_pages(cnncalc):
    out = cnncalc("help").out
    assert [f"- `{page.name}`: {page.summary}" for page in manual.pages()] == [
        line for line in out.splitlines() if line.startswith("- ")
    ]


def test_an_entry_names_its_page(cnncalc):
    out = cnncalc("help", "skip").out
    assert out.startswith("- `skip`: a condition; ")
    assert out.endswith("More: `cnncalc help residual`\n")
    assert "body" not in cnncalc("help", "merge").out
    assert cnncalc("help", "$unit").out == cnncalc("help", "$name").out
    assert cnncalc("help", "round_to()").out == cnncalc("help", "round_to").out


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_has_its_fields(cnncalc, kind):
    out = " ".join(cnncalc("help", kind).out.split())
    for name, argument in LAYERS[kind].arguments.items():
        assert re.search(rf"- `{name}(=[^`]*)?`", out)
        assert argument.accepts.doc in out
        assert all(f"`{word}`" in out for word in argument.accepts.words)
    if kind == "unknown":
        assert "at least 442,528 MACs" in out, "the page of the language comes first"


@pytest.mark.parametrize("kind", [kind for kind, layer in LAYERS.items() if layer.inputs[0] == 1 and not layer.joins])
def test_the_example_of_a_layer_is_what_explain_prints(cnncalc, monkeypatch, kind):
    page = cnncalc("help", kind).out
    if kind == "unknown":  # its page is one of the language
        return
    begin = r"\n\n  - ([^\n]*)\n\nAs `cnncalc explain` [^\n]*\n\n"
    found = re.search(begin + r"(.*?\n)\n(?:- `|It has no fields)", page, re.DOTALL)
    assert found is not None
    item, shown = found[1], textwrap.dedent(found[2])
    (sizes,) = re.findall(r", on (\S+)\n", shown)
    monkeypatch.setenv("COLUMNS", "78")
    assert cnncalc("explain", item, "--input", sizes).out == shown
    assert "fix" not in shown, "the example fits"


def test_a_field_names_the_layers_that_have_it(cnncalc):
    out = cnncalc("help", "num_groups").out
    assert "`groupnorm`: number of channel groups" in out
    assert "conv_transpose" in cnncalc("help", "output_padding").out


def test_a_rule_and_a_command(cnncalc):
    assert "Source: " in cnncalc("help", "checkerboard").out
    assert cnncalc("help", "shapes").out == cnncalc("shapes", "--help").out


@pytest.mark.parametrize(
    ("topic", "near"),
    [
        ("residul", "'residual'"), ("Conv2d", "'conv'"), ("dense", "'linear'"), ("if_", "'if'"), ("times", "'repeat'"),
        ("round2", "'round'"), ("shaeps", "'shapes'"), ("checkerbord", "'checkerboard'"),
        ("kernal_size", "'kernel_size'"), ("filters", "'out_channels'"),
    ],
)  # fmt: skip
def test_a_misspelt_topic(cnncalc, topic, near):
    done = cnncalc("help", topic)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"cnncalc: no topic '{topic}': did you mean ")
    assert near in done.err


def test_a_convention(cnncalc):
    done = cnncalc("help", "fvcore")
    assert (
        done.err == "cnncalc: no topic 'fvcore': a convention of another tool: cnncalc flops SPEC --convention fvcore\n"
    )


def test_the_bounds_and_words_of_fields(cnncalc):
    out = " ".join(cnncalc("help", "dropout").out.split())
    assert "An exact number; at least 0; at most 1." in out
    assert "One of `channel`, `element`." in out
    assert "at least 0; also `same`, `valid`." in " ".join(cnncalc("help", "padding").out.split())


def test_completion():
    assert complete("resid") == ["residual"]
    assert {"conv", "conv_transpose"} <= set(complete("conv"))
    assert complete("round") == ["round", "round_to"]


def test_several_words(cnncalc):
    assert cnncalc("help", "dropout", "before", "norm").out == cnncalc("help", "dropout-before-norm").out
    assert cnncalc("help", "receptive", "field").out == cnncalc("help", "receptive_field").out
    assert cnncalc("help", "Residual").out == cnncalc("help", "residual").out


def test_a_word_of_a_page(cnncalc):
    done = cnncalc("help", "u-net")
    assert (done.code, done.out) == (2, "")
    assert done.err == "cnncalc: no topic 'u-net': mentioned by 'joins'\n"
    assert cnncalc("help", "skip", "connection").err.endswith("(mentioned by 'residual')\n")


def test_a_word_of_another_tool(cnncalc):
    assert cnncalc("help", "depthwise").err == "cnncalc: no topic 'depthwise': `conv` with groups: in_channels\n"


def test_nothing_near(cnncalc):
    assert cnncalc("help", "qqqqqq").err == "cnncalc: no topic 'qqqqqq': 'cnncalc help' lists the topics\n"


@pytest.mark.parametrize(("topic", "heavy"), [("repeat", "yaml"), ("conv", "rich")])
def test_plain_pages_load_nothing_heavy(topic, heavy):
    code = (
        f"import sys\nfrom cnncalc.cli.main import main\nmain(['help', {topic!r}])\n"
        f"print([name for name in ({heavy!r}, 'rich', 'pygments', 'torch') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
