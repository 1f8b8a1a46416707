"""Mermaid: labels cannot end early or be markup."""

import cnncalc
from cnncalc.render.pictures import picture_text
from cnncalc.render.pictures.drawing import Box, Drawing, Edge
from cnncalc.render.pictures.mermaid import mermaid_text


def test_flowchart():
    lines = picture_text(cnncalc.load("alexnet").analyze(), "mermaid").splitlines()
    assert lines[1:4] == [
        "flowchart TD",
        '  n0(["input"])',
        '  n1["conv1<br>conv 11×11, 96, stride 4 · relu · lrn"]',
    ]
    assert '  n0 -->|"3×227×227"| n1' in lines


def test_hostile_labels():
    drawing = Drawing("", (Box("input", "", "input"), Box('a"]<b>', "c`", "block")), (Edge(0, 1, "3"),), ())
    assert '  n1[["a#34;]#60;b#62;<br>c#96;"]]' in mermaid_text(drawing)
