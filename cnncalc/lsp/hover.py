"""Hover: the arithmetic of a layer, its documentation, a rule, a parameter's value, a word of the language."""

from __future__ import annotations

import re

from lsprotocol.types import Hover, MarkupContent, MarkupKind, Position

from cnncalc.document.types import Block
from cnncalc.errors import CnncalcError
from cnncalc.explanations.explanation import explain
from cnncalc.layers.values import format_value
from cnncalc.lsp.items import Within
from cnncalc.lsp.state import State
from cnncalc.names import RULE_NAMES
from cnncalc.render.views.explanation import as_markdown
from cnncalc.render.views.topics import topic

_WORD = re.compile(r"[\w$-]+")
MOST_INSTANCES = 8


def hover_at(state: State, position: Position) -> Hover | None:
    """What is to be said of the word at a position; None if nothing is."""
    line = state.text.line(position.line)
    column = state.text.offset(position) - state.text.offset(Position(position.line, 0))
    word = next((match for match in _WORD.finditer(line) if match.start() <= column <= match.end()), None)
    if word is None or not state.is_own:
        return None
    text = _text(state, position.line + 1, word)
    if not text:
        return None
    start = state.text.offset(Position(position.line, 0)) + word.start()
    return Hover(MarkupContent(MarkupKind.Markdown, text), state.text.range(start, start + len(word[0])))


def _text(state: State, line: int, word: re.Match[str]) -> str | None:
    name = word[0]
    if word.string[: word.start()].lstrip().startswith("#") and name not in RULE_NAMES:
        return None
    within = state.items.at(line, word.start() + 1) if state.items is not None else None
    if within is not None and within.item.span.column == word.start() + 1:
        return "\n\n---\n\n".join(filter(None, (_arithmetic(state, line), topic(name))))
    return _value(state, within, line, name) or topic(name)


def _arithmetic(state: State, line: int) -> str:
    """What `explain` says of the first layer that was expanded from a line, and how many there are."""
    report = state.report
    layers = [layer for layer in report.layers if layer.node.span and layer.node.span.line == line] if report else []
    if report is None or not layers:
        return ""
    try:
        text = as_markdown(explain(report, layers[0].name))
    except CnncalcError:
        return ""
    others = [layer.name for layer in layers[1 : 1 + MOST_INSTANCES]]
    more = f"\n\nAlso expanded as {', '.join(f'`{other}`' for other in others)}" if others else ""
    return text.strip() + more + (" …" if len(layers) > 1 + MOST_INSTANCES else "")


def _value(state: State, within: Within | None, line: int, name: str) -> str | None:
    """The value of a parameter of the spec, or of the block around a line in its first instances."""
    report = state.report
    if report is None:
        return None
    block = within.block if within is not None else _block_around(state, line)
    if block is not None and name in {parameter.name for parameter in block.parameters}:
        values = [
            f"- `{full}`: `{format_value(instance.arguments[name])}`"
            for full, instance in report.graph.instances.items()
            if instance.block == block.name and name in instance.arguments
        ]
        more = [f"- and {len(values) - MOST_INSTANCES} more"] if len(values) > MOST_INSTANCES else []
        return "\n".join([f"`{name}`, a parameter of block `{block.name}`:", "", *values[:MOST_INSTANCES], *more])
    if name in report.graph.params:
        return f"`{name}` = `{format_value(report.graph.params[name])}`, a parameter of the spec"
    return None


def _block_around(state: State, line: int) -> Block | None:
    if state.items is None:
        return None
    blocks = [block for block in state.items.document.blocks.values() if block.span.line <= line]
    block = max(blocks, key=lambda block: block.span.line, default=None)
    around = state.items.around(line)
    return block if block is not None and around is not None and around.block is block else None
