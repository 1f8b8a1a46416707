"""SVG: well formed, black on white, text escaped."""

import xml.etree.ElementTree as ElementTree

import pytest

import cnncalc
from cnncalc.render.pictures import picture_text

SPACE = "{http://www.w3.org/2000/svg}"


def drawn(spec, depth=None):
    return ElementTree.fromstring(picture_text(spec.analyze(), "svg", depth))


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "fpn", "unet", "vit"])
def test_every_text_stands_within_the_picture(name):
    root = drawn(cnncalc.load(name))
    width, height = float(root.get("width")), float(root.get("height"))
    texts = root.findall(f"{SPACE}text")
    assert all(0 < float(text.get("x")) < width and 0 < float(text.get("y")) < height for text in texts)
    boxes = root.findall(f"{SPACE}rect[@class='b']")
    assert all(float(box.get("x")) >= 0 and float(box.get("x")) + float(box.get("width")) <= width for box in boxes)


def test_a_column_holds_it():
    """The text of a LaTeX article is 345 points wide."""
    assert float(drawn(cnncalc.load("googlenet")).get("width")) < 345
    assert float(drawn(cnncalc.load("alexnet")).get("width")) < 345


def test_hostile_text_is_text():
    spec = cnncalc.parse(
        'name: "</svg><script>&"\ninput: 3x9x9\nlayers:\n  - conv: {out_channels: 2, kernel_size: 3}\n    name: a-b\n'
    )
    root = drawn(spec)
    assert root.get("aria-label") == "</svg><script>&"
    assert not root.findall(f".//{SPACE}script")
