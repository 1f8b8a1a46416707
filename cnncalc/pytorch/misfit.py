"""Explains an exception that a layer raises because its input has another number of channels or features."""

from __future__ import annotations

import traceback
from typing import Any

from torch import Tensor, nn

FIELDS = {"in_features": (-1, "features"), "in_channels": (1, "channels"), "num_features": (1, "channels")}


def explain_misfit(error: BaseException, network: nn.Module | None) -> str | None:
    """A sentence with the value that fits: `'fc' has in_features=192, but its input has 3072 features: …`.

    None where the exception has another cause. The layer is the innermost one that was running.
    """
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        layer, given = frame.f_locals.get("self"), frame.f_locals.get("input")
        if isinstance(layer, nn.Module):
            return _compare(layer, given, network) if isinstance(given, Tensor) else None
    return None


def _compare(layer: nn.Module, given: Tensor, network: nn.Module | None) -> str | None:
    for field, (axis, what) in FIELDS.items():
        expected: Any = getattr(layer, field, None)
        if not isinstance(expected, int) or given.dim() <= abs(axis):
            continue
        size = int(given.shape[axis])
        if size == expected:
            return None
        named = _name(layer, network)
        return f"{named} has {field}={expected}, but its input has {size} {what}: {field}={size} fits this input size"
    return None


def _name(layer: nn.Module, network: nn.Module | None) -> str:
    paths = (path for path, each in network.named_modules() if each is layer) if network is not None else iter(())
    path = next(paths, "")
    return f"'{path}'" if path else type(layer).__name__
