"""The operator Attention of opset 23, and ONNX Runtime's own."""

import pytest

from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

from .models import traced


@pytest.mark.parametrize("batch", [1, "N"])
@pytest.mark.parametrize(("heads", "groups"), [(4, 4), (4, 2), (4, 1)])
def test_attention_on_channels(heads, groups, batch):
    fields = {"q_num_heads": heads, "kv_num_heads": groups}
    sizes = {"q": [batch, 10, 24], "k": [batch, 7, 6 * groups], "v": [batch, 7, 5 * groups]}
    network = traced([("Attention", ["q", "k", "v"], ["y"], fields)], sizes, opset=23)
    (node,) = [each for each in network.nodes if each.kind == "attention"]
    assert node.arguments == {"num_heads": heads, **({"num_kv_heads": groups} if groups != heads else {})}
    report = parse(spec_text(network)).analyze()
    assert report.macs == heads * 10 * 7 * (6 + 5)
    assert list(report.outputs.values()) == [(10, 5 * heads)]
    assert not network.warnings


@pytest.mark.parametrize("causal", [0, 1])
def test_attention_on_heads(causal):
    sizes = {name: [1, 3, 10, 8] for name in "qkv"}
    network = traced([("Attention", ["q", "k", "v"], ["y"], {"is_causal": causal})], sizes, opset=23)
    (node,) = [each for each in network.nodes if each.kind == "attention"]
    assert node.arguments == {"num_heads": 3, **({"is_causal": True} if causal else {})}
    assert network.nodes[-1].output == (3, 10, 8)


def test_what_no_field_says_is_unknown():
    network = traced(
        [("Attention", ["q", "k", "v"], ["y"], {"softcap": 2.0})], {name: [1, 3, 10, 8] for name in "qkv"}, opset=23
    )
    assert network.nodes[-1].kind == "unknown"
    assert network.nodes[-1].output == (3, 10, 8)
