"""Time the phases of a training step: forward, backward, optimizer."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.team import Team

FEWEST = 5
MOST = 200
Split = Callable[[Callable[[], object]], Call]
"""Makes a step that calls the argument after the forward and after the backward pass."""


class Phases(NamedTuple):
    """Median seconds of each phase of an eager step; forward includes the loss, optimizer everything after backward."""

    forward: float
    backward: float
    optimizer: float


def phases_of(device: Device, split: Split, duration: float, team: Team) -> Phases:
    """The phases over steps that take `duration` seconds in total, with at least five steps."""
    marks: list[object] = []
    step = split(lambda: marks.append(device.mark()))
    step()  # do not count what the first step loads
    parts: list[tuple[float, float, float]] = []
    spent = 0.0
    while len(parts) < FEWEST or (spent < duration and len(parts) < MOST):
        device.wait()
        marks.clear()
        marks.append(device.mark())
        step()
        marks.append(device.mark())
        forward, backward, optimizer = device.between(marks)
        parts.append((forward, backward, optimizer))
        spent += team.led(forward + backward + optimizer)
    return Phases(*(median(part[index] for part in parts) for index in range(3)))
