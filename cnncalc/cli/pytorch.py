"""Commands that need PyTorch ask for it here, and say which extra brings it."""

from __future__ import annotations

import warnings

from cnncalc.errors import UsageError
from cnncalc.pytorch import MISSING


def require_pytorch() -> None:
    """Import PyTorch; its warning that NumPy is not there is nothing to us.

    Raises:
        UsageError: it is not installed, or broken.
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
