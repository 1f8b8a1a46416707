"""What a measurement depends on beside the network: recorded with every run, and compared with it."""

from __future__ import annotations

import platform

import torch

from cnncalc.pytorch.bench.devices.device import Device
from cnncalc.pytorch.bench.team import Team
from cnncalc.version import __version__


def environment(device: Device, team: Team) -> dict[str, str]:
    """Versions, the device, its driver and libraries, the threads, the ranks."""
    return {
        "cnncalc": __version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "place": device.name,
        **device.facts(),
        **({"ranks": str(team.size)} if team.size > 1 else {}),
    }
