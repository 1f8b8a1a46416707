"""The ONNX file that the command writes holds every weight of the spec: it comes back with the same counts."""

import pytest

import cnncalc
from cnncalc.exporters.onnx import OF_GRAPH_MODULES, write_onnx
from cnncalc.importers.onnx.trace import trace
from cnncalc.importers.writing.spec_text import spec_text

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
torch = pytest.importorskip("torch")

FOLDABLE = {  # what an optimizer folds into the layer before: batch normalization, factors of 1, offsets of 0
    "conv": ["conv: {out_channels: 8, kernel_size: 3}", "batchnorm", "relu"],
    "depthwise": ["conv: {out_channels: 3, kernel_size: 3, groups: 3, bias: false}", "batchnorm", "batchnorm"],
    "transposed": ["conv_transpose: {out_channels: 8, kernel_size: 2, stride: 2}", "batchnorm"],
    "linear": ["flatten", "linear: 8", "batchnorm", "linear: {out_features: 4, bias: false}"],
    "scale": ["conv: {out_channels: 8, kernel_size: 1, bias: false}", "scale", "batchnorm"],
}


def come_back(graph, path):
    """The report of a graph that went out as ONNX and came in again."""
    write_onnx(graph, path)
    text = spec_text(trace(onnx.load(path, load_external_data=False)))
    return cnncalc.parse(text).analyze()


def counts(report):
    return report.params, report.totals.buffers, report.macs, list(report.outputs.values())


@pytest.mark.parametrize("layers", FOLDABLE.values(), ids=FOLDABLE)
def test_no_weight_is_folded_away(tmp_path, layers):
    spec = cnncalc.parse("input: 3x16x16\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers))
    ours = spec.analyze()
    theirs = come_back(ours.graph, tmp_path / "net.onnx")
    assert counts(theirs) == counts(ours)
    assert [layer.kind for layer in theirs.layers] == [layer.kind for layer in ours.layers]


def test_a_whole_network(tmp_path):
    ours = cnncalc.load("resnet@18").analyze(input=(3, 64, 64))
    theirs = come_back(ours.graph, tmp_path / "net.onnx")
    assert theirs.params == ours.params == 11_689_512
    assert counts(theirs) == counts(ours)


ATTENDING = {
    "plain": "attention: {num_heads: 2, packing: heads}",
    "biased": "attention: {num_heads: 2, relative_bias: offset, packing: heads}",
    "shifted": "attention: {num_heads: 2, relative_bias: offset, window: 2, shift: 1, packing: heads}",
}


@pytest.mark.parametrize("attention", ATTENDING.values(), ids=ATTENDING)
def test_attention_computes_the_same(tmp_path, attention):
    """Its kernels lay their results out differently: a mask, or a window, makes PyTorch choose another."""
    from onnx.reference import ReferenceEvaluator

    spec = cnncalc.parse(f"input: 24x4x4\nlayers:\n  - {attention}\n  - conv: {{out_channels: 2, kernel_size: 1}}\n")
    torch.manual_seed(0)
    write_onnx(spec.graph(), tmp_path / "net.onnx")
    torch.manual_seed(0)
    network, image = spec.to_torch().eval(), torch.randn(3, 24, 4, 4)
    (found,) = ReferenceEvaluator(onnx.load(tmp_path / "net.onnx")).run(None, {"input": image.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(found), network(image), atol=1e-5, rtol=1e-4)


def test_layers_named_as_attributes_of_the_exporters_module(tmp_path):
    """A layer named `code` stood where `torch.fx.GraphModule` keeps its source."""
    of_modules = {*dir(torch.nn.Module), *vars(torch.nn.Module())}
    made = torch.fx.symbolic_trace(torch.nn.ReLU())
    assert {name for name in {*dir(made), *vars(made)} - of_modules if name[0] != "_"} <= OF_GRAPH_MODULES
    layers = "".join(
        f"  - conv: {{out_channels: 3, kernel_size: 1}}\n    name: {name}\n" for name in sorted(OF_GRAPH_MODULES)
    )
    ours = cnncalc.parse(f"input: 3x8x8\nlayers:\n{layers}")
    theirs = come_back(ours.analyze().graph, tmp_path / "net.onnx")
    assert counts(theirs) == counts(ours.analyze())
    weights = {each.name for each in onnx.load(tmp_path / "net.onnx").graph.initializer}
    assert {name for name, _ in ours.to_torch().named_parameters()} <= weights
