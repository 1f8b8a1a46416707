"""Networks in PyTorch: the recipe of every layer, the network built from them, its verification and timing.

    recipes ─▶ builder, network ─▶ verification, bench       written_out: the modules that PyTorch lacks

`recipes` does not import PyTorch, so that the exporter works without it. `build`, `verify` and `compare_with` import
PyTorch on first access; without PyTorch they raise UsageError, which names the extra to install.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from cnncalc.errors import UsageError

if TYPE_CHECKING:
    from cnncalc.pytorch.builder import build
    from cnncalc.pytorch.verification.user_network import compare_with
    from cnncalc.pytorch.verification.verify import verify

__all__ = ["MISSING", "build", "compare_with", "verify"]

MISSING = "PyTorch is not installed: pip install 'cnncalc[torch]'"
_HOMES = {"build": "builder", "compare_with": "verification.user_network", "verify": "verification.verify"}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        import torch  # noqa: F401
    except ImportError:
        return _refuse
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def _refuse(*_: Any, **__: Any) -> NoReturn:  # noqa: ANN401
    raise UsageError(MISSING)
