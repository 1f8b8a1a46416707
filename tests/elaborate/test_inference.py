"""What is remembered between elaborations of a document changes no figure, and does not grow without end."""

import pytest

import cnncalc
from cnncalc.elaborate import inference
from cnncalc.layers.convolution import Conv

SPEC = """
input: [3, 9, 9]
params: {w: 4, k: 3, bias: true}
variants: {wide: {w: 8}, plain: {bias: false}}
layers:
  - conv: {out_channels: w, kernel_size: k, bias: bias}
  - relu
  - conv: {out_channels: in_channels * 2, kernel_size: [k, 1]}
  - relu
"""
REQUESTS = [
    {},
    {"params": {"w": 1}},
    {"params": {"w": 5, "bias": False}},
    {"params": {"k": "k"}},
    {"input": (3, 9, 12)},
    {"input": (1, "H", "W")},
    {},
]


def test_other_parameters_inputs_and_variants_are_inferred_for_themselves():
    spec = cnncalc.parse(SPEC)
    for variant in (None, "wide", "plain"):
        for request in REQUESTS:
            again = cnncalc.parse(SPEC).at(variant).graph(**request)
            graph = spec.at(variant).graph(**request)
            assert [node[:-1] for node in graph.nodes] == [node[:-1] for node in again.nodes]  # without spans
            assert [str(condition) for condition in graph.conditions] == [str(each) for each in again.conditions]


def test_true_is_not_one():
    spec = cnncalc.parse(SPEC)
    assert spec.graph(params={"bias": True})
    with pytest.raises(cnncalc.SpecError, match="bias: expected true or false, got 1"):
        spec.graph(params={"bias": 1})


def test_a_layer_that_is_refused_is_refused_again():
    spec = cnncalc.parse(SPEC)
    for _ in range(2):
        with pytest.raises(cnncalc.SpecError, match="conv1: the kernel of conv is 3, larger than its input of 2"):
            spec.graph(input=(3, 2, 2))


def count_inferences(spec: cnncalc.Spec, monkeypatch: pytest.MonkeyPatch, sizes: range) -> int:
    outputs = []
    with monkeypatch.context() as patch:
        output = Conv.output
        patch.setattr(Conv, "output", lambda *given: outputs.append(1) or output(*given))
        for size in sizes:
            spec.graph(input=(3, size, size))
    return len(outputs)


def test_an_equal_elaboration_infers_nothing(monkeypatch):
    spec = cnncalc.parse(SPEC)
    assert count_inferences(spec, monkeypatch, range(9, 19)) == 20
    assert count_inferences(spec, monkeypatch, range(9, 19)) == 0
    assert count_inferences(spec.at("wide"), monkeypatch, range(9, 19)) == 20


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(inference, "_MOST_REMEMBERED", 50)
    spec = cnncalc.parse(SPEC)
    spec.graph()
    for size in range(9, 200):
        spec.graph(input=(3, size, size))
        kept = spec.document.remembered["inference"]
        assert len(kept._alive) + len(kept._layers) < 60
