"""Networks of other tools in an editor: shapes and faults at their places; nothing in files that are no networks."""

import json
import random

import pytest
import pytest_lsp
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from cnncalc.checks.levels import Choice
from cnncalc.checks.run import check_spec
from cnncalc.loading.door import import_network
from cnncalc.lsp.diagnostics import diagnostics_of
from cnncalc.lsp.hints import as_inlay, hints_above_fault, hints_of
from cnncalc.lsp.state import State
from cnncalc.lsp.text import Text

from ..examples import examples
from ..typing_edits import edited
from .test_server import COMMAND, GOOD, URI, at, changed, hints

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTOTXT = """\
name: "net"  # 𝔸
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 32 dim: 32 } } }
layer {
  name: "conv1"
  type: "Convolution"
  bottom: "data"
  top: "conv1"
  convolution_param { num_output: 8 kernel_size: 3 }
}
layer { name: "bn" type: "BatchNorm" bottom: "conv1" top: "conv1" }  # 😀
layer { name: "fc" type: "InnerProduct" bottom: "conv1" top: "fc" inner_product_param { num_output: 10 } }
"""
CFG = """\
# 😀
[net]
width=32
height=32
channels=3

[convolutional]
batch_normalize=1
filters=8
size=3
stride=2
pad=1
activation=leaky

[maxpool]
size=2
stride=2

[route]
layers=-2
"""
MODEL = {
    "class_name": "Sequential",
    "config": {
        "name": "😀",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 32, 32, 3], "name": "😀"}},
            {
                "class_name": "Conv2D",
                "config": {"name": "conv", "filters": 8, "kernel_size": [3, 3], "strides": [1, 1]},
            },
            {"class_name": "BatchNormalization", "config": {"name": "bn"}},
            {"class_name": "Flatten", "config": {"name": "flat"}},
            {"class_name": "Dense", "config": {"name": "fc", "units": 10}},
        ],
    },
}
JSON = json.dumps(MODEL, ensure_ascii=False)
YAML = """\
nc: 4
backbone:
  - [-1, 1, Conv, [16, 3, 2]]  # 😀
  - [-1, 2, C2f, [16, True]]
head:
  - [-1, 1, Classify, [nc]]
"""
# file → language, text, the characters behind which hints stand with their shapes, and text with a fault at a mark
FILES = {
    "net.prototxt": (
        "plaintext",
        PROTOTXT,
        ["3×32×32", "8×30×30", "8×30×30", "10"],
        ('"Convolution"', '"Convolutoin"', "layer {\n"),
    ),
    "net.cfg": ("properties", CFG, ["3×32×32", "8×16×16", "8×8×8", "8×16×16"], ("maxpool", "maxpol", "[maxpol")),
    "model.json": (
        "json",
        JSON,
        ["3×32×32", "8×30×30", "8×30×30", "7200", "10"],
        ('"filters": 8', '"filters": 0', "0,"),
    ),
    "model.yaml": ("yaml", YAML, ["16×112×112", "16×112×112", "4"], ("-1, 2, C2f", "-9, 2, C2f", "-9, 2")),
}
OTHERS = {
    "setup.cfg": "[metadata]\nname = net\n",
    "host.cfg": "[network]\nwidth=3\n[convolve]\nsize=3\n",
    "half.cfg": "[net]\nwidth=416\n[convo",
    "package.json": '{"name": "net", "layers": {"input": 1}, "config": {"class_name": "Thing"}}',
    "solver.prototxt": 'net: "train.prototxt"\nbase_lr: 0.01\n',
    "labelmap.prototxt": "item { name: 'layer' id: 1 }\n",
    "compose.yaml": "services:\n  web: {image: nginx}\n",
}


@pytest_lsp.fixture(scope="module", config=ClientServerConfig(server_command=COMMAND))
async def client(lsp_client: LanguageClient):
    await lsp_client.initialize_session(t.InitializeParams(capabilities=client_capabilities("visual-studio-code")))
    yield
    await lsp_client.shutdown_session()


