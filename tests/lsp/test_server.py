"""The server as an editor uses it: a client of the protocol, over standard input and output."""

import random
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

import cnncalc
from cnncalc import shipped
from cnncalc.checks.levels import Choice
from cnncalc.checks.run import check_source
from cnncalc.errors import Source
from cnncalc.lsp.server import make_server
from cnncalc.quantities.sizes import shape_text
from cnncalc.writer import format_text

from ..examples import examples

COMMAND = [sys.executable, "-m", "cnncalc", "lsp"]
URI = "file:///tmp/net.yaml"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_lsp.fixture(scope="module", config=ClientServerConfig(server_command=COMMAND))
async def client(lsp_client: LanguageClient):
    await lsp_client.initialize_session(t.InitializeParams(capabilities=client_capabilities("visual-studio-code")))
    yield
    await lsp_client.shutdown_session()


def opened(client, text, uri=URI):
    client.text_document_did_open(t.DidOpenTextDocumentParams(t.TextDocumentItem(uri, "yaml", 1, text)))


def changed(client, text, version, uri=URI):
    document = t.VersionedTextDocumentIdentifier(version=version, uri=uri)
    change = t.TextDocumentContentChangeWholeDocument(text)
    client.text_document_did_change(t.DidChangeTextDocumentParams(document, [change]))


async def diagnosed(client, count):
    """Wait until the diagnostics of the document have this number."""
    for _ in range(20):
        if len(client.diagnostics.get(URI, ())) == count:
            return client.diagnostics[URI]
        await client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    raise AssertionError(client.diagnostics)


async def hints(client, text, uri=URI):
    whole = t.Range(t.Position(0, 0), t.Position(text.count("\n") + 1, 0))
    return await client.text_document_inlay_hint_async(t.InlayHintParams(t.TextDocumentIdentifier(uri), whole))


def at(text, mark):
    """The position of the first occurrence of a mark."""
    before = text[: text.index(mark)]
    return t.Position(before.count("\n"), len(before.rpartition("\n")[2]))


NET = """\
name: net
source: "arXiv:1512.03385"
input: 3x32x32
params: {width: 16}
blocks:
  unit(channels, stride=1):
    - conv: {out_channels: channels, kernel_size: 3, stride: stride, padding: 1}
    - batchnorm
    - relu
layers:
  - unit: width
    name: first
  - unit: {channels: 2 * width, stride: 2}
    repeat: 2
  - maxpool: 3
  - concat: maxpool1
    from: maxpool1
  - global_avgpool
  - flatten
  - linear: 10
"""
GOOD = NET.replace("  - concat: maxpool1\n    from: maxpool1\n", "")


async def test_hints_are_the_shapes_of_every_shipped_network(client):
    for name in shipped.names():
        text = Path(shipped.path_of(name)).read_text("utf-8")
        uri = f"file:///tmp/{name}.yaml"
        opened(client, text, uri)
        shown = {hint.position.line + 1: hint.label for hint in await hints(client, text, uri)}
        report = cnncalc.load(name).analyze()
        lines: dict[int, list[str]] = {}
        for layer in report.layers:
            lines.setdefault(layer.node.span.line, []).append(shape_text(layer.output))
        for line, shapes in lines.items():
            label = shown[line].removeprefix("→ ")
            first, last = label.partition(" … ")[0], label.rpartition(" … ")[2]
            assert label.endswith("…") or (first == shapes[0] and last in shapes)
        client.text_document_did_close(t.DidCloseTextDocumentParams(t.TextDocumentIdentifier(uri)))


async def test_diagnostics_are_those_of_check(client):
    opened(client, NET)
    expected = check_source(Source("net", NET), Choice()).findings
    shown = await diagnosed(client, len(expected))
    assert [(d.code, d.range.start.line + 1) for d in shown] == [(f.rule, f.span.line) for f in expected]
    assert shown[0].severity == t.DiagnosticSeverity.Error
    changed(client, GOOD, 2)
    expected = check_source(Source("net", GOOD), Choice()).findings
    assert [d.code for d in await diagnosed(client, len(expected))] == [f.rule for f in expected]


async def test_other_files_are_left_in_peace(client):
    text = "services:\n  web: {image: nginx}\n"
    opened(client, text)
    assert not await hints(client, text)
    assert not await diagnosed(client, 0)


async def test_a_broken_document_keeps_the_hints_above_its_fault(client):
    opened(client, GOOD)
    before = {hint.position.line: hint.label for hint in await hints(client, GOOD)}
    broken = GOOD.replace("  - maxpool: 3", "  - maxpoool: 3")
    changed(client, broken, 2)
    after = {hint.position.line: hint.label for hint in await hints(client, broken)}
    fault = broken.split("\n").index("  - maxpoool: 3")
    assert after == {line: label for line, label in before.items() if line < fault}
    assert after


