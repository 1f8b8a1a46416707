import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

torch = pytest.importorskip("torch")

from cnncalc.cli import benchmarking  # noqa: E402
from cnncalc.pytorch.bench import measurement, session, subject  # noqa: E402
from cnncalc.pytorch.bench.devices.cuda import Cuda  # noqa: E402
from cnncalc.pytorch.bench.faults import NoRoomError  # noqa: E402
from cnncalc.pytorch.bench.roofline.bounds import Ceilings  # noqa: E402
from cnncalc.pytorch.bench.timing import timing, warming  # noqa: E402

from ..pytorch.bench.fake_cuda import FakeCuda  # noqa: E402

SPEC = """
name: {name}
input: 3x8x8
layers:
  - conv: {{out_channels: {width}, kernel_size: 3}}
  - relu
  - flatten
  - linear: 5
"""
QUICK = ("--duration", "0.02")


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    """Two small networks, ceilings that need no measuring, and no warm-up to speak of."""
    monkeypatch.setattr(warming, "LEAST", 0.01)
    monkeypatch.setattr(timing, "PATIENCE", 0.03)
    (tmp_path / "tiny.yaml").write_text(SPEC.format(name="Tiny", width=4))
    (tmp_path / "wide.yaml").write_text(SPEC.format(name="Wide", width=16))
    monkeypatch.setattr(session, "measure_ceilings", lambda device, dtype: Ceilings(1e11, 1e10))
    return tmp_path


def test_one(cnncalc):
    done = cnncalc("bench", "tiny.yaml", "--batch", "1,8", *QUICK)
    assert done.code == 0
    rows = [line.split() for line in done.out.splitlines() if line.startswith("Tiny")][:2]
    assert [row[1] for row in rows] == ["1", "8"]
    assert "inference, fp32" in done.out
    assert "100 GFLOP/s (fp32 matrix product), 10.0 GB/s (copy" in done.out
    assert f"torch {torch.__version__}" in done.out
    assert done.err.splitlines()[:2] == ["Tiny: confirming", "measuring the matrix rate and the copy bandwidth"]


def test_several_side_by_side(cnncalc):
    done = cnncalc("bench", "tiny.yaml", "wide.yaml", "--batch", "4", *QUICK)
    assert done.code == 0
    (tiny,) = [line for line in done.out.splitlines() if line.startswith("Tiny  ")]
    assert tiny.endswith("1.00×")
    assert "Tiny 3×8×8, Wide 3×8×8" in done.out


def test_training(cnncalc):
    done = cnncalc("bench", "tiny.yaml", "--mode", "training", *QUICK)
    assert done.code == 0
    assert "a step of training, fp32" in done.out
    assert "of matrix rate" in done.out


def test_per_layer(cnncalc):
    done = cnncalc("bench", "tiny.yaml", "--per-layer", "--batch", "2", *QUICK)
    assert done.code == 0
    assert "Tiny, batch 2: layer by layer" in done.out
    assert any(line.startswith("conv1 ") for line in done.out.splitlines())
    rows = list(csv.DictReader(io.StringIO(cnncalc("bench", "tiny.yaml", "--per-layer", *QUICK, "-f", "csv").out)))
    assert [row["name"] for row in rows] == ["conv1", "relu1", "flatten1", "linear1"]


def test_json(cnncalc):
    found = json.loads(cnncalc("bench", "tiny.yaml", "--dtype", "bf16", *QUICK, "-f", "json").out)
    assert found["schema"] == "cnncalc-bench/1"
    assert found["settings"]["dtype"] == "bf16"
    (run,) = found["runs"]
    assert run["network"] == "Tiny"
    assert run["seconds"]["median"] > 0
    assert run["peak_bytes"]["predicted"] > 0


def test_save_and_compare(cnncalc, tmp_path):
    assert cnncalc("bench", "tiny.yaml", "--save", "runs.json", *QUICK).code == 0
    saved = json.loads((tmp_path / "runs.json").read_text())
    assert saved["environment"]["place"] == "cpu"
    assert {"torch", "device", "threads", "cnncalc", "python"} <= saved["environment"].keys()
    saved["environment"]["torch"] = "2.4.0"
    (tmp_path / "runs.json").write_text(json.dumps(saved))
    done = cnncalc("bench", "tiny.yaml", "wide.yaml", "--compare", "runs.json", *QUICK)
    assert done.code == 0
    assert "to saved" in done.out
    assert f"torch: 2.4.0 then, {torch.__version__} now" in done.out
    done = cnncalc("bench", "wide.yaml", "--compare", "runs.json", *QUICK)
    assert "runs.json has no run with these networks, inputs and batches" in done.out