def open_file(client, path, language, text):
    client.text_document_did_open(t.DidOpenTextDocumentParams(t.TextDocumentItem(path.as_uri(), language, 1, text)))


async def diagnosed(client, uri):
    """The next diagnostics of a document."""
    client.diagnostics.pop(uri, None)
    while uri not in client.diagnostics:
        await client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return client.diagnostics[uri]


def in_units(text, position):
    """The characters of a line before a position."""
    line = text.split("\n")[position.line].encode("utf-16-le")
    return line[: 2 * position.character].decode("utf-16-le")


@pytest.mark.parametrize("name", FILES)
async def test_shapes_stand_at_the_layers_and_findings_are_those_of_check(client, tmp_path, name):
    language, text, shapes, _ = FILES[name]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    open_file(client, path, language, text)
    shown = await hints(client, text, path.as_uri())
    assert [hint.label.removeprefix("→ ") for hint in shown] == shapes
    lines = text.split("\n")
    for hint in shown:
        before = in_units(text, hint.position)
        assert before.endswith('"') if name == "model.json" else before == lines[hint.position.line]
    found = await diagnosed(client, path.as_uri())
    warned = []
    if name != "model.yaml":
        expected = check_spec(import_network(path, flat=True, warn=warned.append), Choice()).findings
        assert [each.code for each in found] == [each.rule for each in expected] + [None] * len(warned)
    rules = {"net.prototxt": "bias-before-norm", "model.json": "bias-before-norm"}
    for each in found:
        line = lines[each.range.start.line]
        if each.code == rules.get(name):
            named = in_units(text, each.range.end)
            assert named.endswith('"Conv2D"' if name == "model.json" else "layer")
            assert named in line
            assert "fix" not in each.message
    assert rules.get(name) in [None, *(each.code for each in found)]


@pytest.mark.parametrize("name", FILES)
async def test_a_fault_stands_at_its_place_and_what_follows_has_no_hint(client, tmp_path, name):
    language, text, shapes, (right, wrong, mark) = FILES[name]
    uri = (tmp_path / name).as_uri()
    open_file(client, tmp_path / name, language, text)
    assert len(await hints(client, text, uri)) == len(shapes)
    broken = text.replace(right, wrong)
    changed(client, broken, 2, uri)
    while (fault := (await diagnosed(client, uri))[0]).severity != t.DiagnosticSeverity.Error:
        pass  # those of the text before
    place = at(broken, mark)
    before = in_units(broken, fault.range.start)
    assert (fault.range.start.line, len(before)) == (place.line, place.character)
    left = await hints(client, broken, uri)
    assert all(hint.position.line < fault.range.start.line for hint in left)
    assert bool(left) == (name != "model.json")
    changed(client, text, 3, uri)
    assert len(await hints(client, text, uri)) == len(shapes)


@pytest.mark.parametrize("name", FILES)
async def test_there_are_hints_and_diagnostics_and_nothing_else(client, tmp_path, name):
    language, text, *_ = FILES[name]
    open_file(client, tmp_path / name, language, text)
    document, place = t.TextDocumentIdentifier((tmp_path / name).as_uri()), t.Position(2, 8)
    whole = t.Range(t.Position(0, 0), t.Position(99, 0))
    assert not await client.text_document_hover_async(t.HoverParams(document, place))
    assert not await client.text_document_completion_async(t.CompletionParams(document, place))
    assert not await client.text_document_code_lens_async(t.CodeLensParams(document))
    assert not await client.text_document_document_symbol_async(t.DocumentSymbolParams(document))
    assert not await client.text_document_folding_range_async(t.FoldingRangeParams(document))
    options = t.FormattingOptions(tab_size=2, insert_spaces=True)
    assert not await client.text_document_formatting_async(t.DocumentFormattingParams(document, options))
    actions = t.CodeActionParams(document, whole, t.CodeActionContext([]))
    assert not await client.text_document_code_action_async(actions)


