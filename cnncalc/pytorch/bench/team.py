"""Coordinate the processes that train together: a single one, or the ranks that torchrun starts.

A step of data-parallel training synchronizes all ranks, so all must take the same number of steps: rank 0 makes every
decision that depends on a clock and broadcasts it to the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol

import torch
import torch.distributed as dist
from torch import nn

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.devices.device import parse_device
from cnncalc.pytorch.bench.faults import faults_of
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.quantities.numerals import natural

PATIENCE = timedelta(seconds=300)  # to wait for a missing rank; compiling takes a while
MEETING = ("MASTER_ADDR", "MASTER_PORT")  # the variables that say where ranks meet


class Team(Protocol):
    """The ranks of a benchmark, as one of them sees them."""

    rank: int
    size: int

    def led(self, number: float) -> float:
        """The number that rank 0 passes."""

    def sum(self, number: float) -> float:
        """The sum over all ranks."""

    def parallel(self, network: nn.Module) -> nn.Module:
        """The network, wrapped so that gradients are averaged over all ranks."""


class Solo:
    """A single process."""

    rank = 0
    size = 1

    def led(self, number: float) -> float:
        """The number itself."""
        return number

    def sum(self, number: float) -> float:
        """The number itself."""
        return number

    def parallel(self, network: nn.Module) -> nn.Module:
        """The network itself."""
        return network


class Ranks:
    """One rank of several; it communicates by tensors on the device that the backend requires."""

    def __init__(self, place: str) -> None:
        self.rank = dist.get_rank()
        self.size = dist.get_world_size()
        self._place = place

    def led(self, number: float) -> float:
        """The number that rank 0 broadcasts."""
        shared = torch.tensor([number], dtype=torch.float64, device=self._place)
        dist.broadcast(shared, 0)
        return float(shared.item())

    def sum(self, number: float) -> float:
        """The sum by all-reduce."""
        total = torch.tensor([number], dtype=torch.float64, device=self._place)
        dist.all_reduce(total)
        return float(total.item())

    def parallel(self, network: nn.Module) -> nn.Module:
        """The network wrapped in PyTorch's DistributedDataParallel."""
        from torch.nn.parallel import DistributedDataParallel

        devices = None if self._place == "cpu" else [torch.device(self._place).index]
        return DistributedDataParallel(network, device_ids=devices)


def under_torchrun(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process is one of several that torchrun started."""
    return "RANK" in environment and _number("WORLD_SIZE", environment, 1) > 1


def local_rank(environment: Mapping[str, str] = os.environ) -> int | None:
    """The rank of this process on its machine, from 0; None outside torchrun."""
    return _number("LOCAL_RANK", environment, 0) if under_torchrun(environment) else None


def rank(environment: Mapping[str, str] = os.environ) -> int:
    """The rank of this process among all, from 0; 0 for a single process."""
    return _number("RANK", environment, 0) if under_torchrun(environment) else 0


def _number(name: str, environment: Mapping[str, str], otherwise: int) -> int:
    text = environment.get(name, str(otherwise))
    number = natural(text)
    if number is None:
        raise UsageError(f"{name}={text} in the environment: expected a number, as torchrun sets it")
    return number


def require_together(
    device: str, settings: Settings, batches: Sequence[int] | None, environment: Mapping[str, str] = os.environ
) -> None:
    """Refuse settings that ranks under torchrun do not support.

    Raises:
        UsageError: a setting does not work with several ranks, or ranks cannot find each other.
    """
    if not under_torchrun(environment):
        return
    kind, index = parse_device(device)
    if kind == "mps":
        raise UsageError("torchrun needs --device cpu or cuda")
    if index is not None and _number("LOCAL_WORLD_SIZE", environment, 1) > 1:
        raise UsageError(f"under torchrun every rank takes a device of its own: --device cuda, not {device}")
    if not settings.training:
        raise UsageError("under torchrun training is measured: add --mode training, or start one process")
    if settings.cuda_graph:
        raise UsageError("--cuda-graph and torchrun are mutually exclusive")
    if settings.latency:
        raise UsageError("--latency waits for one process alone: under torchrun leave it out")
    if batches is None:
        raise UsageError("--batch auto looks for what fits one device: under torchrun give a number, per rank")
    missing = [name for name in MEETING if not environment.get(name)]
    if missing:
        raise UsageError(
            f"RANK is set without {' and '.join(missing)}, so ranks do not find each other: start with torchrun, which "
            "sets them, or unset RANK and WORLD_SIZE"
        )


@contextmanager
def assembled(place: str) -> Iterator[Team]:
    """Join the other ranks for the duration of the context; tensors are exchanged on `place` (cpu, cuda:1).

    Raises:
        UsageError: the ranks cannot find each other.
    """
    if not under_torchrun():
        yield Solo()
        return
    backend = "nccl" if place.startswith("cuda") else "gloo"
    with faults_of(place, "joining the other ranks"):
        dist.init_process_group(backend, timeout=PATIENCE)
    yield Ranks(place)
    dist.destroy_process_group()  # not after a failure: it would wait for missing ranks, which torchrun ends
