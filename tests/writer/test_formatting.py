"""Any spec in the canonical style: the same document, the same comments, and a second time nothing to do."""

import random
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import cnncalc
from cnncalc.errors import Source, Span, SpecError
from cnncalc.records import Record
from cnncalc.source.nodes import Scalar
from cnncalc.writer import format_text
from cnncalc.writer.layout import WIDTH

from ..examples import examples

TESTS = Path(__file__).parents[1]
SHIPPED = sorted((TESTS.parent / "specs").glob("*.yaml"))
SILENT = sorted((TESTS / "specs" / "ok").glob("*.yaml"))
OTHERS = sorted((TESTS / "data" / "specs").glob("*.yaml"))
FAULTY = sorted((TESTS / "specs" / "err").glob("*.yaml"))


def stem(path: Path) -> str:
    return path.stem


def text_of(path: Path) -> str:
    return path.read_bytes().decode()


def formatted(text: str) -> str:
    return format_text(Source("net.yaml", text))


def told(value):
    """A document without its places, quotes and brackets."""
    if isinstance(value, Span | Source):
        return None
    if isinstance(value, Scalar):
        return value.text, type(value.value).__name__
    if isinstance(value, Record):
        return type(value).__name__, [told(getattr(value, name)) for name in type(value).__annotations__]
    if isinstance(value, Mapping):
        return sorted((key, told(entry)) for key, entry in value.items())
    if isinstance(value, tuple | list):
        return [told(entry) for entry in value]
    return value if isinstance(value, bool | int | str | None) else str(value)


def document(text: str):
    return told(cnncalc.parse(text).document)


def comments(text: str) -> list[str]:
    """The comments of a text whose quotes and blocks of text hold no #."""
    return sorted(line.strip() for line in re.findall(r"(?:^|(?<=\s))#.*", text, re.MULTILINE))


def holds(text: str) -> str:
    """The canonical form of a text, held to what a canonical form is."""
    found = formatted(text)
    assert document(found) == document(text)
    assert comments(found) == comments(text.replace("\t", " "))
    assert formatted(found) == found
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=stem)
def test_shipped_specs_are_in_the_style(path):
    assert formatted(text_of(path)) == text_of(path), f"run: cnncalc fmt specs/{path.name}"


@pytest.mark.parametrize("path", [*SILENT, *OTHERS], ids=stem)
def test_other_specs_keep_their_meaning(path):
    holds(text_of(path))


@pytest.mark.parametrize("path", FAULTY, ids=stem)
def test_faults_are_told_as_by_every_command(path):
    text = text_of(path)
    told = outcome(lambda: cnncalc.parse(text, path.name))
    if told is None:  # its fault is one of the network, not of the text
        holds(text)
    else:
        assert outcome(lambda: format_text(Source(path.name, text))) == told


def outcome(call) -> str | None:
    """What is said of a spec that is refused."""
    try:
        call()
    except SpecError as error:
        return str(error)
    return None


@pytest.mark.parametrize("seed", range(examples(40)))
def test_comments_anywhere_are_kept(seed):
    rng = random.Random(seed)
    lines = rng.choice(SHIPPED).read_text("utf-8").split("\n")
    skipped = False
    for number, line in enumerate(lines):
        skipped = line.endswith(">-") or (skipped and line.startswith("  "))
        if skipped or not line.strip():
            continue
        if rng.random() < 0.2 and "#" not in line:
            lines[number] += rng.choice((" ", "  ", "         ")) + f"# beside {number}"
        if rng.random() < 0.2:
            indent = len(line) - len(line.lstrip())
            above = rng.choice((indent, 0, indent + 2))
            lines[number] = f"{' ' * above}# above {number}{rng.choice(('', chr(10)))}\n{lines[number]}"
    holds("\n".join(lines))


@pytest.mark.parametrize("seed", range(examples(40)))
def test_spacing_and_brackets_do_not_matter(seed):
    """Arguments in braces, opened at random into lines of their own, come back."""
    rng = random.Random(seed)
    text = text_of(rng.choice(SHIPPED))

    def opened(match: re.Match[str]) -> str:
        if rng.random() < 0.5:
            return match[0]
        pad = "\n" + " " * (len(match[1]) + rng.randint(4, 9))
        return f"{match[1]}{match[2]}{{{pad}{match[3].replace(', ', f',{pad}')}}}"

    shaken = re.sub(r"(?m)^( *)((?:- )+\w+: )\{([^\[\]{}\"\n]*)\}$", opened, text)
    shaken = shaken.replace("\nlayers:", "\n\n\n\nlayers:")
    shaken = re.sub(r"(?m)^( +- \w+:) (?=[^#\n]*$)", lambda match: match[1] + " " * rng.randint(1, 3), shaken)
    assert formatted(shaken) == text


