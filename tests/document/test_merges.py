"""`merge:` as it is read: any layer of several inputs, with its fields; and what it refuses."""

import pytest

import cnncalc
from cnncalc.document.merges import all_merges

ONE = "input: 8x6x6\nlayers:\n  - branches:\n      merge: %s\n      paths: [[], [relu]]\n"
EXPECTED = "branches: merge: expected concat, add, multiply, subtract, divide or another layer of several inputs"


def test_the_layers_of_several_inputs_but_not_those_with_one_by_name():
    assert {"concat", "add", "multiply", "subtract", "divide", "matmul", "unknown"} <= set(all_merges())
    assert not {"conv", "crop", "pad", "upsample", "relu"} & set(all_merges())


@pytest.mark.parametrize(
    ("merge", "output"),
    [
        ("matmul", (8, 6, 6)),
        ("{matmul: }", (8, 6, 6)),
        ("concat", (16, 6, 6)),
        ("{concat: }", (16, 6, 6)),
        ("{concat: {dim: 2}}", (8, 12, 6)),
        ("{concat: {dim: 1 + 2}}", (8, 6, 12)),
        ("{unknown: {op: f, shape: [in_channels, 1]}}", (8, 1)),
    ],
)
def test_merges(merge, output):
    assert cnncalc.parse(ONE % merge).analyze().outputs["output"] == output


@pytest.mark.parametrize(
    ("merge", "message", "hint"),
    [
        ("matmol", EXPECTED, "did you mean 'matmul'?"),
        ("cat", EXPECTED, "did you mean 'concat'?"),
        ("sum", EXPECTED, "did you mean 'add'?"),
        ("relu", EXPECTED, "for example branches: {merge: concat"),
        ("crop", EXPECTED, "for example branches"),
        ("{foo: 3}", EXPECTED, "for example branches"),
        ("{add: , concat: }", EXPECTED, "for example branches"),
        ("[add]", EXPECTED, "for example branches"),
        ("unknown", "unknown needs op and shape", "write unknown: {op: …, shape: …}"),
        ("{matmul: 3}", "matmul does not take a single value", "write 'matmul:'"),
        ("{concat: x}", "branches: merge: concat takes fields, not the names of tensors", "write merge: concat; it jo"),
        ("{concat: {dmi: 2}}", "unknown field 'dmi' of concat", "did you mean 'dim'?"),
        ("{concat: {with: x}}", "unknown field 'with' of concat", "it has dim"),
        ("{concat: {dim: x}}", "concat: dim: unknown name 'x'", "known here: in_channels, in_size"),
    ],
)
def test_refusals(merge, message, hint):
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.parse(ONE % merge).graph()
    (fault,) = caught.value.faults
    assert (fault.message, fault.span.line) == (message, 4)
    assert fault.hint.startswith(hint)


def test_dim_beside_a_merge_that_has_fields():
    with pytest.raises(cnncalc.SpecError, match="dim applies only to merge: concat"):
        cnncalc.parse(ONE % "{concat: {dim: 2}}" + "      dim: 3\n")
    with pytest.raises(cnncalc.SpecError, match="dim applies only to merge: concat"):
        cnncalc.parse(ONE % "add" + "      dim: 3\n")


def test_a_condition_may_leave_one_path_of_a_join_alone_but_not_of_another_layer():
    paths = "paths: [{when: in_channels > 9, layers: [relu]}, [tanh]]"
    text = "input: 8x6x6\nlayers: [branches: {merge: %s, " + paths + "}]\n"
    assert [node.kind for node in cnncalc.parse(text % "add").graph().nodes] == ["tanh"]
    with pytest.raises(cnncalc.SpecError, match="matmul needs at least 2 inputs, got 1"):
        cnncalc.parse(text % "matmul").graph()
