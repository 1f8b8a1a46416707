"""Room for layers that read nothing and for layers with further outputs: every analysis takes both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from textwrap import dedent

import pytest

import cnncalc
from cnncalc.analysis.field.footprint import footprints
from cnncalc.cli.main import main
from cnncalc.conventions import CONVENTIONS
from cnncalc.conventions.reconcile import reconcile
from cnncalc.elaborate.replay import at, replay
from cnncalc.errors import SpecError
from cnncalc.importers.simplify import simplify
from cnncalc.importers.writing.spec_text import spec_text

from ..importers.from_graph import traced
from ..kinds import known_kinds

TOKEN = """
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3}
    name: conv
  - relu
  - flatten
  - linear: 64
    name: x
  - parameter: {shape: [64]}
    name: token
  - multiply:
    from: [x, token]
    name: joined
  - linear: 10
"""
RECURRENT = """
input: [5, 12]
layers:
  - conv: {out_channels: 4, kernel_size: 3, padding: 1}
    name: conv
  - memory: 16
    name: memory
  - conv: {out_channels: 8, kernel_size: 1}
  - global_avgpool
  - flatten
  - concat: memory.h_n
  - linear: 10
  - tanh:
    from: memory.h_n
outputs: {scores: linear1, state: tanh1}
"""


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    with known_kinds():
        yield


def spec(text: str) -> cnncalc.Spec:
    return cnncalc.parse(dedent(text))


def nodes(text: str) -> dict[str, cnncalc.Node]:
    return {node.name: node for node in spec(text).graph().nodes}


def refusal(text: str) -> tuple[str, str | None]:
    with pytest.raises(SpecError) as caught:
        spec(text).graph()
    (fault,) = caught.value.faults
    return fault.message, fault.hint


# --- layers without inputs -------------------------------------------------------------------------------------------


def test_a_source_reads_nothing_and_flows_on():
    found = nodes("input: 8\nlayers: [linear: 4, parameter: [6], relu]\n")
    assert found["parameter1"].inputs == ()
    assert found["parameter1"].shapes == ()
    assert found["relu1"].inputs == ("parameter1",)
    assert found["relu1"].output == (6,)


def test_a_source_may_come_first_where_there_are_several_inputs():
    layers = "layers: [sequence: [parameter: [8], relu], {add: , from: [relu1, a, b]}]"
    found = nodes(f"input: {{a: 8, b: 8}}\n{layers}\n")
    assert found["add1"].inputs == ("relu1", "a", "b")
    message, hint = refusal("input: {a: 8, b: 8}\nlayers: [relu]\n")
    assert (message, hint) == ("the network has several inputs", "specify which one it reads: 'from: a'")
    assert refusal("input: {a: 8, b: 8}\nlayers: [sequence: [relu]]\n")[0] == "the network has several inputs"


def test_what_flows_in_has_its_size_for_a_source_too():
    found = nodes("input: 3x8x9\nlayers: [parameter: ['2*in_channels', 'in_size[1]']]\n")
    assert found["parameter1"].output == (6, 9)


def test_a_source_with_from_is_refused():
    message, hint = refusal("input: 8\nlayers: [{parameter: [8], from: input}]\n")
    assert message == "parameter1: parameter takes no input, got 1"
    assert hint == "leave its 'from' out"


def test_a_source_in_a_block_and_shared_weights():
    text = """
    input: 8
    blocks:
      token(width):
        - parameter: [width]
          name: weight
        - add:
          from: [weight, input]
    layers:
      - token: 8
        name: one
      - token:
        name: two
        share: one
    """
    found = nodes(text)
    assert found["two.weight"].shares == "one.weight"
    assert spec(text).analyze().params == 8


# --- further outputs -------------------------------------------------------------------------------------------------


def test_a_further_output_is_a_node_without_cost_behind_its_layer():
    found = nodes(RECURRENT)
    assert list(found)[1:4] == ["memory", "memory.h_n", "conv2"]
    node = found["memory.h_n"]
    assert (node.kind, node.inputs, node.output) == ("output", ("memory",), (16,))
    assert found["concat1"].inputs == ("flatten1", "memory.h_n")
    layer = spec(RECURRENT).analyze()["memory.h_n"]
    assert (layer.params, layer.macs, layer.flops) == (0, 0, 0)
    assert "memory.all" not in found


def test_further_outputs_within_blocks_repeats_and_by_globs():
    text = """
    input: [4, 12]
    blocks:
      unit(hidden):
        - memory: hidden
          name: rec
        - relu
        - add: rec.all
    layers:
      - unit: 4
        name: level
        repeat: 2
      - multiply: level.1.rec.all
      - concat:
        from: level.*.rec.all
    """
    found = nodes(text)
    assert found["level.1.add1"].inputs == ("level.1.relu1", "level.1.rec.all")
    assert found["multiply1"].inputs == ("level.1.add1", "level.1.rec.all")
    assert found["concat1"].inputs == ("level.0.rec.all", "level.1.rec.all")


def test_an_output_that_a_layer_lacks_is_told_with_those_it_has():
    layers = "input: [4, 12]\nlayers: [{memory: 4, name: rec}, relu, concat: rec.%s]\n"
    assert refusal(layers % "h_m") == ("rec has no output 'h_m'", "did you mean 'h_n'?")
    assert refusal(layers % "cell") == ("rec has no output 'cell'", "rec has the outputs h_n, all")
    assert refusal(layers.replace("memory: 4", "relu: ") % "h_n")[0] == "no earlier layer named 'rec.h_n'"


def test_a_tensor_is_not_joined_twice_in_silence():
    text = "input: 8\nlayers: [{relu: , name: a}, {tanh: , name: x}, {add: x, from: [a, x]}]\n"
    message, hint = refusal(text)
    assert message == "add: x is already listed under 'from'"
    assert hint == "name it once; to join it with itself, name it twice under 'from' and write 'add' alone"
    assert nodes(text.replace("add: x", "add: "))["add1"].inputs == ("a", "x")


# --- every analysis --------------------------------------------------------------------------------------------------

COMMANDS = [
    "shapes", "shapes --format json", "params", "params --format json", "flops", "flops --format json", "rf",
    "rf --format json", "memory", "memory --training", "memory --training --format json", "summary",
    "summary --format json", "summary --depth 1", "explain", "explain --format json", "solve", "show", "list",
    "check --select all", "check --format json", "diff lenet5", "diff lenet5 --format json",
]  # fmt: skip


@pytest.mark.parametrize("text", [TOKEN, RECURRENT], ids=["source", "further"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command(text, command, tmp_path, capsys, monkeypatch):
    printed = run(text, command, tmp_path, capsys, monkeypatch)
    assert printed
    if "json" in command:
        json.loads(printed)


def run(text, command, tmp_path, capsys, monkeypatch) -> str:
    """What a command prints of a spec; it must not fail."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(text)
    name, *options = command.split()
    with suppress(SystemExit):
        main([name, "net.yaml", *options])
    printed = capsys.readouterr()
    assert "fault of ours" not in printed.err
    assert printed.err == "" or name == "check"
    return printed.out