def test_auto(cnncalc, monkeypatch):
    from cnncalc.pytorch.bench.devices.cpu import Cpu
    from cnncalc.pytorch.bench.devices.device import Memory

    monkeypatch.setattr(Cpu, "memory", lambda self: Memory(1 << 20, 1 << 20))
    done = cnncalc("bench", "tiny.yaml", "--batch", "auto", *QUICK)
    assert done.code == 0
    assert "the largest batch that fits" in done.out
    assert "Tiny: trying batch 2" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--device", "tpu"], "--device: expected cpu, cuda, cuda:1 or mps, got 'tpu'"),
        (["--batch", "0"], "--batch: expected a whole number"),
        (["--batch", "1,,2"], "--batch: expected a whole number"),
        (["--batch", "most"], "--batch: expected a whole number"),
        (["--dtype", "fp8"], "--dtype: expected one of fp32, tf32, fp16, bf16"),
        (["--mode", "test"], "--mode: expected one of inference, training"),
        (["--duration", "0"], "--duration: expected seconds above 0"),
        (["--duration", "nan"], "--duration: expected seconds above 0"),
        (["--cuda-graph"], "--cuda-graph needs --device cuda"),
        (["--dtype", "tf32"], "tf32 is a mode of CUDA devices"),
        (["--cold"], "--cold needs --device cuda"),
        (["--per-layer", "--mode", "training"], "--per-layer times the layers at inference"),
        (["--compare", "gone.json"], "gone.json: no such file"),
        (["--save", "gone/runs.json"], "there is no folder gone"),
        (["--input", "3xHxW"], "H, W are still symbols: give them values first"),
    ],
)
def test_what_cannot_be(cnncalc, arguments, message):
    done = cnncalc("bench", "tiny.yaml", *arguments)
    assert done.code == 2
    assert message in done.err
    assert done.out == ""


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_no_such_device(cnncalc):
    done = cnncalc("bench", "tiny.yaml", "--device", "cuda:1")
    assert done.code == 2
    assert done.err.startswith("cnncalc: cuda:1 is not available: ")
    assert "--device cpu" in done.err


def test_a_failed_confirmation_stops_it(cnncalc, monkeypatch):
    monkeypatch.setattr(session, "macs_of", lambda node: 7)
    done = cnncalc("bench", "tiny.yaml", *QUICK)
    assert done.code == 1
    assert "Tiny is not confirmed, so it is not timed: conv1: macs: ours 7" in done.err
    assert done.out == ""


def ended_by(error, monkeypatch):
    """The second measurement ends so."""
    real, count = measurement.time_call, iter(range(9))

    def once(*arguments):
        if next(count):
            raise error
        return real(*arguments)

    monkeypatch.setattr(measurement, "time_call", once)


def test_out_of_memory_prints_what_was_measured(cnncalc, monkeypatch, tmp_path):
    ended_by(NoRoomError("cpu is out of memory (Tiny, batch 8): use a smaller --batch"), monkeypatch)
    done = cnncalc("bench", "tiny.yaml", "--batch", "1,8", "--save", "runs.json", *QUICK)
    assert done.code == 2
    assert "cnncalc: cpu is out of memory (Tiny, batch 8): use a smaller --batch" in done.err
    assert [line.split()[1] for line in done.out.splitlines() if line.startswith("Tiny  ")] == ["1"]
    kept = json.loads((tmp_path / "runs.json").read_text("utf-8"))
    assert [run["batch"] for run in kept["runs"]] == [1]
    assert kept["ended"] == "cpu is out of memory (Tiny, batch 8): use a smaller --batch"


def test_interruption_prints_what_was_measured(cnncalc, monkeypatch, tmp_path):
    ended_by(KeyboardInterrupt(), monkeypatch)
    done = cnncalc("bench", "tiny.yaml", "--batch", "1,8", "--save", "runs.json", *QUICK)
    assert done.code == 130
    kept = json.loads((tmp_path / "runs.json").read_text("utf-8"))
    assert [run["batch"] for run in kept["runs"]] == [1]
    assert kept["ended"] == "interrupted"
    assert [line.split()[1] for line in done.out.splitlines() if line.startswith("Tiny  ")] == ["1"]


