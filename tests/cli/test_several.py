"""Several specs: a row each, with the figures of the command that was asked."""

import csv
import io
import json

import pytest


@pytest.mark.parametrize(
    ("command", "column", "values"),
    [
        (["flops"], "macs", ["325680", "15470264320"]),
        (["flops", "--convention", "torchinfo"], "torchinfo", None),
        (["memory"], "weight_bytes", ["240000", "553430176"]),
        (["rf"], "receptive_field", ["32x32", "212x212"]),
        (["params"], "params", ["60000", "138357544"]),
        (["shapes"], "unread", ["none", "none"]),
    ],
)
def test_each_command_compares_by_its_own_figures(cnncalc, command, column, values):
    done = cnncalc(*command, "lenet5", "vgg@16", "--format", "csv")
    assert (done.code, done.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["network"] for row in rows] == ["LeNet-5", "VGG@16"]
    found = [row[column] for row in rows]
    assert all(found)
    if values is not None:
        assert found == values


def test_json_is_an_array_of_whole_documents(cnncalc):
    documents = json.loads(cnncalc("flops", "lenet5", "vgg@16", "--format", "json").out)
    assert [document["totals"]["macs"] for document in documents] == [325680, 15470264320]


@pytest.mark.parametrize(("option", "key"), [(["--compare"], "comparison"), (["--training"], "training")])
def test_json_of_what_flops_is_asked_besides(cnncalc, option, key):
    rows = json.loads(cnncalc("flops", "alexnet", *option, "--format", "json").out)[key]
    assert len(rows) > 5
    assert all(isinstance(row, dict) for row in rows)


def test_json_of_a_reconciliation_adds_up(cnncalc):
    rows = json.loads(cnncalc("flops", "resnet@50", "--reconcile", "torch", "fvcore", "-f", "json").out)
    found = {row["kind"]: row["difference"] for row in rows["reconciliation"]}
    assert found["batchnorm"] == 22227968
    assert found["global_avgpool"] == 100352
    assert sum(found.values()) == 4111512576 - 8178368512


def test_a_number_too_large_to_reconcile_is_refused_at_once(cnncalc):
    done = cnncalc("flops", "alexnet", "--reconcile", "macs", "1e99999999")
    assert done.code == 2
    assert "exponent" in done.err


@pytest.mark.parametrize(
    "names", [("./a.yaml", "a.yaml"), ("alexnet", "alexnet"), ("relu", "relu"), ("resnet@18",) * 3]
)
@pytest.mark.parametrize("command", ["shapes", "params", "flops", "rf", "memory", "summary"])
def test_a_spec_that_is_named_twice_is_read_once(cnncalc, tmp_path, command, names):
    (tmp_path / "a.yaml").write_text("input: 3x8x8\nlayers: [relu]\n")
    size = ["--input", "3x224x224"]
    assert cnncalc(command, *names, *size) == cnncalc(command, names[0], *size)


def test_variants_are_different_networks(cnncalc):
    assert cnncalc("shapes", "resnet@18", "resnet@34", "resnet@18").out.count("\nResNet@") == 2


def test_the_standard_input_named_twice(cnncalc, monkeypatch):
    for command in (["shapes", "-", "-"], ["diff", "-", "-"]):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"input: 3x8x8\nlayers: [relu]\n")))
        done = cnncalc(*command)
        assert (done.code, done.err) == (0, "")
