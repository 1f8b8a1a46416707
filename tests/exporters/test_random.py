"""Random graphs, exported and held against the networks built from them."""

import warnings

import pytest

import cnncalc
from cnncalc.errors import SpecError

from ..examples import examples
from ..pytorch.random_specs import Sketch
from .agreement import check_numbers, check_shapes, formatted, to_source

COUNT = examples(400)
PARTS = 10


def graphs(part, parts=PARTS):
    """Graphs of valid random specs."""
    for index in range(part, COUNT, parts):
        for attempt in range(50):
            text = Sketch(f"export {index} {attempt}").text()
            try:
                yield index, text, cnncalc.parse(text).graph()
            except SpecError:
                continue
            break


@pytest.mark.parametrize("part", range(PARTS))
def test_agrees_and_is_as_a_formatter_leaves_it(part, tmp_path):
    files = []
    for index, text, graph in graphs(part):
        try:
            source = to_source(graph)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check_shapes(graph, source)
                check_numbers(graph, source)
        except BaseException:
            print(text)
            raise
        files.append(tmp_path / f"n{index}.py")
        files[-1].write_text(source, encoding="utf-8", newline="\n")
    pytest.importorskip("ruff")
    assert formatted(files) == ""
