"""Describe the environment of a measurement, which is recorded with every run and compared with saved ones."""

from __future__ import annotations

import platform

import torch

from cnncalc.pytorch.bench.devices.device import Device
from cnncalc.pytorch.bench.team import Team
from cnncalc.version import __version__


def environment(device: Device, team: Team) -> dict[str, str]:
    """The versions, device, driver, libraries, threads and ranks, by name."""
    return {
        "cnncalc": __version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "place": device.name,
        **device.facts(),
        **({"ranks": str(team.size)} if team.size > 1 else {}),
    }
