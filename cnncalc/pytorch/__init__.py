"""The real network: a `Graph` built in PyTorch, and every number of ours confirmed on it.

    network ◀─ build ◀─ verify, user_network          sliding, vectors, order, resizing, joins, pointwise
    the module that runs      what is compared              the builders, by family

Besides: `fields` compares footprints with `gradients`, `saved` the bytes that autograd saves; on a `smaller` input.
Without PyTorch the functions are there, and say which extra to install.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from cnncalc.errors import UsageError

MISSING = "PyTorch is not installed: pip install 'cnncalc[torch]'"


def _missing(*_: Any, **__: Any) -> NoReturn:  # noqa: ANN401
    raise UsageError(MISSING)


if TYPE_CHECKING:
    from cnncalc.pytorch.build import build
    from cnncalc.pytorch.verify.user_network import compare_with
    from cnncalc.pytorch.verify.verify import verify
else:
    try:
        import torch  # noqa: F401
    except ImportError:
        build = verify = compare_with = _missing
    else:
        from cnncalc.pytorch.build import build
        from cnncalc.pytorch.verify.user_network import compare_with
        from cnncalc.pytorch.verify.verify import verify

__all__ = ["build", "compare_with", "verify"]
