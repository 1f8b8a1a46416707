"""In a real browser: the window that slides, the field under the pointer, and the charts."""

import random
import re
import struct
import zlib

import pytest

import cnncalc
from cnncalc.render.views.footprint import runs_text

WINDOW, FIELD, CHARTS = ".view-window", ".view-field", ".view-charts"


def choose(page, layer):
    page.ask(f"store.select(store.byName.get({layer!r}).id)")


def expected_rows(rows):
    """What the caption says of the rows that are seen, per axis."""
    names = {1: ["position"], 2: ["row", "column"], 3: ["frame", "row", "column"]}[len(rows)]
    texts = [runs_text(each).replace(" (", ", ").replace(")", "") for each in rows]
    return " and ".join(
        f"{name}{'' if len(each) == 1 else 's'} {text}" for name, each, text in zip(names, rows, texts, strict=True)
    )


def point_at(page, position):
    fields = page.tab.locator(f"{FIELD} .coordinates input")
    for axis, row in enumerate(position):
        fields.nth(axis).fill(str(row))
    page.tab.wait_for_timeout(120)
    return page.text(f"{FIELD} .field-caption")


def test_the_picture_of_the_lecture(open_page):
    """7×7 input, 3×3 filter, stride 3 does not fit; stride 2 does."""
    page = open_page(cnncalc.parse("input: 1x7x7\nlayers:\n  - conv: {out_channels: 1, kernel_size: 3, stride: 3}"))
    assert "(N − F + 2P)/S + 1 = (7 − 3 + 2·0)/3 + 1 = 2.3333…, rounded down to 2" in page.text(WINDOW)
    assert "Output 1 of 0…1 reads rows 3…5 of 7; 1 row of pixels unread." in page.text(WINDOW)
    assert page.tab.locator(f"{WINDOW} rect.cell-unread").count() == 1
    assert page.tab.locator(f"{WINDOW} rect.cell-real").count() == 6
    assert page.tab.locator(f"{WINDOW} rect.tap").count() == 3
    page.ask("store.move({H: 9})")
    assert "= 3" in page.text(f"{WINDOW} .window-formula")
    assert page.tab.locator(f"{WINDOW} rect.cell-unread").count() == 0


def test_the_window_moves_by_keys_buttons_and_drags(open_page):
    page = open_page("alexnet")
    page.ask("store.move({H: 224, W: 224})")
    choose(page, "conv1")
    caption = f"{WINDOW} .window-caption"
    assert page.text(caption).startswith("Output 53 of 0…53 reads rows 212…222 of 224; 1 row of pixels unread")
    assert "54.25, rounded down to 54" in page.text(WINDOW)
    page.tab.locator(".window-stage").focus()
    page.tab.keyboard.press("Home")
    assert page.text(caption).startswith("Output 0 of 0…53 reads rows 0…10")
    page.tab.keyboard.press("ArrowRight")
    assert page.text(caption).startswith("Output 1 of 0…53 reads rows 4…14")
    page.click(f"{WINDOW} [aria-label='last position']")
    assert page.text(caption).startswith("Output 53 ")
    assert page.tab.locator(".window-stage").get_attribute("aria-valuenow") == "53"
    page.tab.locator(f"{FIELD} .field-caption", has_text="Position 53, 53 of conv1 reads rows 212…222").wait_for()
    page.tab.locator(f"{WINDOW} [role=radio]", has_text="both").click()
    assert "Output 53, 53 reads rows 212…222 of 224 and columns 212…222 of 224; 1 row and 1 column" in page.text(
        caption
    )
    page.tab.locator(".plane").click(position={"x": 4, "y": 4})
    assert page.text(caption).startswith("Output 0, 0 reads rows 0…10")
    page.click(f"{WINDOW} [aria-label='first position']")
    page.tab.locator(f"{WINDOW} button", has_text="play").click()
    page.tab.locator(caption, has_text=re.compile(r"Output 0, [1-9]")).wait_for()
    page.tab.locator(f"{WINDOW} button", has_text="pause").click()
    assert page.complaints == []