CHANGES = [(TOKEN, "shape: [64]", "shape: [1]"), (RECURRENT, "memory: 16", "memory: 24")]


@pytest.mark.parametrize(("text", "old", "new"), CHANGES, ids=["source", "further"])
def test_what_changed_in_them(text, old, new, tmp_path, capsys, monkeypatch):
    (tmp_path / "other.yaml").write_text(text.replace(old, new))
    printed = json.loads(run(text, "diff other.yaml --format json --all", tmp_path, capsys, monkeypatch))
    edited = {
        layer["after"]: [edit["what"] for edit in layer["edits"]] for layer in printed["layers"] if layer["edits"]
    }
    assert edited == ({"token": ["shape"]} if text is TOKEN else {"memory": ["hidden"]})


@pytest.mark.parametrize(
    "options", ["--layer token --output 8", "--layer memory --output 24", "--layer memory.h_n --output 3"]
)
def test_one_layer_solved(options, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(TOKEN if "token" in options else RECURRENT)
    with suppress(SystemExit):
        main(["solve", "net.yaml", *options.split()])
    assert "fault of ours" not in capsys.readouterr().err


@pytest.mark.parametrize("text", [TOKEN, RECURRENT], ids=["source", "further"])
@pytest.mark.parametrize("name", CONVENTIONS)
def test_every_convention(text, name):
    graph = spec(text).graph()
    found = reconcile(graph, "macs", name)
    assert "output" not in {part.kind for part in found.parts}


def test_a_source_is_seen_nowhere_and_sees_nothing():
    report = spec(TOKEN).analyze()
    assert report.receptive_fields["token"] == {}
    seen = footprints(report.graph, "joined", ())
    assert seen["token"].boxes
    assert set(report.receptive_fields["joined"]) == {"input"}


def test_closed_forms_and_other_inputs():
    text = "input: [4, L]\nlayers: [{memory: 4, name: rec}, relu, add: rec.all]\n"
    graph = spec(text).graph()
    assert [node.output for node in at(graph, {"L": 7}).nodes] == [(4, 7)] * 4
    assert [node.output for node in replay(graph, {"input": (4, 9)}).nodes] == [(4, 9)] * 4


def test_the_memory_of_a_source_is_that_of_its_weights():
    memory = spec(TOKEN).analyze().memory()
    assert {each.name: each.bytes for each in memory.activations}.get("token", 0) == 0
    same = spec(TOKEN.replace("from: [x, token]", "from: [x, x]")).analyze().memory()
    assert memory.activation_bytes == same.activation_bytes
    assert memory.training.gradients == memory.weights
    batches = [spec(TOKEN).analyze(batch=batch).memory().training for batch in (1, 9)]
    assert len({training.gradients for training in batches}) == 1


def test_a_further_output_takes_memory_of_its_own():
    memory = spec(RECURRENT).analyze().memory()
    assert {each.name: each.bytes for each in memory.activations}["memory.h_n"] == 4 * 16


def test_what_only_a_further_output_needs_is_used(tmp_path, capsys, monkeypatch):
    text = "input: [4, 12]\nlayers: [{memory: 4, name: rec}, {relu: , from: rec.h_n}]\n"
    assert "nothing found" in run(text, "check --select unused-layer", tmp_path, capsys, monkeypatch)


@pytest.mark.parametrize("flat", [True, False])
def test_an_importer_may_bring_a_layer_that_reads_nothing(flat):
    graph = spec(TOKEN).graph()
    written = spec_text(simplify(traced(graph)), flat=flat, warn=str)
    again = spec(written).graph()
    assert [node.output for node in again.nodes] == [node.output for node in graph.nodes]
    assert [node.inputs for node in again.nodes if node.kind == "parameter"] == [()]


def test_what_only_a_layer_that_is_left_out_reads_is_no_node():
    text = "input: [4, 12]\nlayers: [{memory: 4, name: rec}, {relu: , from: rec.h_n, when: in_channels > 9}, tanh]\n"
    assert list(nodes(text)) == ["rec", "tanh1"]
    assert nodes(text.replace("> 9", "< 9"))["relu1"].inputs == ("rec.h_n",)
