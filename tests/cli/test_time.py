import csv
import io
import json

import pytest

NET = ("time", "resnet@18", "--device", "rtx4090")


def test_layers_and_total(cnncalc):
    done = cnncalc(*NET, "--batch", "256")
    assert done.code == 0
    assert "90% interval" in done.out
    assert "by the data sheet" in done.out
    assert "layer1.0.conv1" in done.out


def test_json_has_every_batch_with_its_layers(cnncalc):
    document = json.loads(cnncalc(*NET, "--batch", "64,256", "--format", "json").out)
    assert [each["batch"] for each in document["batches"]] == [64, 256]
    for each in document["batches"]:
        low, high = each["interval"]
        assert low < each["seconds"] < high
        assert each["images_per_second"] == pytest.approx(each["batch"] / each["seconds"])
        assert sum(layer["seconds"] for layer in each["layers"]) == pytest.approx(each["seconds"])
        assert sum(each["shares"].values()) == pytest.approx(1)


def test_several_networks_and_batches_are_rows(cnncalc):
    done = cnncalc("time", "resnet@18", "resnet@50", "--device", "rtx3090", "--batch", "64,256", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["batch"] for row in rows] == ["64", "256"] * 2


def test_a_data_sheet_gives_a_bound(cnncalc):
    done = cnncalc("time", "resnet@50", "--device", "h100_nvl", "--batch", "256")
    assert done.code == 0
    assert "at least" in done.out
    assert "a bound and no prediction" in done.out
    assert "not checked against the document" in done.out


def test_a_batch_that_does_not_fit(cnncalc):
    assert "does not fit the memory" in cnncalc("time", "vgg@16", "--device", "rtx4090", "--batch", "4096").out


def test_devices_with_their_errors(cnncalc):
    out = cnncalc("time", "--devices").out
    assert "rtx4090" in out
    assert "bounds, no predictions" in out
    listed = json.loads(cnncalc("time", "--devices", "--format", "json").out)
    found = {device["device"]: device for device in listed}
    assert found["h200"]["fits"] == []
    errors = found["rtx4090"]["fits"][0]["errors"]["all networks"]
    assert errors["median"] < 0.15
    assert 0.8 < errors["coverage"] <= 1
    assert all(device["source"] for device in listed)
    unchecked = sum(device["checked"] is False for device in listed)
    assert f"figures of {unchecked} data sheets are not checked against the document" in out
    assert "BCM2712" in found["raspberry_pi_5"]["checked"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet@18",), "--device: which device? cnncalc time --devices lists them"),
        (("resnet@18", "--device", "rtx409"), "unknown device 'rtx409': did you mean"),
        (("resnet@18", "--device", "rtx4090", "--batch", "0"), "--batch"),
        (("resnet@18", "--device", "rtx4090", "--batch", "1,x"), "--batch"),
        (("resnet@18", "--device", "rtx4090", "--dtype", "int4"), "--dtype: expected one of amp"),
        (("resnet@18", "--device", "rtx4090", "--layout", "chw"), "--layout: expected one of nchw, nhwc"),
        (("resnet@18", "--device", "rtx4090", "--mode", "train"), "did you mean 'training'?"),
        (("resnet@18", "--device", "nowhere.yaml"), "nowhere.yaml"),
        (("resnet@18", "--device", "rtx4090", "--input", "3xHxW"), "--at gives values to H, W"),
    ],
)
def test_refusals(cnncalc, arguments, message):
    done = cnncalc("time", *arguments)
    assert done.code == 2
    assert message in done.err