def test_dilation_and_a_transposed_window(open_page):
    spec = cnncalc.parse(
        "input: 1x9x9\nlayers:\n  - conv: {out_channels: 1, kernel_size: 3, padding: 2, dilation: 2}\n"
        "  - conv_transpose: {out_channels: 1, kernel_size: 4, stride: 2, padding: 1}\n  - relu\n"
    )
    page = open_page(spec)
    assert "(N − E + 2P)/S + 1 = (9 − (2·(3 − 1) + 1) + 2·2)/1 + 1 = 9" in page.text(WINDOW)
    assert "Output 1 of 0…8 reads rows 1, 3 of 9." in page.text(WINDOW)  # and one of padding
    assert page.tab.locator(f"{WINDOW} rect.tap").count() == 3
    choose(page, "conv_transpose1")
    assert "(N − 1)·S + F − 2P = (9 − 1)·2 + 4 − 2·1 = 18" in page.text(WINDOW)
    assert "Input 1 of 0…8 writes rows 1…4 of 18." in page.text(WINDOW)
    choose(page, "relu1")
    assert page.tab.locator(f"{WINDOW} *").count() == 0


@pytest.mark.parametrize(("name", "layers"), [("alexnet", ["conv5"]), ("unet", ["conv1"]), ("vit", ["patch1.conv1"])])
def test_the_field_shown_is_that_of_rf(open_page, name, layers):
    page, report, source = open_page(name), cnncalc.load(name).analyze(), random.Random(name)
    known = {layer.name: layer for layer in report.layers}
    for layer in layers if set(layers) <= known.keys() else [*known][5:9]:
        choose(page, layer)
        for _ in range(4):
            position = [source.randrange(size) for size in known[layer].output[1:]]
            seen = report.footprint(layer, position)["input"]
            caption = point_at(page, position)
            assert f" reads {expected_rows(seen.rows)} of input" in caption, (layer, position)
    assert page.complaints == []


def test_which_pixels_does_one_cell_of_conv5_see(open_page):
    page = open_page("alexnet")
    choose(page, "conv5")
    assert "Position 6, 6 of conv5 reads rows 32…194 and columns 32…194 of input: 163×163" in point_at(page, [6, 6])
    facts = page.text(f"{FIELD} .field-facts")
    assert facts.split() == [
        "size",
        "163×163",
        "effective",
        "stride",
        "16",
        "effective",
        "padding",
        "64",
        "paths",
        "aligned",
    ]
    page.tab.locator(f"{FIELD} .picture-image .frame").hover(position={"x": 1, "y": 1})
    page.tab.locator(f"{FIELD} .field-caption", has_text="is seen by").wait_for()
    assert page.text(f"{FIELD} .field-caption") == "Pixel 0, 0 of input is seen by rows 0…4 and columns 0…4 of conv5."
    page.tab.mouse.move(0, 0)
    page.tab.wait_for_function(
        f"document.querySelector('{FIELD} .field-caption').textContent.startsWith('Position 6, 6')"
    )


def test_what_a_student_asks(open_page):
    """Why 227 and not 224, and which pixels does a cell of conv5 see? With mouse and keys alone."""
    page = open_page("alexnet")
    page.tab.locator(".size-line input").first.fill("224")
    page.tab.keyboard.press("Enter")
    page.tab.locator(".node[data-name=conv1] .warning").wait_for()
    page.click(".node[data-name=conv1]")
    assert "54.25, rounded down: 1 row of pixels unread" in page.text(".view-layer")
    page.click("[data-jump='227']")
    assert "it fits: every row is read" in page.text(".view-layer")
    page.click(".node[data-name=conv5]")
    assert "163×163 of the input, in steps of 16" in page.text(".view-layer")
    cells = page.tab.locator(f"{FIELD} .picture-map .frame")
    cells.scroll_into_view_if_needed()
    box = cells.bounding_box()
    page.tab.mouse.move(box["x"] + box["width"] * 6.5 / 13, box["y"] + box["height"] * 4.5 / 13)
    page.tab.locator(f"{FIELD} .field-caption", has_text="Position 4, 6 of conv5 reads rows 0…162").wait_for()
    seen = cnncalc.load("alexnet").analyze().footprint("conv5", (4, 6))["input"]
    assert f"reads {expected_rows(seen.rows)} of input: 163×163" in page.text(f"{FIELD} .field-caption")
    assert page.complaints == []


