"""Comments that silence: where they are comments, how far they reach, and those in vain."""

import re
from random import Random

import pytest

from cnncalc.checks.comments import read_ignores
from cnncalc.errors import Source

from ..effort import steps
from ..examples import examples

NET = """input: 3x32x32
layers:
  - conv: {{out_channels: 16, kernel_size: 3}}  {conv}
    name: c  {name}
  - sequence: {sequence}
      - relu  {relu}
      - maxpool:
          kernel_size: 2  {size}
    name: s
  - dropout  {dropout}
expect:  {expect}
  c: {{params: 3}}
  s.maxpool1: {{fits: false}}
"""
MARKS = ("conv", "name", "sequence", "relu", "size", "dropout", "expect")


def net(**comments: str) -> str:
    return NET.format(**{mark: comments.get(mark, "") for mark in MARKS})


def said(checked):
    return [(each.rule, each.message, each.span.line) for each in checked.findings]


def test_without_comments(check):
    assert [(rule, line) for rule, _, line in said(check(net()))] == [("expectation", 12), ("expectation", 13)]


@pytest.mark.parametrize(
    ("mark", "left"),
    [("conv", [13]), ("name", [12, 13]), ("relu", [12, 13]), ("sequence", [12]), ("size", [12, 13]), ("expect", [])],
)
def test_what_a_comment_reaches(check, mark, left):
    """Its line and what is indented below it: an item with all that it holds; all figures below `expect:`."""
    found = check(net(**{mark: "# cnncalc: ignore[expectation]"}), "expectation", "unused-ignore")
    assert [line for rule, _, line in said(found) if rule == "expectation"] == left
    assert [rule for rule, _, _ in said(found)].count("unused-ignore") == (1 if len(left) == 2 else 0)


@pytest.mark.parametrize(
    ("comment", "message", "hint"),
    [
        ("# cnncalc: ignore[expectation]", "expectation reports nothing here", "delete it"),
        ("# cnncalc: ignore[expectatoin]", "unknown rule 'expectatoin'", "did you mean 'expectation'?"),
        ("# cnncalc:ignore [ expectation ] as the paper has it", "expectation reports nothing here", "delete it"),
        ("# as in the paper # cnncalc: ignore[expectation]", "expectation reports nothing here", "delete it"),
        (
            "# cnncalc: ignore",
            "this comment has no effect",
            "name the rule: # cnncalc: ignore[",
        ),
        ("# cnncalc: ignore[expectation # why]", "this comment has no effect", "name the rule:"),
        (
            "# cnncalc: ignore[]",
            "ignore[] names no rule",
            "name the rule: # cnncalc: ignore[",
        ),
        ("# cnncalc: disable[expectation]", "this comment has no effect", "name the rule:"),
        ("# cnncalc: a word to the reader", None, None),
    ],
)
def test_in_vain(check, comment, message, hint):
    found = [each for each in check(net(dropout=comment)).findings if each.rule == "unused-ignore"]
    assert [each.message for each in found] == ([message] if message else [])
    assert all(each.fix.words.startswith(hint) and each.span.line == 10 for each in found)


def test_what_is_no_comment(check):
    text = """input: 3x8x8
name: "# cnncalc: ignore[expectation]"
description: |
  # cnncalc: ignore[expectation]
source: a#cnncalc:ignore[expectation]
task: 'one
  # cnncalc: ignore[expectation]'
layers: [relu]
"""
    assert check(text).findings == ()


def test_a_rule_that_does_not_run_is_not_in_vain(check):
    assert check(net(dropout="# cnncalc: ignore[expectation]"), "unused-ignore").findings == ()


def test_in_one_variant_only_is_not_in_vain(check):
    text = """input: 3x8x8
params: {n: 3}
variants: {a: {n: 4}}
layers:
  - conv: {out_channels: n, kernel_size: 1}  # cnncalc: ignore[expectation]
expect: {conv1: {output: {a: 3x8x8}}}
"""
    assert check(text).findings == ()


def test_windows_lines_and_tabs(check):
    text = net(conv="\t# cnncalc: ignore[expectation]").replace("\n", "\r\n")
    assert [line for rule, _, line in said(check(text)) if rule == "expectation"] == [13]


PIECES = (
    "- relu",
    "a:",
    "",
    "# about it",
    "# cnncalc: ignore[{}]",
    "- relu  # cnncalc: ignore[{}]  # cnncalc: ignore[{}]",
)


def random_lines(random):
    """Lines that are indented at random, no YAML: what a comment reaches depends on the indentation alone."""
    for _ in range(random.randint(1, 12)):
        piece = random.choice(PIECES)
        yield " " * random.randint(0, 3) + piece.replace("{}", random.choice(RULES)).replace("{}", random.choice(RULES))


def reach(lines, number):
    """The last line that a comment on this line silences, found line by line."""
    depth = [len(line) - len(line.lstrip()) for line in lines]
    last = number
    for below in range(number + 1, len(lines) + 1):
        text = lines[below - 1].strip()
        if text and not text.startswith("#") and depth[below - 1] <= depth[number - 1]:
            break
        last = below
    return last


RULES = ("expectation", "stride-drops-pixels")


def test_reach_and_need_of_any_comments():
    """Held against every comment and every line, one by one."""
    random = Random(15)
    for _ in range(examples(1000)):
        lines = list(random_lines(random))
        ignores = read_ignores(Source("net.yaml", "\n".join(lines)))
        named = [
            (rule, number, reach(lines, number))
            for number, line in enumerate(lines, 1)
            for rule in re.findall(r"ignore\[([a-z-]+)\]", line)
        ]
        assert [(each.rule, each.comment.line, each.last) for each in ignores.all] == named
        needed = set()
        for _ in range(random.randint(0, 3)):
            rule, found = random.choice(RULES), {random.randint(1, len(lines) + 1) for _ in range(2)}
            silencing = {each for each in named if each[0] == rule and any(each[1] <= at <= each[2] for at in found)}
            assert ignores.silence(rule, found) == bool(silencing)
            needed |= silencing
        idle = [(each.rule, each.comment.line, each.last) for each in ignores.idle()]
        assert idle == [each for each in named if each not in needed]


IGNORED = "# cnncalc: ignore[repeated-activation]"


@pytest.mark.parametrize(
    ("lines", "layer"),
    [
        ([f"{IGNORED}\n"] * 1000, ""),
        ([f"{IGNORED} "] * 1000 + ["\n"], ""),
        ([f"{IGNORED}\n"], "  - relu\n"),
        ([f"{IGNORED}\n"] * 1000, "  - relu\n"),
        ([], f"  - relu  {IGNORED}\n"),
    ],
    ids=["idle", "on one line", "one above all", "each above all", "beside each"],
)
def test_steps_are_linear(check, lines, layer):
    """At most 500 per comment and layer, of which the layer takes most."""
    text = "".join(["input: 3x8x8\nlayers:\n", *lines, "  - relu\n", *([layer] * 1000)])
    found = []
    steps(lambda: found.append(check(text, "repeated-activation", "unused-ignore")), 500_000)
    assert len(found[0].findings) == (0 if layer else 1000)
