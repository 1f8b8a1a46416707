"""The server: one function for each request of the protocol, over the states of the open documents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from lsprotocol import types as t
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from cnncalc.checks.rule import Level
from cnncalc.errors import CnncalcError
from cnncalc.lsp.actions import FIX_ALL, actions_in
from cnncalc.lsp.completion import completions_at, signature_at
from cnncalc.lsp.diagnostics import diagnostics_of
from cnncalc.lsp.formatting import format_edits
from cnncalc.lsp.hints import FIGURES, Hint, as_inlay, hints_above_fault, hints_of
from cnncalc.lsp.hover import hover_at
from cnncalc.lsp.lenses import CHOOSE, lenses_of
from cnncalc.lsp.navigation import (
    RenameError,
    definition_of,
    highlights_of,
    references_of,
    renamable_at,
    rename,
)
from cnncalc.lsp.outline import folds_of, links_of, outline_of
from cnncalc.lsp.state import Memory, State
from cnncalc.lsp.symbols import Signature
from cnncalc.lsp.text import Text
from cnncalc.version import __version__

PAUSE = 0.05  # seconds without a change after which a document is checked

Levels = Callable[[], Mapping[str, Level]]


class Server(LanguageServer):
    """A language server for specs; `levels` reads the project's levels of rules."""

    def __init__(self, levels: Levels) -> None:
        super().__init__("cnncalc", __version__, text_document_sync_kind=t.TextDocumentSyncKind.Full)
        self._levels = levels
        self._states: dict[str, State] = {}
        self._hints: dict[str, tuple[list[Hint], Text]] = {}  # the last of a document that could be built, and its text
        self._signatures: dict[str, dict[str, Signature]] = {}
        self._variants: dict[str, str | None] = {}
        self._memories: dict[str, Memory] = {}
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self.figures: tuple[str, ...] = ()

    def state(self, uri: str) -> State:
        """The state of a document as it is now."""
        document = self.workspace.get_text_document(uri)
        known = self._states.get(uri)
        if known is None or known.text.text != document.source:
            encoding = self.workspace.position_encoding or t.PositionEncodingKind.Utf16
            name = to_fs_path(uri) or uri
            text = Text(document.source, str(getattr(encoding, "value", encoding)))
            memory = self._memories.setdefault(uri, Memory(name))
            variant, language = self._variants.get(uri), document.language_id or "yaml"
            known = State(uri, name, text, self._levels_now(), variant, memory, language)
            known.last_signatures = self._signatures.get(uri, {})
            self._states[uri] = known
        return known

    def _levels_now(self) -> Mapping[str, Level]:
        try:
            return self._levels()
        except CnncalcError:
            return {}

    def hints(self, uri: str, lines: range) -> list[t.InlayHint]:
        """The inlay hints of some lines of a document."""
        state = self.state(uri)
        if state.report is None:
            hints = hints_above_fault(state, *self._hints[uri]) if uri in self._hints else []
        else:
            hints = hints_of(state, self.figures)
            self._hints[uri] = hints, state.text
            self._signatures[uri] = state.signatures
        return [as_inlay(state, hint) for hint in hints if hint.line in lines]

    def check_soon(self, uri: str) -> None:
        """Publish the diagnostics of a document after a pause, of its text at that time."""
        self._drop_finished()
        if (task := self._waiting.pop(uri, None)) is not None:
            task.cancel()
        self._waiting[uri] = asyncio.get_running_loop().create_task(self._check(uri))

    def _drop_finished(self) -> None:
        """Forget the finished futures of notifications: pygls 2.1 keeps one for every key stroke."""
        futures: dict[Any, Any] = getattr(self.protocol, "_request_futures", {})
        for key in [key for key, future in futures.items() if future.done()]:
            del futures[key]

    async def _check(self, uri: str) -> None:
        await asyncio.sleep(PAUSE)
        self.publish(uri, diagnostics_of(self.state(uri)))

    def publish(self, uri: str, diagnostics: list[t.Diagnostic]) -> None:
        """Send the diagnostics of a document, in place of those sent before."""
        self.text_document_publish_diagnostics(t.PublishDiagnosticsParams(uri, diagnostics))

    def forget(self, uri: str) -> None:
        """Forget a document that was closed."""
        if (task := self._waiting.pop(uri, None)) is not None:
            task.cancel()
        for known in (self._states, self._hints, self._signatures, self._variants, self._memories):
            known.pop(uri, None)
        self.publish(uri, [])

    def configure(self, settings: Any) -> None:  # noqa: ANN401
        """Read the client's settings: `{"cnncalc": {"hints": ["params", "macs", "field"]}}`, or what is inside."""
        own = settings.get("cnncalc", settings) if isinstance(settings, dict) else {}
        shown = own.get("hints", ()) if isinstance(own, dict) else ()
        self.figures = tuple(figure for figure in FIGURES if isinstance(shown, list) and figure in shown)

    def choose(self, uri: str, variant: str | None) -> None:
        """Show hints of another variant."""
        self._variants[uri] = variant
        self._states.pop(uri, None)


