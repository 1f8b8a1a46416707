"""A step of training by its parts: forward, backward, optimizer."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.team import Team

FEWEST = 5
MOST = 200
Split = Callable[[Callable[[], object]], Call]
"""A step that calls what it is given behind the forward and behind the backward pass."""


class Phases(NamedTuple):
    """Median seconds of each part of a step, eager; the forward pass has the loss, the optimizer all that follows."""

    forward: float
    backward: float
    optimizer: float


def phases_of(device: Device, split: Split, duration: float, team: Team) -> Phases:
    """The parts over steps that last `duration` seconds in all, at least five of them."""
    marks: list[object] = []
    step = split(lambda: marks.append(device.mark()))
    step()  # what a first step loads is not counted
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
