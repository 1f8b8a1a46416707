"""Texts in colour, for a terminal; imported only where one is shown. Without its escapes every text is what it was."""

from __future__ import annotations

import re
from functools import partial

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.text import Text

YAML = {  # by the kinds of tokens of Pygments
    ("Name", "Tag"): Style(color="cyan"),  # keys
    ("Literal", "String"): Style(color="green"),
    ("Name", "Label"): Style(color="magenta"),  # anchors
    ("Comment",): Style(dim=True),
}
LAID_OUT = re.compile(r"(?:^  .*\n?|^\n(?=  ))+", re.MULTILINE)
RULE = {
    r"\A\S+": "bold",
    r"\A\S+  (\(.*\))": "dim",
    r"^(?:fixed|source):": "cyan",
}
_WORDS = re.compile(r"\S(?:.*\S)?")
EXPLANATION = {
    r"^\S.*$": "bold",
    r"^  (\S+(?: \S+)*)(?=  )": "cyan",
    r"[=→] ([\d,.]+(?:×[\d,.]+)*)(?= →| \(|$)": "bold",
    r"(?<= )\([^()]*[a-z]{2}[^()]*\)$": "dim",
}


def highlight_yaml(text: str) -> str:
    """A spec."""
    return _escaped(Syntax(text, "yaml", theme=ANSISyntaxTheme(YAML), tab_size=0).highlight(text))


def highlight_rule(page: str) -> str:
    """The page of a rule: what is indented is YAML."""
    parts, end = [], 0
    for example in LAID_OUT.finditer(page):
        parts += [_by_patterns(page[end : example.start()], RULE), highlight_yaml(example[0])]
        end = example.end()
    return "".join([*parts, _by_patterns(page[end:], RULE)])


def highlight_explanation(text: str) -> str:
    """The arithmetic of layers: what is computed, the results, and remarks apart from formulas."""
    return _by_patterns(text, EXPLANATION)


def _by_patterns(text: str, styles: dict[str, str]) -> str:
    """A text whose matches of every pattern, or of the group in it, have a style."""
    coloured = Text(text)
    for pattern, style in styles.items():
        for match in re.finditer(pattern, text, re.MULTILINE):
            coloured.stylize(style, *match.span(match.re.groups))
    return _escaped(coloured)


def _escaped(text: Text) -> str:
    """A text with its styles as escapes, neither wrapped nor with its tabs expanded; no escape crosses a line."""
    return "".join(
        _WORDS.sub(partial(_in_style, segment.style), segment.text) if segment.style else segment.text
        for segment in text.render(Console())
    )


def _in_style(style: Style, words: re.Match[str]) -> str:
    return style.render(words[0], color_system=ColorSystem.STANDARD)
