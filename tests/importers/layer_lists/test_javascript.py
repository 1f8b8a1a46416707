"""Objects with a type, wherever they are in a script; nothing of it is run."""

import pytest

from cnncalc.errors import Source, SpecError
from cnncalc.importers.layer_lists.javascript import definitions


def found(text: str) -> list[tuple[str, dict[str, object]]]:
    layers = definitions(Source("net.js", text))
    return [(layer.type, {key: option.value for key, option in layer.options.items()}) for layer in layers]


def test_objects_in_pushes_and_arrays():
    text = "defs.push({type:'conv', sx:5});\nvar more = [{ \"type\": \"pool\", sx: 2, },\n {type:'fc', num_neurons:-1}]"
    assert found(text) == [
        ("conv", {"type": "conv", "sx": 5}),
        ("pool", {"type": "pool", "sx": 2}),
        ("fc", {"type": "fc", "num_neurons": None}),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "function f() { return 1; }",
        "t = new Trainer(net, {method:'sgd', l2:0.1})",
        "{type: kind, sx: 1}",
        "{",
        "{a:{",
        "// {type:'fc'}",
    ],
)
def test_what_is_no_layer_is_passed_over(text):
    assert found(text) == []


def test_a_layer_in_a_function():
    assert found("function f() { defs.push({type:'relu'}); }") == [("relu", {"type": "relu"})]


def test_of_a_key_given_twice_the_last_counts():
    assert found("{type:'fc', n:1, n:2}") == [("fc", {"type": "fc", "n": 2})]


def test_values_that_are_computed_are_not_known():
    assert found("{type:'fc', a: 2*n, b: x, c: f(1), d: 3}")[0][1] == {
        "type": "fc",
        "a": None,
        "b": None,
        "c": None,
        "d": 3,
    }


@pytest.mark.parametrize(
    "text",
    ["{type:'fc', n:1", "{type:'fc', n:{a:1}}", "{type:'fc', n:[1]}", "{type:'fc' n:1}", "{type:'fc', n: f(1, 2)}"],
)
def test_a_layer_that_is_not_flat_is_refused(text):
    with pytest.raises(SpecError, match="expected ',' or '}'"):
        found(text)