async def test_hover_has_the_arithmetic_the_documentation_and_values(client):
    opened(client, GOOD)
    document = t.TextDocumentIdentifier(URI)

    async def hovered(mark, shift=1):
        place = at(GOOD, mark)
        found = await client.text_document_hover_async(
            t.HoverParams(document, t.Position(place.line, place.character + shift))
        )
        return found.contents.value if found else ""

    assert "### maxpool1" in await hovered("maxpool: 3")
    assert "kernel_size" in await hovered("maxpool: 3")
    assert "`width` = `16`" in await hovered("width: 16")
    assert "- `first`: `16`\n- `unit2`: `32`" in await hovered("channels, kernel_size")
    assert not await hovered("1512")


async def test_completion_knows_what_may_stand_where(client):
    async def labels(text, mark="|"):
        place = at(text, mark)
        opened(client, text.replace(mark, ""))
        found = await client.text_document_completion_async(t.CompletionParams(t.TextDocumentIdentifier(URI), place))
        client.text_document_did_close(t.DidCloseTextDocumentParams(t.TextDocumentIdentifier(URI)))
        return {item.label: item for item in found or ()}

    base = "input: 3x8x8\nparams: {width: 8}\nlayers:\n  - relu:\n    name: first\n"
    items = await labels(f"{base}  - co|\n")
    assert {"conv", "concat", "residual"} <= items.keys()
    assert items["conv"].insert_text.startswith("conv: {out_channels: ")
    assert (await labels(f"{base}  - Conv2d|\n"))["Conv2d"].insert_text == "conv"
    assert {"out_channels", "stride"} <= (await labels(f"{base}  - conv: {{kernel_size: 3, |}}\n")).keys()
    assert "kernel_size" not in await labels(f"{base}  - conv: {{kernel_size: 3, |}}\n")
    assert {"width", "in_channels"} <= (await labels(f"{base}  - conv: {{out_channels: |, kernel_size: 3}}\n")).keys()
    assert {"zeros", "reflect"} <= (await labels(f"{base}  - conv: {{padding_mode: |}}\n")).keys()
    assert {"first", "input"} <= (await labels(f"{base}  - add: |\n")).keys()
    assert {"from", "repeat"} <= (await labels(f"{base}  - relu:\n    |\n")).keys()
    assert {"variants", "expect"} <= (await labels(f"{base}|")).keys()
    assert not await labels(f"{base}  # co|\n")


async def test_names_blocks_and_parameters_are_renamed_in_all_uses(client):
    document = t.TextDocumentIdentifier(URI)
    text = GOOD + "outputs: {out: linear1, early: first.relu1}\n"
    for mark, new, expected in (
        ("unit(channels", "block_a", text.replace("unit", "block_a")),
        (
            "channels, stride",
            "width_out",
            text.replace("out_channels: channels", "out_channels: width_out")
            .replace("unit(channels", "unit(width_out")
            .replace("{channels:", "{width_out:"),
        ),
        ("width: 16", "w", text.replace("width", "w")),
        ("first\n", "stem", text.replace("first", "stem")),
    ):
        opened(client, text)
        params = t.RenameParams(document, at(text, mark), new)
        edit = await client.text_document_rename_async(params)
        renamed = applied(text, edit.changes[URI])
        assert renamed == expected, mark
        assert cnncalc.parse(renamed).analyze().params == cnncalc.parse(text).analyze().params
        client.text_document_did_close(t.DidCloseTextDocumentParams(document))


async def test_a_name_that_is_taken_is_refused(client):
    opened(client, GOOD)
    with pytest.raises(Exception, match="already the name"):
        await client.text_document_rename_async(
            t.RenameParams(t.TextDocumentIdentifier(URI), at(GOOD, "channels, stride"), "stride")
        )


async def test_every_fix_gives_a_spec_that_check_accepts(client):
    document = t.TextDocumentIdentifier(URI)
    text = "input: 3x8x8\nlayers:\n  - conv: {out_channels: 8, kernel_size: 3}\n  - batchnorm\n  - rellu\n"
    opened(client, text)
    whole = t.Range(t.Position(0, 0), t.Position(9, 0))
    for _ in range(4):
        found = await client.text_document_code_action_async(
            t.CodeActionParams(document, whole, t.CodeActionContext([]))
        )
        preferred = [action for action in found if action.is_preferred]
        if not preferred:
            break
        text = applied(text, preferred[0].edit.changes[URI])
        changed(client, text, 2)
    assert "relu\n" in text
    assert "bias: false" in text
    assert not check_source(Source("net", text), Choice()).count("error")


