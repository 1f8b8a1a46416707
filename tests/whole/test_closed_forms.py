"""Closed forms against the concrete analysis: every node of every shipped network, at every size, refusals included.

`CNNCALC_ZOO=1 CNNCALC_SIZES=2000` runs all variants at every size up to that (long); the ordinary run takes each spec
as it is at sizes to 400, a large network at some of them.
"""

import os
import random

import pytest

import cnncalc
from cnncalc.analysis.fit import fit_of
from cnncalc.elaborate.replay import at
from cnncalc.solutions.conditions import fit_requirements, solve, symbolic_input
from cnncalc.symbolic import Relation, evaluate_size

from ..shipped_networks import FULL, TAKEN

LARGEST = int(os.environ.get("CNNCALC_SIZES", "400"))


def sizes_of(graph):
    """How many sizes are tried: all up to the largest in the full run, fewer of a large network in the ordinary one."""
    return LARGEST if FULL else min(LARGEST, 4_000 // len(graph.nodes))


def symbolic(spec):
    """The graph over symbols, and the names of its symbols; None where the input is no single map."""
    inputs = spec.graph().inputs
    if len(inputs) != 1 or len(inputs["input"]) == 1:
        return None, ()
    shape = symbolic_input(dict(inputs))["input"]
    return spec.graph(input=shape), shape[1:]


def graph_or_none(spec, shape):
    """The concrete graph, None where the network refuses this input."""
    try:
        return spec.graph(input=shape)
    except cnncalc.SpecError:
        return None


@pytest.mark.parametrize("name", TAKEN)
def test_every_node_at_every_size(name):
    spec = cnncalc.load(name)
    graph, symbols = symbolic(spec)
    if graph is None:
        pytest.skip("its input is no map")
    channels = graph.inputs["input"][0]
    formal_params = cnncalc.Report(graph).params
    orders = [random.Random(axis).sample(range(1, LARGEST + 1), sizes_of(graph)) for axis in range(len(symbols))]
    for sizes in zip(*orders, strict=True):
        values = dict(zip(symbols, sizes, strict=True))
        valid = all(condition.relation.evaluate(values) for condition in graph.conditions)
        concrete = graph_or_none(spec, (channels, *sizes))
        assert (concrete is not None) == valid, values
        if concrete is None:
            continue
        for formal, real in zip(graph.nodes, concrete.nodes, strict=True):
            assert tuple(evaluate_size(size, values) for size in formal.output) == real.output, (formal.name, values)
        assert evaluate_size(formal_params, values) == cnncalc.Report(concrete).params


@pytest.mark.parametrize("fitting", ["exact", "pixels"])
@pytest.mark.parametrize("name", TAKEN)
def test_the_solved_sets_are_those_found_by_trying(name, fitting):
    spec = cnncalc.load(name)
    graph, symbols = symbolic(spec)
    if graph is None:
        pytest.skip("its input is no map")
    solution = solve(graph, fitting)
    for axis in solution.axes:
        good = next((n for n in range(1, 1000) if all(a.valid.contains(n) for a in solution.axes)), None)
        for size in random.Random(axis.symbol).sample(range(1, LARGEST + 1), sizes_of(graph)):
            values = dict.fromkeys(symbols, good or 1) | {axis.symbol: size}
            concrete = graph_or_none(spec, (graph.inputs["input"][0], *(values[symbol] for symbol in symbols)))
            assert (concrete is not None) == axis.valid.contains(size), (axis.symbol, size)
            if concrete is None:
                continue
            index = symbols.index(axis.symbol)
            assert axis.fitting.contains(size) == fits_by_trying(concrete, index, fitting), (axis.symbol, size)


def fits_by_trying(graph, index, fitting):
    """Whether along one axis no layer leaves anything over (or drops a pixel), from the windows' own numbers."""
    for node in graph.nodes:
        fit = None if node.training else fit_of(node)
        if fit is None or index >= len(fit.windows):
            continue
        window = fit.windows[index]
        if window.leftover != 0 if fitting == "exact" else window.trailing().pixels:
            return False
    return True


def test_numbers_put_for_symbols_give_the_analysis_at_those_numbers():
    for name in ("alexnet", "googlenet", "unet"):
        spec = cnncalc.load(name)
        graph, symbols = symbolic(spec)
        concrete = spec.graph(input=(graph.inputs["input"][0], 268, 300))
        assert at(graph, dict(zip(symbols, (268, 300), strict=True))).nodes == concrete.nodes


def test_a_number_that_a_condition_refuses_names_the_layer():
    graph, _ = symbolic(cnncalc.load("alexnet"))
    with pytest.raises(cnncalc.UsageError, match="maxpool2 is not valid at H=20"):
        at(graph, {"H": 20})


@pytest.mark.parametrize(
    ("name", "node", "form", "exact"),
    [
        ("alexnet", "maxpool3", "⌊(H+29)/32⌋ − 2", "H ≡ 3 (mod 32), H ≥ 67"),
        ("resnet@50", "layer4.2.relu3", "⌊(H+31)/32⌋", "H ≡ 1 (mod 32)"),
        ("unet", "conv1", "16·⌊(H+4)/16⌋ − 188", "H ≡ 12 (mod 16), H ≥ 188"),
        ("unet@padded", "conv1", "16·⌊H/16⌋", "H ≡ 0 (mod 16)"),
        ("vgg@16", "pool5", "⌊H/32⌋", "H ≡ 0 (mod 32)"),
    ],
)
def test_the_known_closed_forms(name, node, form, exact):
    graph, _ = symbolic(cnncalc.load(name))
    assert next(n for n in graph.nodes if n.name == node).output[1].render("unicode") == form
    assert str(solve(graph).axes[0].fitting) == exact


def test_resnet_drops_no_pixel_at_any_size():
    graph, _ = symbolic(cnncalc.load("resnet@50"))
    assert all(axis.fitting.everything for axis in solve(graph, "pixels").axes)


def test_parameters_with_a_symbolic_width_are_right_at_every_width():
    spec = cnncalc.load("resnet@50")
    formula = spec.analyze(params={"width": "w"}).params
    assert str(formula) == "5724*w*w + 32977*w + 1000"
    assert all(formula.evaluate({"w": w}) == spec.analyze(params={"width": w}).params for w in range(1, 65))


def test_a_network_without_a_fitting_input_names_the_layers_that_contradict():
    spec = cnncalc.parse(
        """
        input: [1, H]
        layers:
          - conv: {out_channels: 4, kernel_size: 1, stride: 2}     # fits where H is odd
          - upsample: {scale_factor: 2}
          - conv: {out_channels: 4, kernel_size: 1, stride: 2}     # and then gets an even size
        """
    )
    (axis,) = solve(spec.graph()).axes
    assert not axis.fitting
    assert [r.node for r in axis.contradiction] == ["conv2"]


def test_two_layers_that_contradict_each_other_are_both_named():
    spec = cnncalc.parse(
        """
        input: [1, H]
        layers:
          - conv: {out_channels: 4, kernel_size: 2, stride: 2}     # fits where H is even
            name: even
          - conv: {out_channels: 4, kernel_size: 1, stride: 2}     # fits where H is odd
            from: input
            name: odd
        outputs: [even, odd]
        """
    )
    (axis,) = solve(spec.graph()).axes
    assert not axis.fitting
    assert [r.node for r in axis.contradiction] == ["even", "odd"]


def test_a_long_chain_of_strides_is_sieved_and_not_enumerated():
    moduli = [3, 5, 7, 11, 13, 2, 17, 4, 19, 23]
    layers = "\n".join(f"  - conv: {{out_channels: 1, kernel_size: {m}, stride: {m}}}" for m in moduli)
    (axis,) = solve(cnncalc.parse(f"input: [1, H]\nlayers:\n{layers}").graph()).axes
    product = 1
    for modulus in moduli:
        product *= modulus
    assert axis.fitting.modulus == product > 10**6
    assert axis.fitting.smallest == product


def test_requirements_that_no_input_meets_are_false_and_not_relations():
    spec = cnncalc.parse("input: [1, H]\nlayers:\n  - conv: {out_channels: 1, kernel_size: 1, padding: 0}")
    assert not [r for r in fit_requirements(spec.graph().nodes, "exact") if not isinstance(r.holds, Relation)]
