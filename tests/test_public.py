"""The public face: its names, and the functions that do in Python what the commands do."""

import ast
import doctest
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from inspect import getdoc, isfunction, signature
from pathlib import Path

import pytest

import cnncalc

NET = """
input: 3x33x33
params: {width: 8}
variants:
  wide: {width: 16}
layers:
  - conv: {out_channels: width, kernel_size: 3, stride: 2, bias: false}
  - batchnorm
  - relu
"""
FUNCTIONS = [name for name in cnncalc.__all__ if isfunction(getattr(cnncalc, name))]


def test_public_names():
    assert sorted(cnncalc.__all__) == [
        "Change", "Checked", "Choice", "CnncalcError", "Difference", "Explanation", "Finding", "Graph", "LayerReport",
        "Node", "Report", "Solution", "Spec", "SpecError", "Sweep", "UsageError", "check", "diff", "explain",
        "from_torch", "import_network", "load", "parse", "solve", "solve_layer", "sweep",
    ]  # fmt: skip
    assert all(hasattr(cnncalc, name) for name in cnncalc.__all__)
    assert set(cnncalc.__all__) <= set(dir(cnncalc))
    assert cnncalc._HOMES.keys() == {"__version__", *cnncalc.__all__}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cnncalc.nothing  # noqa: B018


