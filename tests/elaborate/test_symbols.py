"""What depends on a symbol and has no closed form is an error that names the layer, the symbol and the fix."""

import pytest

import cnncalc


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("  - relu:\n    when: in_size[0] > 7", "relu: when: whether H > 7 depends on H"),
        ('  - conv: {out_channels: 4, kernel_size: "3 if in_size[0] > 7 else 1"}', "whether H > 7 depends on H"),
        ("  - relu\n    \n  - sequence: [relu]\n    name: group\n    when: in_size[0] == 9", "group: when: whether"),
        ("  - relu:\n    repeat: in_size[0]", "repeat: H iterations cannot be expanded"),
        ('  - conv: {out_channels: 4, kernel_size: 1, stride: "in_size[1]"}', "conv1"),
        ('  - residual: {body: [relu], skip: "in_size[0] % 2 == 0"}', "skip: whether"),
    ],
)
def test_what_cannot_be_decided(layers, message):
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.parse(f"input: [3, H, W]\nlayers:\n{layers}\n").graph()
    (fault,) = caught.value.faults
    assert message in fault.message
    assert fault.hint == "give the symbol a value"
    assert fault.span is not None


@pytest.mark.parametrize(
    ("network", "params"),
    [
        ("tcn", {"channels": "c"}),
        ("tcn", {"levels": "n"}),
        ("vgg@16", {"depths": "[a, 2, 3, 3, 3]"}),
        ("alexnet", {"groups": "g"}),
    ],
)
def test_a_shipped_network_refuses_with_a_sentence(network, params):
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(network).graph(params=params)
    assert caught.value.faults[0].hint == "give the symbol a value"


def test_a_decision_that_is_the_same_for_all_values_is_taken():
    graph = cnncalc.parse("input: [3, H]\nlayers:\n  - relu:\n    when: in_size[0] > 0\n").graph()
    assert [node.name for node in graph.nodes] == ["relu1"]


def test_a_field_below_its_bound_is_a_condition():
    graph = cnncalc.parse(
        "input: [3, 9, 9]\nparams: {k: 5}\nlayers:\n  - conv: {out_channels: 4, kernel_size: k - 2}\n"
    ).graph(params={"k": "k"})
    holds = [[c.relation.evaluate({"k": k}) for c in graph.conditions] for k in range(1, 14)]
    assert [k for k, conditions in enumerate(holds, 1) if all(conditions)] == list(range(3, 12))


@pytest.mark.parametrize("layer", ["maxpool: 2", "conv: {out_channels: 1, kernel_size: 3, stride: 2, padding: 1}"])
def test_strides_without_end_are_refused_and_not_written_out(layer):
    spec = cnncalc.parse(f"input: [1, H]\nlayers:\n  - {layer}\n    repeat: 100000\n")
    with pytest.raises(cnncalc.SpecError, match="closed form is too long to be written"):
        spec.graph()
