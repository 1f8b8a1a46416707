"""The outline of a document, its folding ranges, and links to papers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol.types import DocumentLink, DocumentSymbol, FoldingRange, FoldingRangeKind, Position, Range, SymbolKind

from cnncalc.document import Item
from cnncalc.document.types import BlockCall, Branches, LayerCall, Residual
from cnncalc.lsp.items import lists_of
from cnncalc.lsp.state import State

_PAPER = re.compile(
    r"arXiv:\s?(?P<arxiv>\d{4}\.\d{4,5}|[a-z-]+/\d{7})|doi:\s?(?P<doi>10\.\d+/\S+)|(?P<url>https?://[^\s\"'<>]+)"
)
_SECTION = re.compile(r"(\w+)\s*:")


def outline_of(state: State) -> list[DocumentSymbol]:
    """The sections, and within them inputs, parameters, variants, blocks and layers; empty if the spec is broken."""
    items = state.items
    if items is None or not state.is_own:
        return []
    document, symbols = items.document, []
    for line in range(state.text.lines):
        match = _SECTION.match(state.text.line(line))
        if match is None:
            continue
        name, until = match[1], _end_of_section(state, line)
        children: list[DocumentSymbol] = []
        if name == "blocks":
            for block in document.blocks.values():
                own = _symbols(state, block.items)
                children.append(_symbol(state, block.name, "block", SymbolKind.Function, block.span.line - 1, own))
        elif name == "layers":
            children = _symbols(state, document.layers)
        elif name == "heads":
            for head in document.heads.values():
                own = _symbols(state, head.items)
                children.append(_symbol(state, head.name, "head", SymbolKind.Namespace, head.span.line - 1, own))
        whole, own_line = (Range(Position(line, 0), state.text.end_of(end)) for end in (until, line))
        symbols.append(DocumentSymbol(name, SymbolKind.Module, whole, own_line, children=children))
    return symbols


def folds_of(state: State) -> list[FoldingRange]:
    """A range for every key or item whose lines below are indented further, and for runs of comments."""
    lines = [state.text.line(number) for number in range(state.text.lines)]
    filled = [number for number, line in enumerate(lines) if line.strip()]
    folds: list[FoldingRange] = []
    open_: list[tuple[int, int]] = []  # indentation, line
    for place, number in enumerate(filled):
        indent = len(lines[number]) - len(lines[number].lstrip(" "))
        while open_ and open_[-1][0] >= indent:
            _, start = open_.pop()
            if filled[place - 1] > start:
                folds.append(FoldingRange(start, filled[place - 1]))
        open_.append((indent, number))
    while open_:
        _, start = open_.pop()
        if filled[-1] > start:
            folds.append(FoldingRange(start, filled[-1]))
    return sorted([*folds, *_comments(lines)], key=lambda fold: (fold.start_line, fold.end_line))


def links_of(state: State) -> list[DocumentLink]:
    """Links to papers (`arXiv:1512.03385`, `doi:…`) and addresses, in sources and comments."""
    links = []
    for match in _PAPER.finditer(state.text.text):
        target = match["url"] or (
            f"https://arxiv.org/abs/{match['arxiv']}" if match["arxiv"] else f"https://doi.org/{match['doi']}"
        )
        text = match[0].rstrip(".,;)")
        target = target.rstrip(".,;)")
        links.append(DocumentLink(state.text.range(match.start(), match.start() + len(text)), target))
    return links


def _comments(lines: list[str]) -> Iterator[FoldingRange]:
    start: int | None = None
    for number, line in enumerate([*lines, ""]):
        if line.lstrip().startswith("#"):
            start = number if start is None else start
        elif start is not None:
            if number - 1 > start:
                yield FoldingRange(start, number - 1, kind=FoldingRangeKind.Comment)
            start = None


def _symbols(state: State, items: tuple[Item, ...]) -> list[DocumentSymbol]:
    symbols = []
    for item in items:
        inner = [symbol for some in lists_of(item) for symbol in _symbols(state, some)]
        kind = _word(item)
        name = item.name.text if item.name is not None and item.name.text else kind
        symbols.append(_symbol(state, name, kind, _kind(item), item.span.line - 1, inner))
    return symbols


def _symbol(
    state: State, name: str, detail: str, kind: SymbolKind, line: int, inner: list[DocumentSymbol]
) -> DocumentSymbol:
    until = max([line, *(symbol.range.end.line for symbol in inner)])
    whole, own_line = (Range(Position(line, 0), state.text.end_of(end)) for end in (until, line))
    return DocumentSymbol(name or detail, kind, whole, own_line, detail=detail, children=inner)


def _word(item: Item) -> str:
    body = item.body
    if isinstance(body, LayerCall):
        return body.kind
    if isinstance(body, BlockCall):
        return body.name
    return "residual" if isinstance(body, Residual) else "branches" if isinstance(body, Branches) else "sequence"


def _kind(item: Item) -> SymbolKind:
    if isinstance(item.body, LayerCall):
        return SymbolKind.Field
    return SymbolKind.Method if isinstance(item.body, BlockCall) else SymbolKind.Array


def _end_of_section(state: State, line: int) -> int:
    """The last line of the section that begins on a line."""
    end = line
    for number in range(line + 1, state.text.lines):
        text = state.text.line(number)
        if text[:1] not in ("", " ", "#", "-", "\t"):
            break
        end = number if text.strip() else end
    return end
