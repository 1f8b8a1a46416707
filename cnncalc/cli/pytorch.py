"""Imports PyTorch for the commands that need it, with a hint on how to install it."""

from __future__ import annotations

import warnings

from cnncalc.errors import UsageError
from cnncalc.pytorch import MISSING


def require_pytorch() -> None:
    """Import PyTorch, and suppress its warning about a missing NumPy.

    Raises:
        UsageError: PyTorch is not installed, or cannot be imported.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import torch  # noqa: F401
        except ModuleNotFoundError:
            raise UsageError(MISSING) from None
        except (ImportError, OSError) as error:
            reason = str(error).partition("\n")[0]
            raise UsageError(f"PyTorch cannot be imported ({reason}): reinstall it") from None