def test_a_size_that_another_tensor_lends(open_page):
    """No closed form says what an upsampling to the size of another map sees: the page composes it in numbers."""
    page = open_page("fpn")
    choose(page, "upsample1")
    assert "427×427 of the input, in steps of 16" in page.text(".view-layer")
    facts = page.tab.locator(f"{FIELD} .field-facts dd").all_text_contents()
    assert facts == ["427×427", "16", "213", "aligned"]
    page.ask("store.move({H: 736, W: 736})")
    assert page.tab.locator(f"{FIELD} .field-facts dd").all_text_contents()[:2] == ["427×427", "16"]
    choose(page, "P6")
    assert "output P6" in page.text(".layer-head")
    assert page.complaints == []


def png(width, height):
    """A plain image."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xc0\x40\x20" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_an_image_of_the_reader_stays_in_the_page(open_page):
    page = open_page("alexnet")
    choose(page, "conv5")
    image = {"name": "x.png", "mimeType": "image/png", "buffer": png(40, 30)}
    page.tab.locator(f"{FIELD} input[type=file]").set_input_files(image)
    page.tab.wait_for_selector(f"{FIELD} .picture-image .frame.has-image")
    code = "[...document.querySelector('.picture-image .back').getContext('2d').getImageData(5, 5, 1, 1).data]"
    assert page.tab.evaluate(code) == [192, 64, 32, 255]
    page.tab.locator(f"{FIELD} button", has_text="no image").click()
    assert page.tab.locator(f"{FIELD} .has-image").count() == 0
    assert page.complaints == []


@pytest.mark.parametrize("run", ["inference", "training"])
def test_charts_name_the_peak_and_who_is_alive(open_page, run):
    page, memory = open_page("resnet@18"), cnncalc.load("resnet@18").analyze().memory()
    page.tab.locator(f"{CHARTS} [role=radio]", has_text=run).click()
    peak = memory.peak if run == "inference" else memory.training.peak
    backward = " backward" if peak.backward else ""
    page.ask("store.hover(null)")
    assert f"alive while {peak.node} runs{backward}, the peak" in page.text(f"{CHARTS} .alive")
    rows = page.tab.locator(f"{CHARTS} .alive li > :first-child").all_text_contents()
    largest = sorted((each for each in peak.alive if each.bytes), key=lambda each: -each.bytes)
    assert rows[:7] == [each.name for each in largest[:7]]


def test_charts_and_the_chosen_layer_are_linked(open_page):
    page = open_page("alexnet")
    bars = page.tab.locator(f"{CHARTS} .tracks svg").nth(1)
    bars.scroll_into_view_if_needed()
    box = bars.bounding_box()
    place = [layer.name for layer in cnncalc.load("alexnet").analyze().layers].index("conv2")
    page.tab.mouse.move(box["x"] + (place + 0.5) * box["width"] / 23, box["y"] + 20)
    assert page.text(f"{CHARTS} > .note").startswith("conv2, conv 5×5, 256, padding 2, groups 2: 307,456 parameters")
    page.tab.mouse.down()
    page.tab.mouse.up()
    assert page.ask("store.tensors[store.selected].name") == "conv2"


def test_nothing_is_wider_than_a_phone(open_page):
    page = open_page("r3d_18", 390, 844)
    for layer in ("stem.conv1", "linear1"):
        page.ask(f"store.select((store.byName.get({layer!r}) ?? store.layers[0]).id)")
        assert page.tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.complaints == []
