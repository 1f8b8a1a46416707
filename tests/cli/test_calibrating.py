import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("numpy")

from cnncalc.cli import calibrating
from cnncalc.devices.catalog import find_device
from cnncalc.pytorch.bench.calibration import measuring
from cnncalc.pytorch.bench.timing import warming


@pytest.fixture
def tiny(monkeypatch):
    """Tiny networks, and hardly any warm-up."""
    monkeypatch.setattr(calibrating, "NETWORKS", ("lenet5", "mlp", "cs231n", "nin@cifar10"))
    monkeypatch.setattr(measuring, "FEWEST", 3)
    monkeypatch.setattr(measuring, "WARM_UP", 0.01)
    monkeypatch.setattr(measuring, "DURATION", 0.01)
    monkeypatch.setattr(warming, "LEAST", 0.01)
    monkeypatch.setattr(warming, "RECENT", 0.01)


def test_time_reads_the_device_that_it_writes(cnncalc, tiny, tmp_path):
    done = cnncalc("bench", "--calibrate", "-o", "my_cpu.yaml")
    assert done.code == 0
    assert "error on networks left out: median" in done.out
    assert done.err.splitlines()[0] == "1 of 4: lenet5"
    timed = cnncalc("time", "resnet@18", "--device", "my_cpu.yaml", "--batch", "1,8")
    assert timed.code == 0
    assert "fp32, nchw, eager" in timed.out
    assert "8 runs of 4 networks, batches 1 to 8" in timed.out
    assert "error on networks left out" in timed.out


def test_too_few_samples_for_a_spread_are_said(cnncalc, tiny, monkeypatch):
    monkeypatch.setattr(measuring, "DURATION", 0.0)
    document = json.loads(cnncalc("bench", "--calibrate", "-o", "my_cpu.yaml", "--format", "json").out)
    assert [run["spread"] for run in document["runs"]] == [None] * 8
    out = " ".join(cnncalc("bench", "--calibrate", "-o", "my_cpu.yaml").out.split())
    assert "8 runs of 8 took so long that there are fewer than 6 samples: their spread is not known" in out


def test_a_second_setting_is_added_to_the_file(cnncalc, tiny, tmp_path):
    assert cnncalc("bench", "--calibrate", "-o", "my_cpu.yaml").code == 0
    done = cnncalc("bench", "--calibrate", "--dtype", "bf16", "-o", "my_cpu.yaml", "--format", "json")
    found = json.loads(done.out)
    assert found["setting"] == {"mode": "inference", "dtype": "bf16", "layout": "nchw", "compiled": False}
    assert len(found["runs"]) == 8
    device = find_device(str(tmp_path / "my_cpu.yaml"))
    assert [setting.dtype for setting in device.settings] == ["fp32", "bf16"]


def test_the_device_goes_to_standard_output(cnncalc, tiny):
    done = cnncalc("bench", "--calibrate", "-o", "-")
    assert done.code == 0
    assert done.out.startswith("name: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--calibrate"], "--calibrate writes a device: -o my_gpu.yaml"),
        (["--calibrate", "-o", "mine"], "-o mine.yaml"),
        (["--calibrate", "-o", "no/mine.yaml"], "there is no folder no"),
        (["resnet@18", "--calibrate", "--batch", "2", "-o", "m.yaml"], "leave out SPEC, --batch"),
        (["lenet5", "-o", "mine.yaml"], "-o is for --calibrate"),
        (["--calibrate", "-o", "mine.yaml", "--device", "cuda"], "cuda:0 is not available"),
        (["--calibrate", "-o", "mine.yaml", "--dtype", "tf32"], "tf32 is a mode of CUDA devices"),
    ],
)
def test_what_it_refuses(cnncalc, arguments, words):
    done = cnncalc("bench", *arguments)
    assert done.code == 2
    assert words in done.err


def test_a_file_that_is_no_device_is_not_replaced(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text("input: 3x8x8\nlayers: [relu]\n")
    done = cnncalc("bench", "--calibrate", "-o", "net.yaml")
    assert done.code == 2
    assert "unknown key 'input'" in done.err
