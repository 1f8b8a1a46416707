"""The page in a real browser: it opens, computes the figures of `summary`, and answers to mouse and keyboard."""

import os
import random

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.cli.serving import PageServer
from cnncalc.page.html import page_text

FEW = ("googlenet", "fpn", "lstm_classifier", "r3d_18", "mobilevit")
ALL = os.environ.get("CNNCALC_ZOO") == "1"
FIGURES = """(() => {
  const number = (form) => form === null ? null : String(store.value(form));
  return {
    layers: store.layers.map(({ name, output, params, macs, flops, bytes, windows }) => [
      name, store.sizes(output).map(String), number(params), number(macs), number(flops), number(bytes),
      windows.map(({ leftover }) => number(leftover))]),
    totals: ["params", "macs", "flops"].map((key) => number(store.document.totals[key])),
  };
})()"""


def figures_of(report):
    """What FIGURES asks the page for, from the report."""

    def number(value):
        return None if value is None else str(value)

    activations = {each.name: each.bytes for each in report.memory().activations}
    return {
        "layers": [
            [
                layer.name,
                list(map(str, layer.output)),
                None if layer.parameters.at_least else number(layer.params),
                number(layer.macs),
                number(layer.flops),
                number(activations[layer.name]),
                list(map(str, layer.fit.leftover)) if layer.fit else [],
            ]
            for layer in report.layers
        ],
        "totals": list(map(str, (report.params, report.macs, report.flops))),
    }


def variants():
    for name in shipped.names():
        yield name
        if ALL:
            yield from (f"{name}@{variant}" for variant in cnncalc.load(name).variants)


@pytest.mark.parametrize("name", list(variants()) if ALL else FEW)
def test_opens_with_the_figures_of_the_report(open_page, name):
    page = open_page(name)
    report = cnncalc.load(name).analyze()
    assert page.ask(FIGURES) == figures_of(report)
    assert page.tab.locator("[data-figure=peak]").get_attribute("title") == f"{report.memory().peak.bytes:,} bytes"
    assert page.tab.locator("[data-figure=params]").inner_text().endswith(f"{report.params:,}")
    assert page.tab.locator("[data-box]").count() > 1
    page.tab.keyboard.press("Tab")
    assert page.complaints == []


@pytest.mark.parametrize("name", shipped.names() if ALL else ("alexnet", "unet", "resnet@18"))
def test_figures_follow_the_sizes(open_page, name):
    """At random sizes and parameters; where Python refuses the sizes, so does the page."""
    spec = cnncalc.load(name)
    page = open_page(spec)
    source = random.Random(name)
    symbols = page.ask("store.symbols")
    assert symbols
    ((label, shape),) = spec.inputs().items() if len(spec.inputs()) == 1 else pytest.skip("several inputs")
    for _ in range(100 if ALL else 4):
        point = {each["name"]: max(1, int(each["value"] * source.uniform(0.4, 2))) for each in symbols}
        params = {each["name"]: point[each["name"]] for each in symbols if each["of"] == "param"}
        sizes = [point[each["name"]] for each in symbols if each["of"] == "size"]
        sizes = sizes * (len(shape) - 1) if len(sizes) == 1 else sizes
        page.ask(f"store.move({point!r})")
        try:
            report = spec.analyze({label: (shape[0], *sizes)}, params)
        except cnncalc.CnncalcError:
            assert page.ask("store.refused.length"), point
            continue
        assert page.ask("store.refused") == [], point
        assert page.ask(FIGURES) == figures_of(report), point
    assert page.complaints == []


def test_dragging_alexnet_from_227_to_224_lights_conv1(open_page):
    page = open_page("alexnet")
    assert page.text(".verdict").startswith("No pixel is dropped")
    assert page.tab.locator(".edge.warned").count() == 0
    slider = page.tab.locator(".ruler input")
    box = slider.bounding_box()
    low, high = (int(slider.get_attribute(end)) for end in ("min", "max"))

    def place(size):
        return box["x"] + 8 + (box["width"] - 16) * (size - low) / (high - low), box["y"] + box["height"] / 2

    page.tab.mouse.move(*place(227))
    page.tab.mouse.down()
    page.tab.mouse.move(*place(224), steps=4)
    page.tab.mouse.up()
    while (size := int(page.ask("String(store.point.get('H'))"))) != 224:  # a pixel of the mouse is no whole size
        page.tab.keyboard.press("ArrowRight" if size < 224 else "ArrowLeft")
    assert page.ask("String(store.point.get('W'))") == "224"
    conv1 = page.tab.locator(".node[data-name=conv1]")
    assert conv1.locator(".warning").text_content() == "▲ 1 row, 1 column unread"
    assert page.tab.locator(".edge.warned").count() == 4
    assert "54.25, rounded down: 1 row of pixels unread" in page.text(".view-layer")
    assert "▲ 4 layers drop pixels" in page.text(".verdict")
    assert "96 · 3 · 11 · 11 = 34,848" in page.text(".view-layer")
    page.click("[data-jump='227']")
    assert page.text(".verdict").startswith("No pixel is dropped")
    assert page.tab.locator(".edge.warned").count() == 0
    page.ask("store.select(store.byName.get('linear3').id)")
    assert page.text(".layer-head .note") == "the output of the network"
    page.tab.locator("input[data-symbol=H]").fill("60")
    assert "refuses this size" in page.text(".verdict")
    assert page.complaints == []


def test_sizes_move_apart(open_page):
    page = open_page("lenet5")
    page.click(".link-sizes")
    page.tab.locator("input[data-symbol=W]").fill("40")
    assert page.ask("[...store.point].map(([name, value]) => `${name}${value}`)") == ["H32", "W40"]
    page.tab.locator("input[data-symbol=batch]").fill("8")
    report = cnncalc.load("lenet5").analyze((1, 32, 40))
    expected = f"{report.memory(8).peak.bytes:,} bytes"
    assert page.tab.locator("[data-figure=peak]").get_attribute("title") == expected


