import json
import re

import pytest


def test_one_table(cnncalc):
    out = cnncalc("summary", "alexnet").out
    assert re.search(r"conv1 +conv 11×11, 96, stride 4 +96×55×55 +34,944 +105 M +11×11 +1.11 MiB", out)
    assert "23 layers, 60,965,224 parameters" in out
    assert "724 M MACs" in out
    assert "peak activations 2.81 MiB (float32, batch 1)" in out


def test_known_totals(cnncalc):
    out = cnncalc("summary", "resnet@50", "--depth", "1", "--exact").out
    assert re.search(r"layer4 .* 427×427 ", out)
    assert re.search(r"total +25,557,032 +4,089,184,256 ", out)


def test_columns_in_their_order(cnncalc):
    out = cnncalc("summary", "alexnet", "--columns", "params, output,share,flops,trainable,buffers,fit,stride").out
    (heading,) = [line for line in out.splitlines() if line.startswith("layer")]
    assert heading.split() == [
        "layer",
        "parameters",
        "output",
        "share",
        "FLOPs",
        "trainable",
        "buffers",
        "fit",
        "stride",
    ]


def test_no_such_column(cnncalc):
    done = cnncalc("summary", "alexnet", "--columns", "output,parms")
    assert done.code == 2
    assert "--columns: unknown column 'parms': did you mean 'params'?" in done.err


def test_what_layers_and_blocks_read(cnncalc):
    rows = cnncalc("summary", "resnet@18", "--columns", "what,from", "--depth", "2", "-f", "csv").out.splitlines()
    assert "layer2.0,block,9 layers,layer1.1.relu2" in rows
    assert 'conv1,conv,"conv 7×7, 64, stride 2, padding 3, no bias",input' in rows
    assert "layer2.1,block,7 layers,layer2.0.relu2" in rows  # names are whole where a program reads them
    out = cnncalc("summary", "resnet@18", "--columns", "what,from").out
    assert "add of" not in out
    assert re.search(r"add1 +add +batchnorm2, shortcut.downsample.batchnorm1\n", out)


def test_json_fills_all_fields_of_the_design(cnncalc):
    document = json.loads(cnncalc("summary", "alexnet", "--format", "json").out)
    layer = document["layers"][0]
    assert layer.keys() >= {
        "name", "kind", "from", "output", "fit", "params", "trainable", "buffers", "macs", "flops", "receptive_field",
        "activation_bytes",
    }  # fmt: skip
    assert (layer["params"], layer["macs"], layer["activation_bytes"]) == (34_944, 105_415_200, 1_161_600)
    assert layer["receptive_field"]["input"]["size"] == [11, 11]
    assert document["totals"].keys() >= {
        "params", "trainable", "buffers", "macs", "flops", "convention", "activation_bytes", "peak_bytes", "at_least",
    }  # fmt: skip
    assert document["totals"]["params"] == 60_965_224
    assert document.keys() >= {"schema", "name", "variant", "inputs", "outputs", "batch", "dtype", "conditions"}


def test_training_heads_stand_apart(cnncalc):
    out = cnncalc("summary", "googlenet", "--depth", "1").out
    assert "with training heads 13,004,888" in out
    assert len(re.findall(r"^total", out, re.MULTILINE)) == 2


def test_weights_of_training_heads_that_depend_on_a_symbol(cnncalc):
    done = cnncalc("summary", "googlenet@v1", "--input", "3xHxW", "--format", "json")
    assert "H" in json.loads(done.out)["totals"]["training_heads"]["params"]


@pytest.mark.parametrize("form", ["markdown", "csv"])
def test_other_formats(cnncalc, form):
    done = cnncalc("summary", "resnet@18", "--format", form)
    assert done.code == 0
    assert "112×112" in done.out or "112x112" in done.out


def test_symbols(cnncalc):
    out = cnncalc("summary", "lenet5", "--batch", "N").out
    assert "41728·N B (float32, batch N)" in out