async def test_a_comment_silences_a_rule(client):
    text = "input: 3x8x8\nlayers:\n  - conv: {out_channels: 8, kernel_size: 3}\n  - batchnorm\n"
    opened(client, text)
    whole = t.Range(t.Position(0, 0), t.Position(9, 0))
    found = await client.text_document_code_action_async(
        t.CodeActionParams(t.TextDocumentIdentifier(URI), whole, t.CodeActionContext([]))
    )
    silence = next(action for action in found if action.title.startswith("Silence"))
    silenced = applied(text, silence.edit.changes[URI])
    assert "# cnncalc: ignore[bias-before-norm]" in silenced
    assert not check_source(Source("net", silenced), Choice()).findings


async def test_outline_folds_links_lenses_and_formatting(client):
    opened(client, GOOD)
    document = t.TextDocumentIdentifier(URI)
    outline = await client.text_document_document_symbol_async(t.DocumentSymbolParams(document))
    assert [symbol.name for symbol in outline] == ["name", "source", "input", "params", "blocks", "layers"]
    assert [symbol.name for symbol in outline[-1].children][:2] == ["first", "unit"]
    folds = await client.text_document_folding_range_async(t.FoldingRangeParams(document))
    lines = GOOD.split("\n")
    assert (lines.index("blocks:"), lines.index("layers:") - 1) in {(f.start_line, f.end_line) for f in folds}
    links = await client.text_document_document_link_async(t.DocumentLinkParams(document))
    assert [link.target for link in links] == ["https://arxiv.org/abs/1512.03385"]
    lenses = await client.text_document_code_lens_async(t.CodeLensParams(document))
    assert "layers, " in lenses[0].command.title
    options = t.FormattingOptions(tab_size=2, insert_spaces=True)
    edits = await client.text_document_formatting_async(t.DocumentFormattingParams(document, options))
    assert applied(GOOD, edits or []) == format_text(Source("net", GOOD))


async def test_a_key_stroke_leaves_no_future_behind():
    server, uri = make_server(), URI
    server.protocol._request_futures["key stroke"] = finished = Future()
    server.protocol._request_futures["asked of the client"] = Future()
    finished.set_result(None)
    server.check_soon(uri)
    server._waiting[uri].cancel()
    assert list(server.protocol._request_futures) == ["asked of the client"]


PIECES = ["", "a", "{", "}", ":", "- ", "\n", "\t", "😀", "'", "\r\n", "&x", "*x", "#", "[", "1e99", "\u2028"]


async def test_random_edits_never_stop_the_server(client):
    """Hints and all other requests are answered after every edit; `CNNCALC_EXAMPLES=20` types 10,000."""
    rng = random.Random(3)
    texts = [Path(shipped.path_of(name)).read_text("utf-8") for name in ("resnet", "unet", "fpn", "wavenet")]
    opened(client, texts[0])
    document, version = t.TextDocumentIdentifier(URI), 1
    for _ in range(examples(50)):
        text = rng.choice(texts)
        for _ in range(10):
            place, cut = rng.randrange(len(text)), rng.randint(0, 4)
            text = text[:place] + rng.choice(PIECES) + text[place + cut :]
            version += 1
            changed(client, text, version)
            await hints(client, text)
        position = t.Position(rng.randrange(60), rng.randrange(30))
        await client.text_document_hover_async(t.HoverParams(document, position))
        await client.text_document_completion_async(t.CompletionParams(document, position))
        await client.text_document_signature_help_async(t.SignatureHelpParams(document, position))
        await client.text_document_definition_async(t.DefinitionParams(document, position))
        await client.text_document_document_symbol_async(t.DocumentSymbolParams(document))
        await client.text_document_folding_range_async(t.FoldingRangeParams(document))
        whole = t.Range(t.Position(0, 0), t.Position(999, 0))
        await client.text_document_code_action_async(t.CodeActionParams(document, whole, t.CodeActionContext([])))


def applied(text, edits):
    """A text with edits of the protocol, whose positions are those of ASCII texts here."""
    lines = [0]
    for line in text.split("\n"):
        lines.append(lines[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
        start = lines[edit.range.start.line] + edit.range.start.character
        end = lines[edit.range.end.line] + edit.range.end.character
        text = text[:start] + edit.new_text + text[min(end, len(text)) :]
    return text