def test_blocks_open_and_fold(open_page):
    page = open_page("googlenet")
    folded = page.tab.locator(".node").count()
    page.click(".node[data-name=inception3a]")
    opened = page.tab.locator(".node").count()
    assert opened > folded
    page.click(".frame[data-group=inception3a] text")
    assert page.tab.locator(".node").count() == folded
    page.tab.locator(".canvas").focus()
    page.tab.keyboard.press("e")
    assert page.tab.locator(".node").count() > 4 * folded
    page.tab.keyboard.press("f")
    page.tab.keyboard.press("ArrowDown")
    assert page.tab.locator(".node.chosen .name").text_content() == "maxpool1"
    find = page.tab.get_by_placeholder("find a layer")
    find.fill("inception4c.branch2.unit2")
    find.press("Enter")
    assert page.text(".view-layer h2") == "inception4c.branch2.unit2.conv1"
    assert page.complaints == []


def test_repeated_blocks_are_one_box(open_page):
    page = open_page("resnet@50")
    for run, words in {"layer2.1…3": "× 3, 30 layers", "layer3.1…5": "× 5, 50 layers"}.items():
        assert page.tab.locator(f".node[data-name='{run}'] .words").text_content() == words


def test_rows_on_a_narrow_screen_without_overflow(open_page):
    page = open_page("resnet@50", 390, 844)
    assert page.tab.locator("svg.rows").count() == 1
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.complaints == []


def test_table_sorts_filters_and_copies(open_page):
    page = open_page("alexnet")
    page.click("th[data-column=params] button")
    assert page.tab.locator(".view-table tbody tr").first.locator("td").nth(1).inner_text() == "linear1"
    page.tab.get_by_placeholder("filter", exact=True).fill("maxpool")
    assert page.tab.locator(".view-table tbody tr").count() == 3
    csv = page.tab.evaluate("document.querySelector('.view-table').csv()").splitlines()
    assert csv[0].startswith("#,layer,what it is,from,output,fit,parameters,MACs")
    assert len(csv) == 4
    markdown = page.tab.evaluate("document.querySelector('.view-table').markdown()").splitlines()
    assert markdown[1].startswith("| ---: | --- |")
    page.tab.locator(".view-table tbody tr").first.click()
    assert "maxpool" in page.text(".view-layer h2")


OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll(".node .box")].map((box) => box.getBBox());
  const pairs = boxes.flatMap((a, i) => boxes.slice(i + 1).map((b) => [a, b]));
  return [boxes.length, pairs.filter(([a, b]) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height
    && b.y < a.y + a.height).length];
}"""


@pytest.mark.parametrize("name", ["googlenet", "unet", "fpn", "densenet", "efficientnet"])
def test_boxes_of_the_map_stand_apart(open_page, name):
    page = open_page(name)
    page.click("button[data-name=map]")
    page.click("button[title='Open every block (E)']")
    count, overlaps = page.tab.evaluate(OVERLAPS)
    assert count > 20
    assert overlaps == 0
    assert page.complaints == []


def test_a_reload_finds_what_was_chosen(open_page):
    page = open_page("resnet@18")
    page.tab.locator("input[data-symbol=H]").fill("200")
    page.tab.locator(".canvas").focus()
    page.tab.keyboard.press("e")
    count = page.tab.locator(".node").count()
    page.click(".node[data-name='layer3.0.conv2']")
    page.tab.wait_for_timeout(400)
    assert "layer3.0.conv2" in page.tab.url
    page.tab.reload()
    assert page.text(".view-layer h2") == "layer3.0.conv2"
    assert page.tab.locator(".node").count() == count
    assert page.ask("String(store.point.get('W'))") == "200"
    assert page.complaints == []


def test_a_served_page_follows_the_spec(chromium):
    server = PageServer(0)
    server.show(page_text(cnncalc.load("lenet5").view().document, live=True))
    tab = chromium.new_page()
    tab.goto(server.address)
    assert tab.locator("h1").inner_text() == "LeNet-5"
    tab.wait_for_timeout(200)
    server.show(page_text(cnncalc.load("alexnet").view().document, live=True))
    tab.locator("h1", has_text="AlexNet").wait_for()
    tab.close()
    server.close()


def test_a_long_table_is_shown_in_part(open_page):
    page = open_page("densenet")
    assert len(cnncalc.load("densenet").analyze().layers) == 427
    rows = page.tab.locator(".view-table tbody tr")
    page.tab.locator(".view-table .link", has_text="show all").click()
    assert rows.count() == 427
    assert page.complaints == []


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  return [...document.querySelectorAll(".node")].map((node) => {
    const [a, b] = [".box", ".name"].map((part) => light(getComputedStyle(node.querySelector(part)).fill));
    return Math.max(a, b) / Math.min(a, b);
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_stand_out_from_their_boxes(open_page, scheme):
    """The contrast that WCAG 2 asks of text, AA."""
    page = open_page("googlenet", color_scheme=scheme)
    contrasts = page.tab.evaluate(CONTRASTS)
    assert len(contrasts) > 15
    assert min(contrasts) >= 4.5


def test_fences_are_as_high_as_their_fraction(open_page):
    page = open_page("resnet@50")
    page.ask("store.select(store.layers[0].id)")
    box = {name: page.tab.locator(name).first.bounding_box() for name in (".key", ".math .floor", ".math mfrac")}
    fence, fraction, above = box[".math .floor"], box[".math mfrac"], box[".key"]
    assert fence["height"] >= fraction["height"] > 30
    assert fence["y"] >= above["y"] + above["height"] + 4