def test_type_checkers_see_the_same_names():
    """Each is imported for them from the module that it is loaded from."""
    tree = ast.parse(Path(cnncalc.__file__).read_text("utf-8"))
    (guard,) = (node for node in tree.body if isinstance(node, ast.If))
    homes = {
        alias.name: node.module.removeprefix("cnncalc.")
        for node in guard.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert homes == cnncalc._HOMES


@pytest.mark.parametrize("name", sorted(cnncalc._HOMES))
def test_no_module_takes_the_place_of_a_name(name):
    """Importing `cnncalc.diff`, were there such a module, would bind it in place of the function."""
    assert find_spec(f"cnncalc.{name}") is None
    with pytest.raises(ModuleNotFoundError):
        import_module(f"cnncalc.{name}")


@pytest.mark.parametrize(
    ("first", "then"),
    [("import cnncalc", "import {rooms}"), ("import {rooms}", "import cnncalc")],
)
def test_the_order_of_imports_does_not_matter(first, then):
    rooms = "cnncalc.differences, cnncalc.solutions, cnncalc.sweeps.sweep, cnncalc.explanations, cnncalc.checks.run"
    code = f"{first}\n{then}\nprint(*(callable(getattr(cnncalc, name)) for name in {FUNCTIONS}))"
    done = subprocess.run([sys.executable, "-c", code.format(rooms=rooms)], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"True"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_documented_and_typed(name):
    function = getattr(cnncalc, name)
    doc, given = getdoc(function), signature(function)
    assert "Raises:" in doc
    assert given.return_annotation is not given.empty
    for parameter in given.parameters.values():
        assert parameter.annotation is not parameter.empty
        assert name == "parse" or f"{parameter.name}:" in doc, f"{name} does not say what {parameter.name} is"


@pytest.mark.parametrize("module", sorted({"cnncalc", *(getattr(cnncalc, name).__module__ for name in FUNCTIONS)}))
def test_the_examples_in_docstrings(module):
    found = doctest.testmod(import_module(module), extraglobs={"cnncalc": cnncalc})
    assert found.failed == 0
    assert found.attempted or module == "cnncalc.spec"


def test_a_spec_a_name_a_path_and_a_report_are_one(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    spec = cnncalc.parse(NET)
    for one in (spec, str(path), path, spec.analyze()):
        for other in (spec, str(path), path, spec.analyze()):
            assert cnncalc.diff(one, other).equal
        assert [each.layer.kind for each in cnncalc.explain(one)] == ["conv", "batchnorm", "relu"]
    for one in (spec, str(path), path):
        assert str(cnncalc.solve(one).axes[0].fitting) == str(cnncalc.solve(spec).axes[0].fitting)
        assert cnncalc.check(one).findings == ()
        assert [point["params"] for point in cnncalc.sweep(one)] == [3 * 8 * 9 + 16]
        assert cnncalc.solve_layer(one, "conv1", 17)[0].fits is not None


def test_diff_at_an_input_and_with_parameters():
    spec = cnncalc.parse(NET)
    found = cnncalc.diff(spec, spec.at("wide"), input=(3, 65, 65))
    assert found.before.inputs == {"input": (3, 65, 65)}
    assert found.totals["params"].after == 3 * 16 * 9 + 32
    (first, *_) = found.changes
    assert isinstance(first, cnncalc.Change)
    assert [edit.what for edit in first.edits] == ["out_channels"]
    assert cnncalc.diff(spec, spec.at("wide"), params={"width": 4}).equal


def test_solve_for_pixels_and_without_a_size():
    spec = cnncalc.parse("input: 3x8x8\nlayers:\n  - maxpool: {kernel_size: 3, stride: 2, padding: 1}\n")
    assert 8 not in cnncalc.solve(spec).axes[0].fitting
    assert 8 in cnncalc.solve(spec, fit="pixels").axes[0].fitting
    with pytest.raises(cnncalc.UsageError, match="expected 'exact' or 'pixels', got 'pixel'"):
        cnncalc.solve(spec, fit="pixel")
    with pytest.raises(cnncalc.UsageError, match="nothing to solve for"):
        cnncalc.solve("linear: 10", input=(8,))
    with pytest.raises(cnncalc.UsageError, match="no layer named 'conv2'"):
        cnncalc.solve_layer(spec, "conv2", 3)


def test_faults_of_a_spec_are_findings_of_check(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("input: 3x8x8\nlayers:\n  - rely\n")
    checked = cnncalc.check(path)
    (finding,) = checked.findings
    assert isinstance(finding, cnncalc.Finding)
    assert (checked.networks, finding.rule, finding.level, finding.span.line) == (0, "faulty-spec", "error", 3)
    with pytest.raises(cnncalc.SpecError):
        cnncalc.load(path)


def test_the_rules_of_check():
    spec = cnncalc.parse(NET.replace(", bias: false", ""))
    rules = lambda **choice: [each.rule for each in cnncalc.check(spec, **choice).findings]  # noqa: E731
    assert rules() == ["bias-before-norm"]
    assert rules(ignore=["bias-before-norm"]) == rules(levels={"bias-before-norm": "off"}) == []
    assert rules(select=["stride-drops-pixels"]) == []
    assert cnncalc.check(spec, levels={"bias-before-norm": "error"}).count("error") == 1
    with pytest.raises(cnncalc.UsageError, match="unknown rule 'bias-before-nor'"):
        cnncalc.check(spec, select=["bias-before-nor"])


@pytest.mark.parametrize(
    ("params", "widths"),
    [
        ({"width": [8, 16]}, [8, 16]),
        ({"width": range(8, 17, 4)}, [8, 12, 16]),
        ({"width": "8:16:4"}, [8, 12, 16]),
        ({"width": 8}, [8]),
        ({"width": ["2 * 4", 8.0]}, ["2 * 4", 8]),
    ],
)
def test_the_parameters_of_a_sweep(params, widths):
    swept = cnncalc.sweep(cnncalc.parse(NET), params)
    assert [point["width"] for point in swept] == widths
    assert swept.points == swept.selection.seen == len(widths)
    assert {point["error"] for point in swept} == {None}


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ((3, 9, 9), [(3, 9, 9)]),
        ([(3, 9, 9), (3, 11, 11)], [(3, 9, 9), (3, 11, 11)]),
        ("3x{9,11}", [(3, 9, 9), (3, 11, 11)]),
        (["3x9x{9,11}", (3, 13, 13)], [(3, 9, 9), (3, 9, 11), (3, 13, 13)]),
        ({"input": (3, 9, 9)}, [(3, 9, 9)]),
        ([{"input": (3, 9, 9)}, "input=3x11x11"], [(3, 9, 9), (3, 11, 11)]),
        (((3, size, size) for size in (9, 11)), [(3, 9, 9), (3, 11, 11)]),
        ((), [(3, 33, 33)]),
    ],
)
def test_the_inputs_of_a_sweep(given, sizes):
    assert [point["input"] for point in cnncalc.sweep(cnncalc.parse(NET), input=given)] == sizes


def test_what_a_sweep_keeps():
    spec = cnncalc.parse(NET)
    kept = cnncalc.sweep([spec, spec.at("wide")], input="3x{9,17,33}", where="macs < 60k", figures=["macs"])
    assert all(point["macs"] < 60_000 for point in kept)
    assert 0 < len(list(kept)) < kept.points == 6
    front = cnncalc.sweep(spec, input="3x{9,17}", pareto=["macs", "-params"])
    assert [point["input"] for point in front] == [point["input"] for point in front] == [(3, 9, 9)]
    assert front.names == ("network", "input", "params", "macs", "flops", "output", "error")
    broken = cnncalc.sweep("conv: {out_channels: 8, kernel_size: 5}", input=[(3, 4, 4)])
    (point,) = broken
    assert "larger than its input" in point["error"]
    assert (broken.selection.invalid, broken.selection.reason) == (1, point["error"])
    with pytest.raises(cnncalc.UsageError, match="needs numbers for H"):
        cnncalc.sweep(spec, input=(3, "H", 9))
    with pytest.raises(cnncalc.UsageError, match="no figure 'parms': did you mean 'params'"):
        cnncalc.sweep(spec, figures=["parms"])
    with pytest.raises(cnncalc.UsageError, match="no network has this parameter: did you mean 'width'"):
        cnncalc.sweep(spec, {"widt": [1]})
