"""Comments that silence: where they are comments, how far they reach, and those in vain."""

import pytest

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
