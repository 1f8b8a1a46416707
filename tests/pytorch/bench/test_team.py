"""Data-parallel training: what torchrun's ranks may do, and two of them on the processor."""

import json
import os
import socket
import subprocess
import sys

import pytest
import torch  # noqa: F401 - without it this file is left out

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.team import Solo, local_rank, rank, require_together, under_torchrun

TWO = {
    "RANK": "1",
    "WORLD_SIZE": "2",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "29500",
}
SPEC = """
name: Tiny
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3}
  - batchnorm
  - relu
  - flatten
  - linear: 5
"""
PATIENCE = 120  # seconds


def test_alone():
    assert not under_torchrun({})
    assert not under_torchrun({"RANK": "0", "WORLD_SIZE": "1"})
    assert local_rank({}) is None
    assert rank({}) == 0
    assert Solo().led(3.0) == Solo().sum(3.0) == 3.0
    require_together("cuda:1", Settings(cuda_graph=True), None, {})


@pytest.mark.parametrize("number", ["²", "٣", "", "-1", "1_0", "9" * 5000])
def test_numbers_of_the_environment(number):
    with pytest.raises(UsageError, match="in the environment: expected a number, as torchrun sets it"):
        rank({**TWO, "RANK": number})


def test_of_two():
    assert under_torchrun(TWO)
    assert (local_rank(TWO), rank(TWO)) == (1, 1)
    require_together("cuda", Settings(mode="training"), (1,), TWO)


@pytest.mark.parametrize(
    ("device", "settings", "batches", "message"),
    [
        ("cpu", {}, (1,), "add --mode training"),
        ("cpu", {"mode": "training"}, None, "--batch auto"),
        ("cuda:1", {"mode": "training"}, (1,), "--device cuda, not cuda:1"),
        ("mps", {"mode": "training"}, (1,), "--device cpu or cuda"),
        ("cuda", {"mode": "training", "cuda_graph": True}, (1,), "--cuda-graph and torchrun are mutually exclusive"),
        ("cuda", {"mode": "training", "latency": True}, (1,), "--latency waits for one process alone"),
    ],
)
def test_what_ranks_cannot_do(device, settings, batches, message):
    with pytest.raises(UsageError, match=message):
        require_together(device, Settings(**settings), batches, TWO)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def ranks(folder, *arguments, size=2):
    """The ranks of one command on loopback, as torchrun starts them: exit codes, what they print, what they say."""
    (folder / "tiny.yaml").write_text(SPEC)
    port = str(free_port())
    processes = []
    for number in range(size):
        environment = {
            **os.environ, "RANK": str(number), "LOCAL_RANK": str(number), "WORLD_SIZE": str(size),
            "LOCAL_WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1",
            "GLOO_SOCKET_IFNAME": "lo", "PYTHONIOENCODING": "utf-8",
        }  # fmt: skip
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "cnncalc",
            "bench",
            "tiny.yaml",
            "--duration",
            "0.05",
            *arguments,
        ]
        pipe = subprocess.PIPE
        processes.append(
            subprocess.Popen(
                command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
            )
        )
    try:
        done = [process.communicate(timeout=PATIENCE) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, *texts) for process, texts in zip(processes, done, strict=True)]


@pytest.mark.skipif(sys.platform != "linux", reason="gloo on the loopback interface lo")
def test_two_ranks_train_together(tmp_path):
    first, second = ranks(tmp_path, "--mode", "training", "--batch", "4,8", "-f", "json")
    assert (first[0], second[0]) == (0, 0), first[2] + second[2]
    found = json.loads(first[1])
    assert found["environment"]["ranks"] == "2"
    assert [run["batch"] for run in found["runs"]] == [4, 8]
    for run in found["runs"]:
        assert run["ranks"]["count"] == 2
        assert run["ranks"]["alone"] > 0
        assert run["ranks"]["scaling"] == pytest.approx(
            run["images_per_second"] / (2 * run["batch"] / run["ranks"]["alone"])
        )
        assert set(run["phases"]) == {"forward", "backward", "optimizer"}
        alone = run["batch"] / run["seconds"]["median"]
        assert alone < run["images_per_second"]  # the second rank's are added
    assert second[1] == ""  # rank 0 prints
    assert "Tiny: batch 8" in first[2]
    assert "Tiny" not in second[2]


@pytest.mark.skipif(sys.platform != "linux", reason="gloo on the loopback interface lo")
def test_what_cannot_be_ends_every_rank(tmp_path):
    for code, out, said in ranks(tmp_path, "--batch", "4"):
        assert code == 2
        assert out == ""
        assert "under torchrun training is measured: add --mode training" in said