CASES = {
    "quotes are double": ("name: 'a: b'\n", 'name: "a: b"\n'),
    "quotes with a meaning stay": ("name: 'a \"b\" \\n'\n", "name: 'a \"b\" \\n'\n"),
    "numbers keep their text": ("params: {a: 0.50, b: 1e3, c: 1.0}\n", None),
    "an expression goes into brackets in quotes": (
        "layers:\n  - conv:\n      out_channels: max(8, 9)\n      kernel_size: 3\n",
        'layers:\n  - conv: {out_channels: "max(8, 9)", kernel_size: 3}\n',
    ),
    "the layer comes first": (
        "layers:\n  - name: a  # named\n    relu:\n",
        "layers:\n  - relu:\n    name: a  # named\n",
    ),
    "a comment for the whole file stays above": (
        "# net\n\n# layers\nlayers: [relu]\nname: x\n",
        "# net\n\nname: x\n# layers\nlayers: [relu]\n",
    ),
    "anchors stay where they are": ("layers:\n  - &a\n    conv: &b {out_channels: 3, kernel_size: 1}\n  - *a\n", None),
    "a long list fills lines": (
        f"params: {{a: [{', '.join(map(str, range(60)))}]}}\n",
        f"params:\n  a: [{', '.join(map(str, range(31)))},\n    {', '.join(map(str, range(31, 60)))}]\n",
    ),
    "a comment follows what is opened": (
        f"params: {{{', '.join(f'width{i}: {i}' for i in range(12))}}}" + " " * 9 + "# widths\n",
        "params:  # widths\n  width0: 0\n  width1: 1\n",
    ),
    "blank lines": ("layers:\n\n  - relu\n\n\n  - relu\n\n", "layers:\n  - relu\n\n  - relu\n"),
    "folded text": ("description: >-\n    some\n    text\n", "description: >-\n  some\n  text\n"),
    "text in lines": ("description: |\n    some\n      text\n", "description: |\n  some\n    text\n"),
    "defaults": (
        "defaults:\n  linear:\n    axis: channels\nparams: {a: 3}\nlayers: [relu]\n",
        "params: {a: 3}\ndefaults:\n  linear: {axis: channels}\n\nlayers: [relu]\n",
    ),
    "defaults in braces": ("params: {a: 3}\ndefaults: {linear: {axis: channels}}\n\nlayers: [relu]\n", None),
    "a merge with fields": (
        "layers:\n- branches:\n    paths: [[], [relu]]\n    merge:\n      concat:\n        dim: 2\n",
        "layers:\n  - branches:\n      paths: [[], [relu]]\n      merge: {concat: {dim: 2}}\n",
    ),
    "paths": (
        "layers:\n- branches: {merge: add, paths: [[relu], [], [tanh, dropout: 0.1]]}\n",
        "layers:\n  - branches:\n      merge: add\n      paths: [[relu], [], [tanh, dropout: 0.1]]\n",
    ),
    "the condition of a path comes before its layers": (
        (
            "layers:\n- branches:\n   merge: add\n   paths:\n"
            "   - layers: [relu]\n     when: true\n   - {layers: [], when: false}\n"
        ),
        "      paths:\n        - when: true\n          layers: [relu]\n        - {when: false, layers: []}\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_style(case):
    text, expected = CASES[case]
    rest = {"name": "name: n\n", "input": "input: 3x8x8\n", "layers": "layers: [relu]\n"}
    given = text + "".join(line for key, line in rest.items() if not re.search(rf"(?m)^{key}:", text) and key != "name")
    found = holds(given)
    assert (expected or text) in found.replace("input: 3x8x8\n", "")
    assert max(map(len, found.splitlines())) <= WIDTH


def test_line_ends_are_kept():
    assert formatted("input: 3x8x8\r\nlayers:\r\n- relu\r\n") == "input: 3x8x8\r\nlayers:\r\n  - relu\r\n"
