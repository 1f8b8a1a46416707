import json

from cnncalc import shipped


def test_every_shipped_network_has_a_row(cnncalc):
    done = cnncalc("list")
    names = [line.split()[0] for line in done.out.splitlines()[2:] if line]
    assert names[: len(shipped.names())] == shipped.names()
    assert "18, 34, 50, 101, 152" in done.out


def test_search(cnncalc):
    done = cnncalc("list", "--search", "SEGMENT")
    assert "unet" in done.out
    assert "alexnet" not in done.out
    assert "no network matches" in cnncalc("list", "--search", "no such thing").out


def test_json(cnncalc):
    rows = json.loads(cnncalc("list", "--format", "json").out)
    (alexnet,) = [row for row in rows if row["name"] == "alexnet"]
    assert alexnet["params"] == 60_965_224
    assert alexnet["input"] == "3x227x227"


def test_layers(cnncalc):
    done = cnncalc("list", "--layers", "--search", "pool", "--format", "json")
    found = {row["layer"]: row for row in json.loads(done.out)}
    assert {"maxpool", "avgpool", "lppool", "subsample"} <= found.keys()
    assert found["maxpool"]["fields"].split() == ["kernel_size", "stride", "padding", "dilation", "ceil_mode"]
    table = cnncalc("list", "--layers").out
    assert "eps=1e-05" in table
    assert "58 layers" in table
