"""Commands on specs of many shapes: four times as many items take about four times as many steps.

Without a clock: calls of functions are counted. Each shape was quadratic in one of these commands.
"""

import pytest

from cnncalc import parse
from cnncalc.budget import end, grant
from cnncalc.checks.wiring import Wiring
from cnncalc.cli.main import main
from cnncalc.suggest import suggest_names

from ..effort import steps

INPUT = "input: 3x32x32\n"
FEW, MANY = 40, 160


def named(count):
    return f"{INPUT}layers:\n" + "".join(f"  - relu: {{}}\n    name: layer{i}\n" for i in range(count))


def expected(count):
    return named(count) + "expect:\n" + "".join(f"  layer{i}: {{params: 0}}\n" for i in range(count))


def convolutions(count):
    return f"{INPUT}layers:\n" + "  - conv: {out_channels: 3, kernel_size: 1}\n  - batchnorm\n" * count


def paths(count):
    path = "        - [conv: {out_channels: 1, kernel_size: 1}]\n"
    return f"{INPUT}layers:\n  - branches:\n      merge: concat\n      paths:\n{path * 2 * count}"


def residuals(count):
    body = "      - conv: {out_channels: 3, kernel_size: 1}\n      - relu\n"
    return f"{INPUT}layers:\n" + f"  - residual:\n{body}" * count


def long_names(count):
    conv = "  - conv: {{out_channels: 3, kernel_size: 1}}\n    name: a_name_that_fills_a_line_of_code_to_its_{}_end{}\n"
    pairs = (conv.format("left", i) + "  - relu\n" + conv.format("right", i) for i in range(count))
    return f"{INPUT}layers:\n" + "".join(pairs)


CASES = {
    "expected figures": (expected, ["check"]),
    "paths into one": (paths, ["export", "--to", "torch"]),
    "modules that others wait for": (residuals, ["export", "--to", "torch"]),
    "lines that are full": (long_names, ["export", "--to", "torch"]),
    "modules of one class": (convolutions, ["export", "--to", "torch"]),
}


@pytest.mark.parametrize(("spec", "command"), CASES.values(), ids=CASES)
def test_steps_grow_as_the_spec(tmp_path, capsys, spec, command):
    took = []
    for count in (FEW, FEW, MANY):  # the first loads what the command needs
        path = tmp_path / f"{count}.yaml"
        path.write_text(spec(count))
        took.append(steps(lambda path=path: main([*command, str(path)]), 5_000_000))
        capsys.readouterr()
    assert took[2] < 4.8 * took[1]


def test_edges_are_followed_once():
    wiring = Wiring(parse(named(1000)).analyze().graph)
    names = [node.name for node in wiring.graph.nodes]
    most = 20 * len(names)
    steps(lambda: [wiring.pixel_source(name) for name in names], most)
    steps(lambda: [wiring.feeds_weights(node) for node in wiring.graph.nodes], most)
    assert {wiring.pixel_source(name) for name in names} == {"input"}


def test_no_step_is_wasted_where_suggestions_have_cost_their_share():
    grant(100_000)
    names = [f"layer{number}" for number in range(2000)]
    assert suggest_names("layr7", names).startswith("did you mean 'layer7'")
    assert suggest_names("layr8", names).startswith("there are layer0, layer1, ")
    for _ in range(50):  # until nothing is left for so many names
        suggest_names("layr8", names)
    steps(lambda: suggest_names("layr8", names), 60)
    assert suggest_names("rely", ["relu", "conv"]) == "did you mean 'relu'?"
    end()