@pytest.mark.parametrize("name", OTHERS)
async def test_other_files_are_left_in_peace(client, tmp_path, name):
    uri, text = (tmp_path / name).as_uri(), OTHERS[name]
    open_file(client, tmp_path / name, "plaintext", text)
    assert not await hints(client, text, uri)
    assert not await diagnosed(client, uri)
    document = t.TextDocumentIdentifier(uri)
    for line in range(text.count("\n") + 1):
        assert not await client.text_document_completion_async(t.CompletionParams(document, t.Position(line, 2)))


async def test_a_document_without_a_name_is_known_by_its_language(client):
    for language, text in (("prototxt", PROTOTXT), ("ini", CFG), ("json", JSON), ("yaml", YAML)):
        item = t.TextDocumentItem(f"untitled:{language}", language, 1, text)
        client.text_document_did_open(t.DidOpenTextDocumentParams(item))
        assert await hints(client, text, f"untitled:{language}")


async def test_what_the_importer_notes_stands_at_its_line(client, tmp_path):
    uri, text = (tmp_path / "net.cfg").as_uri(), CFG.replace("stride=2\npad", "strides=2\npad")
    open_file(client, tmp_path / "net.cfg", "cfg", text)
    note = (await diagnosed(client, uri))[-1]
    assert "did you mean 'stride'" in note.message
    assert note.range.start.line == text.split("\n").index("strides=2")


@pytest.mark.parametrize("name", FILES)
async def test_random_edits_never_stop_the_server(client, tmp_path, name):
    """`CNNCALC_EXAMPLES=4` makes 200 of each."""
    rng = random.Random(name)
    language, start, *_ = FILES[name]
    uri, text = (tmp_path / name).as_uri(), start
    open_file(client, tmp_path / name, language, text)
    for version in range(2, 2 + examples(50)):
        text = edited(rng, start if rng.random() < 0.3 else text)
        changed(client, text, version, uri)
        await hints(client, text, uri)
    changed(client, start, 2 + examples(50), uri)
    assert await hints(client, start, uri)


@pytest.mark.parametrize("name", [*FILES, "spec.yaml"])
async def test_random_edits_leave_no_stale_hint(name):
    """After every edit hints are those of a fresh look, or those above the first line that has changed since."""
    rng = random.Random(name)
    start = text = FILES[name][1] if name in FILES else GOOD
    last, good = [], Text("")
    for _ in range(examples(200)):
        text = edited(rng, start if rng.random() < 0.3 else text)
        state = State(f"file:///{name}", f"/{name}", Text(text), {})
        diagnostics_of(state)
        if state.report is not None:
            last, good = hints_of(state), state.text
            continue
        lines, before = text.splitlines(), good.text.splitlines()
        for hint in hints_above_fault(state, last, good):
            assert hint in last
            assert lines[: hint.line + 1] == before[: hint.line + 1]
            as_inlay(state, hint)


async def test_a_line_that_changes_above_a_fault_takes_the_hints_below_it_along():
    good = State(URI, "net.yaml", Text(GOOD), {})
    known = hints_of(good)

    def left(text):
        return [hint.line for hint in hints_above_fault(State(URI, "net.yaml", Text(text), {}), known, good.text)]

    lines = GOOD.split("\n")
    fault = lines.index("  - maxpool: 3")
    broken = GOOD.replace("- maxpool: 3", "- maxpoool: 3")
    assert left(broken) == [hint.line for hint in known if hint.line < fault]
    assert left(broken.replace("3x32x32", "3x64x64")) == []  # every shape below has changed
    call = lines.index("  - unit: {channels: 2 * width, stride: 2}")
    first = lines.index("  - unit: width")
    assert left(broken.replace("2 * width", "4 * width")) == [first]  # the block's own lines depend on its calls
    assert first < call