def make_server(levels: Levels = dict) -> Server:
    """A server with all its features; start it with `start_io` or `start_tcp`."""
    server = Server(levels)
    _documents(server)
    _reading(server)
    _navigating(server)
    _changing(server)
    return server


def _documents(server: Server) -> None:
    @server.feature(t.INITIALIZE)
    def initialize(params: t.InitializeParams) -> None:
        server.configure(params.initialization_options)

    @server.feature(t.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: t.DidOpenTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri)

    @server.feature(t.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: t.DidChangeTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri)

    @server.feature(t.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: t.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)

    @server.feature(t.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: t.DidChangeConfigurationParams) -> None:
        server.configure(params.settings)

    @server.command(CHOOSE)
    def choose_variant(uri: str, variant: str | None = None) -> None:
        server.choose(uri, variant)
        server.workspace_inlay_hint_refresh(None)


def _reading(server: Server) -> None:
    @server.feature(t.TEXT_DOCUMENT_INLAY_HINT)
    def inlay_hint(params: t.InlayHintParams) -> list[t.InlayHint]:
        lines = range(params.range.start.line, params.range.end.line + 1)
        return server.hints(params.text_document.uri, lines)

    @server.feature(t.TEXT_DOCUMENT_HOVER)
    def hover(params: t.HoverParams) -> t.Hover | None:
        return hover_at(server.state(params.text_document.uri), params.position)

    @server.feature(t.TEXT_DOCUMENT_COMPLETION, t.CompletionOptions(trigger_characters=["-", "{", ":", " ", "[", "$"]))
    def completion(params: t.CompletionParams) -> list[t.CompletionItem]:
        return completions_at(server.state(params.text_document.uri), params.position, _takes_snippets(server))

    @server.feature(t.TEXT_DOCUMENT_SIGNATURE_HELP, t.SignatureHelpOptions(trigger_characters=["{", ","]))
    def signature_help(params: t.SignatureHelpParams) -> t.SignatureHelp | None:
        return signature_at(server.state(params.text_document.uri), params.position)

    @server.feature(t.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def document_symbol(params: t.DocumentSymbolParams) -> list[t.DocumentSymbol]:
        return outline_of(server.state(params.text_document.uri))

    @server.feature(t.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding_range(params: t.FoldingRangeParams) -> list[t.FoldingRange]:
        state = server.state(params.text_document.uri)
        return folds_of(state) if state.is_own else []

    @server.feature(t.TEXT_DOCUMENT_DOCUMENT_LINK)
    def document_link(params: t.DocumentLinkParams) -> list[t.DocumentLink]:
        state = server.state(params.text_document.uri)
        return links_of(state) if state.is_own else []

    @server.feature(t.TEXT_DOCUMENT_CODE_LENS)
    def code_lens(params: t.CodeLensParams) -> list[t.CodeLens]:
        return lenses_of(server.state(params.text_document.uri))


def _navigating(server: Server) -> None:
    @server.feature(t.TEXT_DOCUMENT_DEFINITION)
    def definition(params: t.DefinitionParams) -> list[t.Location]:
        return definition_of(server.state(params.text_document.uri), params.position)

    @server.feature(t.TEXT_DOCUMENT_REFERENCES)
    def references(params: t.ReferenceParams) -> list[t.Location]:
        declared = params.context.include_declaration
        return references_of(server.state(params.text_document.uri), params.position, declared)

    @server.feature(t.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def document_highlight(params: t.DocumentHighlightParams) -> list[t.DocumentHighlight]:
        return highlights_of(server.state(params.text_document.uri), params.position)

    @server.feature(t.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: t.PrepareRenameParams) -> t.Range | None:
        return renamable_at(server.state(params.text_document.uri), params.position)

    @server.feature(t.TEXT_DOCUMENT_RENAME, t.RenameOptions(prepare_provider=True))
    def rename_symbol(params: t.RenameParams) -> t.WorkspaceEdit | None:
        try:
            return rename(server.state(params.text_document.uri), params.position, params.new_name)
        except RenameError as error:
            raise JsonRpcInvalidParams(message=str(error)) from None


def _changing(server: Server) -> None:
    @server.feature(t.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: t.DocumentFormattingParams) -> list[t.TextEdit]:
        return format_edits(server.state(params.text_document.uri))

    @server.feature(t.TEXT_DOCUMENT_RANGE_FORMATTING)
    def range_formatting(params: t.DocumentRangeFormattingParams) -> list[t.TextEdit]:
        return format_edits(server.state(params.text_document.uri), params.range)

    kinds = t.CodeActionOptions(
        code_action_kinds=[
            t.CodeActionKind.QuickFix,
            t.CodeActionKind.RefactorExtract,
            t.CodeActionKind.RefactorInline,
            FIX_ALL,
        ]
    )

    @server.feature(t.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def code_action(params: t.CodeActionParams) -> list[t.CodeAction]:
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        return actions_in(server.state(params.text_document.uri), params.range, only)


def _takes_snippets(server: Server) -> bool:
    capabilities = server.client_capabilities.text_document
    completion = capabilities.completion if capabilities is not None else None
    item = completion.completion_item if completion is not None else None
    return bool(item is not None and item.snippet_support)