def test_a_fault_that_stays_prints_and_keeps_what_was_measured(cnncalc, monkeypatch, tmp_path):
    """The second batch's kernels fault: synchronize and empty_cache raise it again, and nothing is lost by that."""
    api = FakeCuda()
    device = Cuda(0, api, place="cpu", clock=api.clock, profile=api.profile)
    real = subject.Subject.call

    def call(self, batch, plain=False):
        inner = real(self, batch, plain)
        if batch == 8:
            api.fails_after = api.launches + 20

        def launching():
            inner()
            api.launch(1e-3)

        return launching

    monkeypatch.setattr(subject.Subject, "call", call)
    monkeypatch.setattr(benchmarking, "open_device", lambda text, rank: device)
    done = cnncalc("bench", "tiny.yaml", "--device", "cuda", "--batch", "1,8", "--save", "runs.json", *QUICK)
    assert done.code == 2
    assert [line.split()[1] for line in done.out.splitlines() if line.startswith("Tiny  ")] == ["1"]
    assert done.err.splitlines()[-1].startswith("cnncalc: cuda:0 failed (Tiny, batch 8): CUDA error: an illegal memory")
    kept = json.loads((tmp_path / "runs.json").read_text("utf-8"))
    assert [run["batch"] for run in kept["runs"]] == [1]
    assert "illegal memory access" in kept["ended"]
    assert kept["runs"][0]["queueing"]["waiting"] is not None


def test_nothing_measured_is_nothing_saved(cnncalc, monkeypatch, tmp_path):
    def fails(*arguments):
        raise NoRoomError("cpu is out of memory")

    monkeypatch.setattr(measurement, "time_call", fails)
    (tmp_path / "runs.json").write_text("the runs of yesterday")
    assert cnncalc("bench", "tiny.yaml", "--save", "runs.json", *QUICK).code == 2
    assert (tmp_path / "runs.json").read_text() == "the runs of yesterday"


def test_latency(cnncalc):
    done = cnncalc("bench", "tiny.yaml", "--latency", *QUICK)
    assert done.code == 0
    assert all(name in done.out for name in ("p50", "p95", "p99", "latency of one call at a time"))
    found = json.loads(cnncalc("bench", "tiny.yaml", "--latency", *QUICK, "-f", "json").out)
    assert 0 < found["runs"][0]["latency"]["p50"] <= found["runs"][0]["latency"]["p95"]


def test_another_network_is_not_compared_with(cnncalc, tmp_path):
    assert cnncalc("bench", "tiny.yaml", "--save", "runs.json", *QUICK).code == 0
    (tmp_path / "tiny.yaml").write_text(SPEC.format(name="Tiny", width=5))
    done = cnncalc("bench", "tiny.yaml", "--compare", "runs.json", *QUICK)
    assert (done.code, done.out) == (2, "")
    assert "Tiny differs from the saved run: parameters 837 then, 1,045 now; FLOPs" in done.err
    done = cnncalc("bench", "tiny.yaml", "--compare", "runs.json", "--dtype", "bf16", *QUICK)
    assert "dtype fp32 then, bf16 now" in done.err


def test_training_at_the_default_batch_through_a_map_of_one_value(cnncalc):
    done = cnncalc("bench", "deeplab_v3", "--mode", "training", *QUICK)
    assert (done.code, done.out) == (2, "")
    assert "cannot be trained at batch 1: " in done.err
    assert done.err.endswith(" normalizes 1 value per channel, which has no variance: take --batch 2 or more\n")


def test_ranks_that_cannot_meet(cnncalc, monkeypatch):
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    monkeypatch.setenv("MASTER_PORT", "29500")
    done = cnncalc("bench", "tiny.yaml", "--mode", "training", *QUICK)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "cnncalc: RANK is set without MASTER_ADDR, so ranks do not find each other: start with torchrun, which sets "
        "them, or unset RANK and WORLD_SIZE\n"
    )
    monkeypatch.setenv("WORLD_SIZE", "two")
    assert "WORLD_SIZE=two in the environment: expected a number" in cnncalc("bench", "tiny.yaml", *QUICK).err


@pytest.mark.skipif(os.name == "nt", reason="a signal")
def test_interruption_of_a_process(tmp_path):
    command = [sys.executable, "-W", "ignore", "-m", "cnncalc", "bench", "tiny.yaml", "--duration", "600"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True) as process:
        for line in process.stderr:
            if "batch 1" in line:
                break
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in said


def test_without_pytorch(cnncalc, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for command in ("bench", "verify"):
        done = cnncalc(command, "tiny.yaml")
        assert done.code == 2
        assert done.err == "cnncalc: PyTorch is not installed: pip install 'cnncalc[torch]'\n"


def test_help_needs_no_pytorch():
    code = (
        "import sys\nfrom cnncalc.cli.main import main\n"
        "for c in ('bench', 'verify'): assert main([c, '--help']) == 0\nmain(['--help'])\n"
        "print('torch' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "False"
