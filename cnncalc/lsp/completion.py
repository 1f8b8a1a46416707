"""Completion and signature help: what may stand at a position, judged by the line and the lines above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol.types import (
    CompletionItem,
    CompletionItemKind,
    InsertTextFormat,
    MarkupContent,
    MarkupKind,
    ParameterInformation,
    Position,
    SignatureHelp,
    SignatureInformation,
)

from cnncalc.document.foreign_layers import known_layer
from cnncalc.document.reader import FLOWING
from cnncalc.document.spec import SECTIONS
from cnncalc.document.words import GROUPS, MERGES, MODIFIERS
from cnncalc.expression.functions import SIGNATURES
from cnncalc.layers import LAYERS, Layer
from cnncalc.lsp.state import State
from cnncalc.lsp.symbols import Signature
from cnncalc.names import RULE_NAMES

_TENSORS = re.compile(r"(?:^|[\s{,-])(from|share|with|like|(?P<join>\w+))\s*:\s*(?:\[[^\]]*|[\w.-]*)$")
_IN_BRACES = re.compile(r"([\w$]+)\s*:\s*\{([^{}]*)$")
_ITEM = re.compile(r"(?:^|[\s\[,])-?\s*([\w$]*)$")
_NEW_ITEM = re.compile(r"^\s*(?:-\s+)+([\w$]*)$")
_FIELD_VALUE = re.compile(r"(?:^|[\s{,-])(\w+)\s*:\s*\[?[^\[\]{},]*$")
_KEY = re.compile(r"^(\s*)(-\s+)?([\w$]+)\s*:")
_IGNORE = re.compile(r"#\s*cnncalc:\s*ignore\[[\w, -]*$")


def completions_at(state: State, position: Position, snippets: bool = True) -> list[CompletionItem]:
    """The words that may stand at a position, each with its documentation; none in comments and in other files."""
    if not state.may_become_spec:
        return []
    line = state.text.line(position.line)
    start = state.text.offset(Position(position.line, 0))
    before = line[: state.text.offset(position) - start]
    if "#" in before and re.search(r"(?:^|\s)#", before):
        return [_word(name, CompletionItemKind.Constant) for name in RULE_NAMES] if _IGNORE.search(before) else []
    return list(_completions(state, before, position.line, snippets))


def _completions(state: State, before: str, line: int, snippets: bool) -> Iterator[CompletionItem]:
    blocks = state.signatures
    if re.fullmatch(r"\w*", before):
        yield from _sections(state)
        return
    tensors = _TENSORS.search(before)
    if tensors and (tensors["join"] is None or _joins(tensors["join"])):
        yield from _names(state, line)
        return
    braces = _IN_BRACES.search(before)
    if braces:
        last = braces[2].rpartition(",")[2]
        if ":" in last:
            yield from _values(state, braces[1], last.partition(":")[0].strip(), line, blocks)
        else:
            yield from _fields(braces[1], re.findall(r"(\w+)\s*:", braces[2]), blocks)
        return
    if (match := _NEW_ITEM.match(before)) is not None:
        yield from _calls(match[1], blocks, snippets)
        return
    value = _FIELD_VALUE.search(before)
    if value:
        yield from _values(state, _owner(state, before, line), value[1], line, blocks)
    elif re.fullmatch(r"\s+\w*", before):
        yield from _below(state, before, line, blocks)


def _sections(state: State) -> Iterator[CompletionItem]:
    written = {
        match[1] for number in range(state.text.lines) if (match := re.match(r"(\w+)\s*:", state.text.line(number)))
    }
    for name in SECTIONS:
        if name not in written:
            yield _word(name, CompletionItemKind.Module, insert=f"{name}: ")


def _calls(typed: str, blocks: dict[str, Signature], snippets: bool) -> Iterator[CompletionItem]:
    """What an item may call: layers, blocks, groups; and the layer that another tool's word means."""
    for kind, layer in LAYERS.items():
        yield _call(kind, layer.required(), CompletionItemKind.Class, snippets, _doc(layer), layer.natural)
    for name, signature in blocks.items():
        required = _required(signature)
        yield _call(name, required, CompletionItemKind.Function, snippets, signature.key.text, (*required, None)[0])
    for name in GROUPS:
        yield _word(name, CompletionItemKind.Keyword, insert=f"{name}:")
    ours = known_layer(typed, LAYERS) if len(typed) > 1 and typed not in LAYERS else None
    if ours is not None:
        yield CompletionItem(
            typed, kind=CompletionItemKind.Class, detail=f"→ {ours}", insert_text=ours, filter_text=typed
        )


def _call(
    name: str, required: Iterable[str], kind: CompletionItemKind, snippets: bool, doc: str, natural: str | None
) -> CompletionItem:
    fields = tuple(required)
    item = CompletionItem(name, kind=kind, documentation=MarkupContent(MarkupKind.Markdown, doc))
    if fields and snippets:
        stops = [f"{field}: ${{{number}:…}}" for number, field in enumerate(fields, 1)]
        item.insert_text = f"{name}: ${{1:…}}" if fields == (natural,) else f"{name}: {{{', '.join(stops)}}}"
        item.insert_text_format = InsertTextFormat.Snippet
    return item


