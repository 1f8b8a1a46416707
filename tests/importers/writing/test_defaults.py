"""Fields that all layers of a kind share are written once."""

from cnncalc import load
from cnncalc.importers.writing.defaults import with_defaults
from cnncalc.writer import write

LINEAR = {"out_features": 8, "axis": "channels"}


def spec(*layers, **more):
    return {"name": "net", "input": "8x4x4", **more, "layers": list(layers)}


def linear(**fields):
    return {"linear": {**LINEAR, **fields}}


def test_the_axis_of_layers_on_channels():
    items = [
        linear(),
        {**linear(bias=False), "name": "a"},
        {"residual": [linear(), {"layernorm": {"axis": "channels"}}]},
    ]
    found = with_defaults(spec(*items, "global_avgpool", "flatten", {"linear": 10}))
    assert list(found) == ["name", "input", "defaults", "layers"]
    assert found["defaults"] == {"linear": {"axis": "channels"}}
    assert found["layers"] == [
        {"linear": 8},
        {"linear": {"out_features": 8, "bias": False}, "name": "a"},
        {"residual": [{"linear": 8}, {"layernorm": {"axis": "channels"}}]},
        "global_avgpool",
        "flatten",
        {"linear": 10},
    ]


def test_the_network_is_the_same(tmp_path):
    norm = {"layernorm": {"axis": "channels", "eps": 0.001}}
    blocks = {"mlp": [norm, linear(), {"branches": {"merge": "add", "paths": [[norm, linear()], []]}}]}
    given = spec({"mlp": None}, norm, linear(), blocks=blocks)
    reports = []
    for number, each in enumerate((with_defaults(spec({"mlp": None}, norm, linear(), blocks=blocks)), given)):
        path = tmp_path / f"{number}.yaml"
        path.write_text(write(each), "utf-8")
        reports.append([(layer.kind, layer.output, layer.params) for layer in load(path).analyze().layers])
    assert reports[0] == reports[1]
    assert "defaults:\n  linear: {axis: channels}\n  layernorm: {axis: channels, eps: 0.001}" in (
        tmp_path / "0.yaml"
    ).read_text("utf-8").replace("layernorm: {axis: channels, eps: 1/1000}", "layernorm: {axis: channels, eps: 0.001}")


def test_layers_along_another_axis_need_it():
    items = [linear(), linear(), linear(), {"linear": {"out_features": 8, "axis": "last"}}]
    assert with_defaults(spec(*items)) == spec(*items)


def test_two_calls_are_not_worth_a_default():
    assert "defaults" not in with_defaults(spec(linear(), linear()))
