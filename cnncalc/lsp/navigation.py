"""Definition, references, highlights and renaming of names, blocks and parameters."""

from __future__ import annotations

from lsprotocol.types import (
    DocumentHighlight,
    DocumentHighlightKind,
    Location,
    Position,
    Range,
    TextEdit,
    WorkspaceEdit,
)

from cnncalc.document.words import is_identifier, is_name
from cnncalc.lsp.state import State
from cnncalc.lsp.symbols import Occurrence


class RenameError(ValueError):
    """Why a name cannot be changed."""


def occurrence_at(state: State, position: Position) -> Occurrence | None:
    """The name at a position."""
    offset = state.text.offset(position)
    for each in state.occurrences:
        start = state.text.offset_of(each.span)
        if start <= offset <= start + each.span.width:
            return each
    return None


def same_symbol(state: State, position: Position) -> list[Occurrence]:
    """All places of the name at a position, in the order of the text."""
    here = occurrence_at(state, position)
    found = {each.span: each for each in state.occurrences if here is not None and each.symbol == here.symbol}
    return sorted(found.values(), key=lambda each: (each.span.line, each.span.column))


def definition_of(state: State, position: Position) -> list[Location]:
    """Where the name at a position is defined."""
    return [Location(state.uri, state.text.range_of(e.span)) for e in same_symbol(state, position) if e.defines]


def references_of(state: State, position: Position, declared: bool) -> list[Location]:
    """Where the name at a position is used."""
    found = same_symbol(state, position)
    return [Location(state.uri, state.text.range_of(each.span)) for each in found if declared or not each.defines]


def highlights_of(state: State, position: Position) -> list[DocumentHighlight]:
    """The same, for the editor to mark."""
    kinds = {True: DocumentHighlightKind.Write, False: DocumentHighlightKind.Read}
    return [
        DocumentHighlight(state.text.range_of(each.span), kinds[each.defines]) for each in same_symbol(state, position)
    ]


def renamable_at(state: State, position: Position) -> Range | None:
    """The range of a name that can be changed; None if there is none at a position."""
    here = occurrence_at(state, position)
    if here is None or not any(each.defines for each in same_symbol(state, position)):
        return None
    return state.text.range_of(here.span)


def rename(state: State, position: Position, new: str) -> WorkspaceEdit | None:
    """The edits that change a name in all its uses; None if there is no name at a position.

    Raises:
        RenameError: the new name is not valid, or already means something.
    """
    here = occurrence_at(state, position)
    if here is None:
        return None
    symbol = here.symbol
    valid = is_name(new) if symbol.kind == "tensor" else is_identifier(new)
    if not valid:
        raise RenameError(f"'{new}' is not a valid name: use letters, digits and _")
    if new != symbol.name and any(
        each.defines
        and each.symbol.name == new
        and each.symbol.kind == symbol.kind
        and each.symbol.scope in (symbol.scope, "")
        for each in state.occurrences
    ):
        raise RenameError(f"'{new}' is already the name of a {symbol.kind}")
    edits = [TextEdit(state.text.range_of(each.span), new) for each in same_symbol(state, position)]
    return WorkspaceEdit(changes={state.uri: edits})
