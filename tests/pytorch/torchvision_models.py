"""Brings torchvision's models in beside the CPU build of PyTorch, whose wheels do not match.

torchvision declares its operators in a compiled library, which refuses to load there; its models need none of them, but
importing it registers Python rules for some. So the names are declared here first, without an implementation, with as
many arguments as the rules take.
"""

import re
import warnings
from functools import cache

import pytest
import torch

INSTALL = "torchvision is not there: pip install --no-deps torchvision, then pip install pillow numpy"
_RESULTS = {"roi_pool": 2, "ps_roi_align": 2, "ps_roi_pool": 2, "_deform_conv2d_backward": 5}
_MISSING = re.compile(r"operator torchvision::(\w+) does not exist")


@cache
def models():
    """`torchvision.models`; the test is skipped where it cannot be imported."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(30):
            try:
                import torchvision.models as found
            except ImportError:  # noqa: PERF203 - once per operator
                pytest.skip(INSTALL)
            except RuntimeError as error:
                missing = _MISSING.search(str(error))
                if missing is None:
                    raise
                _declare(library, missing[1])
            else:
                found._keep = library  # the declarations last as long as what uses them
                found.regnet.BlockParams.from_init_params = _with_values(found.regnet.BlockParams.from_init_params)
                return found
    pytest.skip(f"{INSTALL} (its operators could not be declared)")


def _with_values(widths):
    """RegNet's widths are computed with tensors, whose values are wanted on the meta device too."""

    def on_cpu(**parameters):
        with torch.device("cpu"):
            return widths(**parameters)

    return on_cpu


def _declare(library, name):
    results = ", ".join(["Tensor"] * _RESULTS.get(name, 1))
    library.define(f"{name}(Tensor x) -> ({results})")
