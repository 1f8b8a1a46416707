"""Hostile text in every field from which text reaches a page or a picture, in specs and in what is imported."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

import cnncalc
from cnncalc.page.page import ComparedPage
from cnncalc.page.union import Side
from cnncalc.render.pictures import picture_text

SIGNS = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> ]]> --> <!-- "
    "\u202egnp.exe\u2066 \"' onclick='alert(1) \u2028 ${document.title='owned'} `x` {{script}} \\1 \\N $$x$$ "
    "%%{init: {'theme': 'dark'}}%% &lt;b&gt; style: # end "
)
TEXT = SIGNS + "w" * 10_000  # where any text is allowed
KEY = SIGNS[:900] + "w" * 50  # YAML ends a key after 1,024 signs
WORD = "w" * 1000  # where a name has letters only
NET = "input: 3x9x9\nlayers:\n  - relu\n  - conv: {out_channels: 2, kernel_size: 3, stride: 4}\n"
CONV = "conv: {out_channels: 2, kernel_size: 3, stride: 4}"
OF_ANY_TEXT = {
    "name": "name: TEXT\n" + NET,
    "source": "source: TEXT\n" + NET,
    "task": "task: TEXT\n" + NET,
    "description": "description: TEXT\n" + NET,
}
OF_A_KEY = {
    "variant": NET + "params: {n: 2}\nvariants:\n  TEXT: {n: 3}\n",
    "output": NET + "outputs: {TEXT: relu1}\n",
}
OF_LETTERS = {
    "layer": f"input: 3x9x9\nlayers:\n  - {CONV}\n    name: TEXT\n  - relu\n",
    "sequence": f"input: 3x9x9\nlayers:\n  - sequence: [relu, {{{CONV}}}]\n    name: TEXT\n",
    "block": "input: 3x9x9\nblocks:\n  TEXT:\n    - relu\nlayers:\n  - TEXT\n  - maxpool: 2\n",
    "parameter": "input: 3x9x9\nparams: {TEXT: 2}\nlayers:\n  - conv: {out_channels: TEXT, kernel_size: 3}\n",
    "input": "input: {TEXT: 3x9x9, other: 3x9x9}\nlayers:\n  - concat:\n    from: [TEXT, other]\n  - maxpool: 2\n",
}


def parsed(template, text):
    return cnncalc.parse(template.replace("TEXT", text))


def quoted(text):
    """A text as a double-quoted scalar of YAML."""
    return json.dumps(text)


def of_file(tmp_path):
    """A spec without a name is called after its file."""
    path = tmp_path / f"{SIGNS.replace('/', '').replace('[', '')[:90]}.yaml"
    path.write_text(NET, "utf-8")
    return cnncalc.load(path)


def of_keras(tmp_path):
    layers = [
        {"class_name": "InputLayer", "config": {"name": TEXT, "batch_input_shape": [None, 9, 9, 3]}},
        {"class_name": "Conv2D", "config": {"name": TEXT + "2", "filters": 2, "kernel_size": [3, 3]}},
    ]
    return saved(
        tmp_path, "net.json", json.dumps({"class_name": "Sequential", "config": {"name": TEXT, "layers": layers}})
    )


def of_prototxt(tmp_path):
    text = json.dumps(TEXT)
    parameters = "convolution_param { num_output: 2 kernel_size: 3 }"
    layer = f"layer {{ name: {text} type: 'Convolution' bottom: 'a' top: {text} {parameters} }}"
    shape = "layer { name: 'a' type: 'Input' top: 'a' input_param { shape { dim: 1 dim: 3 dim: 9 dim: 9 } } }"
    return saved(tmp_path, "net.prototxt", f"name: {text}\n{shape}\n{layer}\n")


def of_cfg(tmp_path):
    line = TEXT.replace("\u2028", "")
    net = f"[net]\nwidth=9\nheight=9\nchannels=3\n# {line}\nnote={line}\n"
    return saved(tmp_path, "net.cfg", f"{net}[convolutional]\nfilters=2\nsize=3\nnote={line}\n")


def of_onnx(tmp_path):
    helper = pytest.importorskip("onnx.helper")
    from onnx import TensorProto

    node = helper.make_node("Conv", [TEXT, f"{TEXT}w"], [f"{TEXT}y"], name=f"{TEXT}n", domain="", doc_string=TEXT)
    weights = helper.make_tensor(f"{TEXT}w", TensorProto.FLOAT, (2, 3, 3, 3), [0.0] * 54)
    ends = [
        [helper.make_tensor_value_info(f"{TEXT}{end}", TensorProto.FLOAT, shape)]
        for end, shape in (("", (1, 3, 9, 9)), ("y", (1, 2, 7, 7)))
    ]
    model = helper.make_model(helper.make_graph([node], TEXT, *ends, [weights]), producer_name=TEXT, doc_string=TEXT)
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    return cnncalc.load(tmp_path / "net.onnx")


def saved(folder, name, text):
    (folder / name).write_text(text, "utf-8")
    return cnncalc.load(folder / name)


FIELDS = {
    **{key: lambda _, net=net: parsed(net, quoted(TEXT)) for key, net in OF_ANY_TEXT.items()},
    **{key: lambda _, net=net: parsed(net, quoted(KEY)) for key, net in OF_A_KEY.items()},
    **{key: lambda _, net=net: parsed(net, WORD) for key, net in OF_LETTERS.items()},
    "comment": lambda _: parsed("# TEXT\n" + NET, TEXT.replace("\u2028", "")),
    "file": of_file,
    "keras": of_keras,
    "prototxt": of_prototxt,
    "cfg": of_cfg,
    "onnx": of_onnx,
}


@pytest.fixture(params=FIELDS)
def spec(request, tmp_path):
    return FIELDS[request.param](tmp_path)


@pytest.mark.parametrize("field", OF_LETTERS)
def test_a_name_has_letters_only(field):
    with pytest.raises(cnncalc.CnncalcError):
        parsed(OF_LETTERS[field], quoted(SIGNS))


def assert_unharmed(page):
    """Nothing ran, was asked for or complained, and nothing is wider than the window."""
    assert page.tab.title() != "owned"
    assert page.tab.locator("script").count() == 2  # the document, and ours
    assert page.tab.locator("img").count() == 0
    for width in (1280, 390):
        page.tab.set_viewport_size({"width": width, "height": 900})
        for place in range(page.ask("store.tensors.length")):
            page.ask(f"store.select({place})")
        assert page.tab.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_no_text_becomes_markup(open_page, spec):
    page = open_page(spec)
    assert spec.graph().name in page.tab.locator("h1").text_content()
    assert_unharmed(page)


def test_a_revision_is_text(open_page):
    """What two networks are called: a revision of git, or a file."""
    spec, other = cnncalc.parse(NET), cnncalc.parse(NET.replace("stride: 4", "stride: 2"))
    page = ComparedPage(Side(spec.analyze(), spec, None, f"{TEXT}:net.yaml"), Side(other.analyze(), other, None, TEXT))
    assert_unharmed(open_page(page))


LABEL = re.compile(r'"[^"#&<>`\\%$:]*(?:(?:#\d+;|<br>)[^"#&<>`\\%$:]*)*"')


def test_pictures_hold(spec):
    """SVG is well formed, without scripts; DOT draws; a line of Mermaid is an edge or a box around one quoted label."""
    report = spec.analyze()
    root = ElementTree.fromstring(picture_text(report, "svg"))
    assert {each.tag.rpartition("}")[2] for each in root.iter()} <= {
        "svg",
        "style",
        "defs",
        "marker",
        "rect",
        "path",
        "text",
    }
    assert float(root.get("width")) < 1200
    for line in picture_text(report, "mermaid").splitlines()[2:-1]:
        assert re.fullmatch(r"  n\d+(\S* ?-->(\|L\|)? \w+)?([\[(]+L[\])]+)?", LABEL.sub("L", line)), line


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_draws_hostile_text(spec):
    done = subprocess.run(
        ["dot", "-Tsvg"], input=picture_text(spec.analyze(), "dot"), capture_output=True, text=True, check=True
    )
    assert not done.stderr
    ElementTree.fromstring(done.stdout)
