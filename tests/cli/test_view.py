"""`cnncalc view`: pictures."""

import pytest


def test_a_picture_is_written_to_a_file_or_to_standard_output(cnncalc, tmp_path):
    path = tmp_path / "net.svg"
    assert cnncalc("view", "resnet@18", "--format", "svg", "--depth", "1", "-o", str(path)).out == ""
    out = cnncalc("view", "resnet@18", "-f", "svg", "--depth", "1").out
    assert path.read_text("utf-8") == out
    assert out.startswith("<svg ")
    assert ">layer4<" in out


def test_symbolic_sizes_stand_on_the_edges(cnncalc):
    out = cnncalc("view", "alexnet", "-f", "mermaid", "--input", "3xHxW").out
    assert '  n0 -->|"3×H×W"| n1' in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["alexnet", "-f", "sgv"], "--format: expected one of html, svg, dot, mermaid, got 'sgv': did you mean 'svg'?"),
        (["alexnet", "--depth", "2", "-o", "net.html"], "--depth folds a picture (--format svg)"),
        (["alexnet", "resnet", "-f", "dot"], "--format dot writes one network to one file"),
    ],
)
def test_what_is_refused(cnncalc, arguments, message):
    done = cnncalc("view", *arguments)
    assert done.code == 2
    assert message in done.err
