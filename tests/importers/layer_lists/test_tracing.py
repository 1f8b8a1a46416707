"""What the layers of a list become, and how many there may be."""

import pytest

from cnncalc.errors import Source, Span, SpecError
from cnncalc.importers.layer_lists import tracing
from cnncalc.importers.layer_lists.tracing import INPUT, Tracing, pair
from cnncalc.symbolic import symbol

SPAN = Span(Source("x", "abc"), 1, 1)


def test_layers_have_names_and_shapes():
    trace = Tracing((3, 8, 8))
    first = trace.add(SPAN, "relu", {}, INPUT)
    assert trace.flat(SPAN, first) == "flatten2"
    assert trace.flat(SPAN, "flatten2") == "flatten2"
    assert (trace.shapes["flatten2"], trace.values(first)) == ((192,), 192)
    assert trace.whole("net", "flatten2", "A test.").outputs == {"output": "flatten2"}


def test_pairs():
    assert pair(3, 3) == 3
    assert pair(3, 5) == [3, 5]


def test_a_number_in_the_list_fixes_the_size():
    Tracing((3, 8, 8)).check(SPAN, "channels", 3, 3)
    with pytest.raises(SpecError, match="but C flow in") as raised:
        Tracing((3, 8, 8)).check(SPAN, "values", 3, symbol("C"))
    assert "give numbers" in str(raised.value)
    with pytest.raises(SpecError, match="it reads 4 channels, but 3 flow in"):
        Tracing((3, 8, 8)).check(SPAN, "channels", 4, 3)


def test_there_are_only_so_many_layers(monkeypatch):
    monkeypatch.setattr(tracing, "MOST_SCRIPT_LAYERS", 2)
    trace = Tracing((3, 8, 8))
    trace.add(SPAN, "relu", {}, trace.add(SPAN, "relu", {}, INPUT))
    with pytest.raises(SpecError, match="more than 2 layers"):
        trace.add(SPAN, "relu", {}, INPUT)
