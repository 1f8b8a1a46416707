"""Adds colour to texts for a terminal; only escape sequences are added. Imported only when it is needed."""

from __future__ import annotations

import re
from functools import partial

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.text import Text

YAML = {  # by Pygments token type
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
PROSE = {r"`[^`]+`": "cyan", r"\A-": "dim"}
_WORDS = re.compile(r"\S(?:.*\S)?")
EXPLANATION = {
    r"^\S.*$": "bold",
    r"^  (\S+(?: \S+)*)(?=  )": "cyan",
    r"[=→] ([\d,.]+(?:×[\d,.]+)*)(?= →| \(|$)": "bold",
    r"(?<= )\([^()]*[a-z]{2}[^()]*\)$": "dim",
}


def highlight_yaml(text: str) -> str:
    """Highlight a spec."""
    return _render(Syntax(text, "yaml", theme=ANSISyntaxTheme(YAML), tab_size=0).highlight(text))


def highlight_rule(page: str) -> str:
    """Highlight the page of a rule; indented parts are YAML."""
    parts, end = [], 0
    for example in LAID_OUT.finditer(page):
        parts += [_apply_styles(page[end : example.start()], RULE), highlight_yaml(example[0])]
        end = example.end()
    return "".join([*parts, _apply_styles(page[end:], RULE)])


def highlight_heading(text: str) -> str:
    """Highlight a heading of a page of `help`."""
    return _apply_styles(text, {r".+": "bold"})


def highlight_prose(text: str) -> str:
    """Highlight the code in a paragraph."""
    return _apply_styles(text, PROSE)


def highlight_explanation(text: str) -> str:
    """Highlight an explanation: titles, labels, results and remarks."""
    return _apply_styles(text, EXPLANATION)


def _apply_styles(text: str, styles: dict[str, str]) -> str:
    """Apply a style to every match of a pattern, or to its group if it has one."""
    styled = Text(text)
    for pattern, style in styles.items():
        for match in re.finditer(pattern, text, re.MULTILINE):
            styled.stylize(style, *match.span(match.re.groups))
    return _render(styled)


def _render(text: Text) -> str:
    """Render a text with escape sequences, without wrapping or expanding tabs; no sequence spans a line break."""
    return "".join(
        _WORDS.sub(partial(_render_words, segment.style), segment.text) if segment.style else segment.text
        for segment in text.render(Console())
    )


def _render_words(style: Style, words: re.Match[str]) -> str:
    return style.render(words[0], color_system=ColorSystem.STANDARD)