def _fields(owner: str, written: Iterable[str], blocks: dict[str, Signature]) -> Iterator[CompletionItem]:
    """The fields of a layer, or the parameters of a block, that are not written yet."""
    given = set(written)
    if owner in blocks:
        for name in blocks[owner].parameters:
            if name not in given:
                yield _word(name, CompletionItemKind.Field, insert=f"{name}: ", detail=f"of block {owner}")
    elif owner in LAYERS:
        for name, argument in LAYERS[owner].arguments.items():
            if name not in given:
                yield _word(name, CompletionItemKind.Field, insert=f"{name}: ", detail=argument.accepts.doc)
        if LAYERS[owner].joins and "with" not in given:
            yield _word("with", CompletionItemKind.Field, insert="with: ", detail="the earlier tensors to join")
    elif owner in ("residual", "branches"):
        words = ("body", "shortcut", "skip") if owner == "residual" else ("merge", "paths")
        yield from (_word(word, CompletionItemKind.Field, insert=f"{word}: ") for word in words if word not in given)


def _below(state: State, before: str, line: int, blocks: dict[str, Signature]) -> Iterator[CompletionItem]:
    """Keys on a line of their own: fields below a layer, or modifiers beside it."""
    indent = len(before) - len(before.lstrip())
    for number in range(line - 1, max(-1, line - 200), -1):
        match = _KEY.match(state.text.line(number))
        if match is None:
            continue
        column = len(match[1]) + len(match[2] or "")
        if column == indent and match[2]:
            yield from (_word(word, CompletionItemKind.Property, insert=f"{word}: ") for word in MODIFIERS)
            return
        if column < indent:
            yield from _fields(match[3], (), blocks)
            return


def _owner(state: State, before: str, line: int) -> str:
    """The layer or block whose field is on a line: on the line itself, or above it."""
    indent = len(before) - len(before.lstrip())
    for number in range(line - 1, max(-1, line - 200), -1):
        match = _KEY.match(state.text.line(number))
        if match is not None and len(match[1]) + len(match[2] or "") < indent:
            return match[3]
    return ""


def _values(state: State, owner: str, field: str, line: int, blocks: dict[str, Signature]) -> Iterator[CompletionItem]:
    """The words of a field, and the names that an expression can read."""
    if field == "merge":
        yield from (_word(word, CompletionItemKind.EnumMember) for word in MERGES)
        return
    argument = LAYERS[owner].arguments.get(field) if owner in LAYERS else None
    if argument is not None:
        words = sorted(argument.accepts.words) or (["true", "false"] if isinstance(argument.default, bool) else [])
        yield from (_word(word, CompletionItemKind.EnumMember) for word in words)
    block = next((b for b in reversed(list(blocks.values())) if b.key.span.line <= line + 1), None)
    layers = next((n for n in range(state.text.lines) if re.match(r"layers\s*:", state.text.line(n))), 0)
    inside = block is not None and not layers < line and block.key.span.line <= line
    for name in block.parameters if block is not None and (inside or layers > line) else ():
        yield _word(name, CompletionItemKind.Variable, detail=f"parameter of {block.name if block else ''}")
    for occurrence in state.occurrences:
        if occurrence.defines and occurrence.symbol.kind == "parameter" and not occurrence.symbol.scope:
            yield _word(occurrence.symbol.name, CompletionItemKind.Variable, detail="parameter of the spec")
    yield from (_word(name, CompletionItemKind.Variable) for name in sorted(FLOWING))
    yield from (_word(name, CompletionItemKind.Function, detail=SIGNATURES[name].usage) for name in SIGNATURES)


def _names(state: State, line: int) -> Iterator[CompletionItem]:
    """The tensors defined above a line, those of inputs included."""
    seen: set[str] = set()
    report = state.report
    for name in report.graph.inputs if report is not None else ("input",):
        seen.add(name)
        yield _word(name, CompletionItemKind.Variable, detail="input of the network")
    for occurrence in sorted(state.occurrences, key=lambda each: each.span.line):
        name = occurrence.symbol.name
        if (
            occurrence.defines
            and occurrence.symbol.kind == "tensor"
            and occurrence.span.line <= line
            and name not in seen
        ):
            seen.add(name)
            yield _word(name, CompletionItemKind.Reference, detail=f"line {occurrence.span.line}")


def signature_at(state: State, position: Position) -> SignatureHelp | None:
    """The signature of the block or layer in whose braces a position is."""
    line = state.text.line(position.line)
    before = line[: state.text.offset(position) - state.text.offset(Position(position.line, 0))]
    braces = _IN_BRACES.search(before)
    if braces is None or not state.is_own:
        return None
    blocks = state.signatures
    if braces[1] in blocks:
        signature = blocks[braces[1]]
        label, names = signature.key.text, list(signature.parameters)
    elif braces[1] in LAYERS:
        layer = LAYERS[braces[1]]
        label, names = f"{layer.kind}({', '.join(layer.arguments)})", list(layer.arguments)
    else:
        return None
    typed = braces[2].rpartition(",")[2].partition(":")[0].strip()
    active = names.index(typed) if typed in names else None
    information = SignatureInformation(label, parameters=[ParameterInformation(name) for name in names])
    return SignatureHelp([information], active_signature=0, active_parameter=active)


def _joins(word: str) -> bool:
    return word in LAYERS and LAYERS[word].joins


def _required(signature: Signature) -> tuple[str, ...]:
    text = signature.key.text
    return tuple(name for name in signature.parameters if not re.search(rf"\b{re.escape(name)}\s*=", text))


def _doc(layer: type[Layer]) -> str:
    return (layer.__doc__ or "").partition("\n")[0]


def _word(name: str, kind: CompletionItemKind, insert: str | None = None, detail: str | None = None) -> CompletionItem:
    return CompletionItem(name, kind=kind, insert_text=insert, detail=detail)
