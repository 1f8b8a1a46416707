import csv
import io
import json
import re

import pytest


def test_peak_and_what_is_alive_then(cnncalc):
    done = cnncalc("memory", "vgg@16", "--fold-batchnorm", "--exact")
    assert done.code == 0
    assert "peak activations 26,292,224 B at relu1 (and at conv1_2, relu2): input 602,112 B, conv1_1" in done.out
    assert "in pool5" in done.out  # flatten


def test_units_are_said(cnncalc):
    out = cnncalc("memory", "vgg@16").out
    assert "peak activations 25.1 MiB" in out
    assert "KiB, MiB and GiB are 1024-based" in out
    assert "weights 528 MiB, buffers 0 B" in out


@pytest.mark.parametrize("spec", ["resnet@18", "googlenet", "unet", "lenet5"])
@pytest.mark.parametrize("options", [(), ("--training",), ("--depth", "1", "--training")])
def test_the_printed_rows_add_up(cnncalc, spec, options):
    out = cnncalc("memory", spec, "--exact", *options).out
    body, columns = (
        out.splitlines(),
        ["weights", "activation", *(["saved for backward"] if "--training" in options else [])],
    )
    (start,) = [i for i, line in enumerate(body) if re.match(r"layer +what it is", line)]
    ends = {name: body[start].index(name) + len(name) for name in columns}
    sums = dict.fromkeys(columns, 0)
    for line in body[start + 1 :]:
        if line.startswith(("─", "training heads")) or not line:
            continue
        found = {
            name: re.search(r"([\d,]+) B$", line[:end]) if len(line) >= end else None for name, end in ends.items()
        }
        numbers = {name: int(match[1].replace(",", "")) if match else 0 for name, match in found.items()}
        if line.startswith("total"):
            assert numbers == sums
            sums = dict.fromkeys(columns, 0)
        elif not line.startswith(("weights", "peak", "inference", "training", "KiB", "what")):
            sums = {name: sums[name] + numbers[name] for name in columns}


def test_json_has_the_figures_of_the_design(cnncalc):
    document = json.loads(cnncalc("memory", "alexnet", "--batch", "2", "--dtype", "float16", "--format", "json").out)
    assert (document["batch"], document["dtype"]) == (2, "float16")
    totals = document["totals"]
    assert totals["activation_bytes"] == sum(layer["activation_bytes"] for layer in document["layers"])
    assert totals["peak_bytes"] == sum(live["bytes"] for live in document["peak"]["alive"])
    assert totals["weight_bytes"] == 2 * 60_965_224
    assert "training" not in document


def test_json_of_training(cnncalc):
    done = cnncalc("memory", "alexnet", "--training", "--optimizer", "adam", "--fits", "2GiB", "--format", "json")
    document = json.loads(done.out)
    training = document["training"]
    assert training["optimizer_bytes"] == 8 * 60_965_224
    assert training["saved_bytes"] == sum(layer["saved_bytes"] for layer in document["layers"])
    assert training["peak"]["backward"] is True
    assert document["budget"] == 2 << 30
    assert document["fits"] > 1


def test_csv_reads_back(cnncalc):
    rows = list(csv.DictReader(io.StringIO(cnncalc("memory", "alexnet", "--format", "csv").out)))
    assert rows[0]["activation_bytes"] == "1161600"
    assert [row["memory_of"] for row in rows if row["layer"] == "flatten1"] == ["maxpool3"]


def test_a_symbolic_batch(cnncalc):
    out = cnncalc("memory", "vgg@16", "--batch", "N").out
    assert "peak activations 26292224·N B at relu1" in out
    document = json.loads(cnncalc("memory", "vgg@16", "--batch", "N", "--format", "json").out)
    assert document["totals"]["peak_bytes"] == "26292224*N"


def test_forms_too_long_to_read_are_in_json(cnncalc):
    out = cnncalc("memory", "unet", "--input", "1xHxW").out
    assert "bytes that depend on H, W; the layer depends on the symbols" in out
    document = json.loads(cnncalc("memory", "unet", "--input", "1xHxW", "--format", "json").out)
    assert document["peak"]["layer"] is None


@pytest.mark.parametrize(
    ("budget", "said"),
    [("8GiB", "8.00 GiB"), ("8GB", "7.45 GiB"), ("512 MiB", "512 MiB"), ("1.5GiB", "1.50 GiB")],
)
def test_what_fits(cnncalc, budget, said):
    out = cnncalc("memory", "resnet@50", "--fits", budget).out
    assert re.search(rf"\d+ samples per batch fit {said} for inference", out)


def test_nothing_fits(cnncalc):
    done = cnncalc("memory", "vgg@16", "--fits", "100MiB", "--training")
    assert "not even one sample fits 100 MiB for training with sgd" in done.out
    assert (done.code, done.err) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("lenet5", "--fits", "10KiB"), 1),
        (("lenet5", "--fits", "300KiB"), 0),
        (("lenet5", "--fits", "300KiB", "--training"), 1),
        (("lenet5", "alexnet", "--fits", "1MiB"), 1),
        (("lenet5", "alexnet", "--fits", "1GiB"), 0),
        (("lenet5", "--input", "1xHxW", "--fits", "1MiB"), 2),
    ],
)
@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_the_exit_code_says_whether_a_sample_fits(cnncalc, arguments, code, form):
    assert cnncalc("memory", *arguments, "--format", form).code == code


def test_several_networks_have_a_column(cnncalc):
    out = cnncalc("memory", "lenet5", "alexnet", "--fits", "1MiB").out
    assert "samples that fit" in out
    assert [line.split()[-1] for line in out.splitlines()[2:]] == ["19", "none"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--fits", "8XB"), "expected a number of bytes, such as 8GiB (1024-based) or 8GB, got '8XB'"),
        (("--dtype", "flaot16"), "unknown dtype 'flaot16': did you mean 'float16'?"),
        (("--optimizer", "sdg"), "unknown optimizer 'sdg': did you mean 'sgd'?"),
        (("--batch", "0"), "--batch: expected a whole number of at least 1, or a capital letter"),
        (("--dtype", "int8", "--training"), "training needs a floating-point dtype"),
        (("--input", "3xNxN", "--batch", "N"), "batch N is also a symbol of the input"),
    ],
)
def test_faults_are_sentences(cnncalc, options, sentence):
    done = cnncalc("memory", "resnet@18", *options)
    assert done.code == 2
    assert sentence in done.err


def test_an_unknown_layer_may_need_more(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text("input: 3x8x8\nlayers: [{unknown: {op: roll, shape: [4, 8, 8]}}]\n")
    assert "at most 585 samples per batch fit 1.00 MiB" in cnncalc("memory", "net.yaml", "--fits", "1MiB").out


def test_the_memory_of_a_device(cnncalc):
    """24 GiB of the RTX 4090, in any spelling."""
    bytes_given = cnncalc("memory", "vgg@16", "--fits", "24GiB").out
    assert cnncalc("memory", "vgg@16", "--fits", "rtx4090").out == bytes_given
    assert cnncalc("memory", "vgg@16", "--fits", "RTX 4090").out == bytes_given


def test_a_device_whose_memory_is_not_known(cnncalc):
    done = cnncalc("memory", "vgg@16", "--fits", "m1")
    assert done.code == 2
    assert "--fits m1: its memory is not known" in done.err
