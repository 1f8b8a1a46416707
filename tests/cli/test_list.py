import csv
import json

from cnncalc import shipped
from cnncalc.document.words import GROUPS, MODIFIERS
from cnncalc.layers import LAYERS


def test_every_shipped_network_has_a_row(cnncalc):
    done = cnncalc("list")
    names = [line.split()[0] for line in done.out.splitlines()[2:] if line]
    assert names[: len(shipped.names())] == shipped.names()
    (resnet,) = [line for line in done.out.splitlines() if line.startswith("resnet ")]
    assert " 2015 " in resnet
    assert " 25,557,032 " in resnet
    assert " 4.09 G " in resnet
    assert "18, 34, 50, 101, 152" in resnet


def test_80_columns_hold_every_figure(cnncalc, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = cnncalc("list").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["name", "year", "task", "input", "parameters", "MACs"]
    assert not [line for line in lines if "for want of room" in line]
    assert "    torchvision" in lines  # variants stand below


def test_search(cnncalc):
    done = cnncalc("list", "--search", "SEGMENT")
    assert "unet" in done.out
    assert "alexnet" not in done.out
    assert "no network matches" in cnncalc("list", "--search", "no such thing").out


def test_search_finds_all_the_words_wherever_they_stand(cnncalc):
    rows = json.loads(cnncalc("list", "--format", "json", "--search", "detection DARKNET").out)
    assert [row["name"] for row in rows] == ["yolov3"]  # the task, and the source
    rows = json.loads(cnncalc("list", "--format", "json", "--search", "resnet@152 projection").out)
    assert [row["name"] for row in rows] == ["resnet"]  # a variant, and the description
    rows = json.loads(cnncalc("list", "--format", "json", "--search", "resnet152").out)
    assert "resnet" in [row["name"] for row in rows]  # as torchvision calls it


def test_words_alone_are_searched_for(cnncalc):
    assert cnncalc("list", "detection", "darknet").out == cnncalc("list", "--search", "detection darknet").out
    assert "1 layer;" in cnncalc("list", "--layers", "lppool").out


def test_json(cnncalc):
    rows = json.loads(cnncalc("list", "--format", "json").out)
    (alexnet,) = [row for row in rows if row["name"] == "alexnet"]
    assert alexnet["params"] == 60_965_224
    assert alexnet["macs"] == 724_406_816
    assert alexnet["input"] == "3x227x227"
    assert alexnet["year"] == 2012
    assert alexnet["variants"] == ["torchvision"]
    assert all(isinstance(row["year"], int) and isinstance(row["variants"], list) for row in rows)


def test_csv_has_a_cell_for_the_variants(cnncalc):
    (row,) = csv.DictReader(cnncalc("list", "--search", "resnet50_fpn", "--format", "csv").out.splitlines())
    assert row["variants"] == "resnet50_fpn resnet50_fpn_v2"


def test_layers(cnncalc):
    done = cnncalc("list", "--layers", "--search", "pool", "--format", "json")
    found = {row["layer"]: row for row in json.loads(done.out)}
    assert {"maxpool", "avgpool", "lppool", "subsample"} <= found.keys()
    assert found["maxpool"]["fields"] == ["kernel_size", "stride", "padding", "dilation", "ceil_mode"]
    table = cnncalc("list", "--layers").out
    assert "eps=1e-05" in table
    assert f"{len(LAYERS)} layers" in table


def test_layers_are_searched_with_the_keys_of_items(cnncalc):
    table = cnncalc("list", "--layers", "--search", "residual").out
    assert "structural keys" in table
    assert "a body added to its own input" in table
    (row,) = json.loads(cnncalc("list", "--layers", "--search", "REPEAT table", "--format", "json").out)
    assert row == {"key": "repeat", "doc": "an item several times, or once per row of a table"}
    rows = json.loads(cnncalc("list", "--layers", "--format", "json").out)
    assert [row["key"] for row in rows if "key" in row] == [*GROUPS, *MODIFIERS]
    assert [row["layer"] for row in rows if "layer" in row] == list(LAYERS)
