"""DOT, as Graphviz reads it."""

import shutil
import subprocess

import pytest

import cnncalc
from cnncalc.render.pictures import picture_text
from cnncalc.render.pictures.dot import dot_text
from cnncalc.render.pictures.drawing import Box, Drawing, Edge, drawing_of

DOT = shutil.which("dot")


def test_boxes_and_edges():
    text = picture_text(cnncalc.load("alexnet").analyze(), "dot")
    assert text.startswith('digraph "AlexNet" {\n')
    assert '  n1 [label="conv1\\nconv 11×11, 96, stride 4 · relu · lrn" shape=box];' in text
    assert '  n0 -> n1 [label=" 3×227×227"];' in text


@pytest.mark.skipif(DOT is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("name", ["alexnet", "fpn", "unet", "vit"])
def test_graphviz_draws_every_box(name):
    report = cnncalc.load(name).analyze()
    drawing = drawing_of(report)
    done = subprocess.run([DOT, "-Tplain"], input=dot_text(drawing), capture_output=True, text=True, check=True)
    assert not done.stderr
    lines = done.stdout.splitlines()
    assert sum(line.startswith("node ") for line in lines) == len(drawing.boxes) + len(drawing.outputs)
    assert sum(line.startswith("edge ") for line in lines) == len(drawing.edges) + len(drawing.outputs)


def test_quotes_and_backslashes():
    drawing = Drawing('a"b\\', (Box("input", "", "input"), Box('x"];y', "w\\", "layer")), (Edge(0, 1, "3"),), ())
    text = dot_text(drawing)
    assert text.startswith('digraph "a\\"b\\\\" {')
    assert '[label="x\\"];y\\nw\\\\" shape=box]' in text
