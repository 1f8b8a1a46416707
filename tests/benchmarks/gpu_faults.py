"""Steps of `gpu_check.sh` in which something fails: captures, kernels, an interruption; and ranks over NCCL."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import torch
from gpu_ours import NAMES, ON, bench, judge, verdict

from cnncalc.pytorch.bench.devices.opening import open_device
from cnncalc.pytorch.bench.faults import NoRoomError, faults_of
from cnncalc.pytorch.bench.settings import Settings


def nccl() -> None:
    """DistributedDataParallel over NCCL, with a single rank."""
    import torch.distributed as dist

    from cnncalc.pytorch.bench.team import Ranks

    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29571", RANK="0", WORLD_SIZE="1", LOCAL_RANK="0")
    torch.cuda.set_device(0)
    dist.init_process_group("nccl")
    try:
        judge("one rank over NCCL", bench(NAMES[0], 32, "bf16", team=Ranks("cuda:0"), mode="training"), "bf16")
    finally:
        dist.destroy_process_group()


def capture() -> None:
    """Memory that ends, and a copy to the host, inside a capture; the device works after either."""
    device = open_device(ON)
    device.prepare(Settings())
    ones = torch.ones(8, device=ON)

    def hungry() -> object:
        if torch.cuda.is_current_stream_capturing():
            return [torch.empty(1 << 32, dtype=torch.uint8, device=ON) for _ in range(64)]  # 256 GiB
        return ones + 1

    cases: tuple[tuple[str, Callable[[], object], Callable[[Exception], bool]], ...] = (
        ("memory ends in a capture", hungry, lambda error: isinstance(error, NoRoomError)),
        ("a copy to the host in a capture", lambda: ones.sum().item(), lambda error: "--cuda-graph" in str(error)),
    )
    for name, call, expected in cases:
        try:
            with faults_of(device.name, "a capture"):
                device.captured(call)
            verdict(False, name, "nothing was raised")
        except Exception as error:
            verdict(expected(error), name, f"{type(error).__name__}: {str(error)[:150]}")
        device.release()
        verdict(device.answers(), f"the device after it ({name})", "answers" if device.answers() else "does not answer")


def sticky() -> None:
    """A kernel faults at the second batch: the first batch's row is printed and saved, then the fault, with code 2."""
    from cnncalc.cli.main import main
    from cnncalc.pytorch.bench import subject

    real = subject.Subject.call

    def call(self: subject.Subject, batch: int, plain: bool = False) -> Callable[[], object]:
        inner = real(self, batch, plain)

        def faulty() -> None:
            inner()
            torch.zeros(4, device=ON)[torch.full((4,), 10**6, device=ON)]  # a device-side assertion

        return faulty if batch == 2 else inner

    subject.Subject.call = call  # type: ignore[method-assign]
    out, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        code = main(["bench", "lenet5", "--device", ON, "--batch", "1,2", "--duration", "0.2"])
    fault = (said.getvalue().strip().splitlines() or [""])[-1]
    row = "LeNet-5" in out.getvalue()
    verdict(row and code == 2, "a fault that stays", f"row printed: {row}; exit {code}; {fault[:150]}")
    os._exit(0)  # the context is dead: leave without its destructors


def sigint() -> None:
    """Ctrl-C during the second batch prints the first."""
    command = [sys.executable, "-m", "cnncalc", "bench", "lenet5", "--device", ON, "--batch", "8,16", "--duration", "3"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "batch 16" in line:
                break
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=40)
    row = "LeNet-5" in out
    verdict(process.returncode == 130 and row, "Ctrl-C", f"exit {process.returncode}, the first row printed: {row}")
