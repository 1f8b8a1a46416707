"""Brings torchvision's models in beside the CPU build of PyTorch, whose wheels do not match.

torchvision declares its operators in a compiled library, which refuses to load there; its models need none of them, but
importing it registers Python rules for some. So the names are declared here first, without an implementation, with as
many arguments as the rules take.
"""

import contextlib
import re
import warnings
from functools import cache

import pytest
import torch

INSTALL = "torchvision is not there: pip install --no-deps torchvision, then pip install pillow numpy"
_SIGNATURES = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "roi_align": "roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, "
    "int sampling_ratio, bool aligned) -> Tensor",
}
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


@cache
def detectors():
    """`torchvision.models` whose operators run, on the CPU: those that detectors need, in Python."""
    found = models()
    import torchvision.extension
    from torchvision.ops import boxes, roi_align

    for module in (torchvision.extension, boxes, roi_align):
        for name in {"_has_ops", "_assert_has_ops"} & vars(module).keys():
            setattr(module, name, lambda: True)
    library = torch.library.Library("torchvision", "IMPL", "CPU")
    with contextlib.suppress(RuntimeError):  # the real operators are there
        library.impl("nms", _nms)
        library.impl("roi_align", _roi_align)
    found._keep_operators = library
    return found


def _nms(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True)
    boxes, kept = boxes[order], []
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    alive = torch.ones(len(boxes), dtype=torch.bool)
    while alive.any():
        best = int(alive.nonzero()[0])
        kept.append(best)
        low, high = torch.maximum(boxes[:, :2], boxes[best, :2]), torch.minimum(boxes[:, 2:], boxes[best, 2:])
        both = (high - low).clamp(min=0).prod(1)
        alive &= both / (area + area[best] - both) <= iou_threshold
        alive[best] = False
    return order[torch.tensor(kept, dtype=torch.long)]


def _roi_align(images, boxes, spatial_scale, height, width, sampling_ratio, aligned):
    """Zeros: what a region holds does not matter to shapes and counts."""
    return images.new_zeros(len(boxes), images.shape[1], height, width)


def _with_values(widths):
    """RegNet's widths are computed with tensors, whose values are wanted on the meta device too."""

    def on_cpu(**parameters):
        with torch.device("cpu"):
            return widths(**parameters)

    return on_cpu


def _declare(library, name):
    if name in _SIGNATURES:
        library.define(_SIGNATURES[name])
        return
    results = ", ".join(["Tensor"] * _RESULTS.get(name, 1))
    library.define(f"{name}(Tensor x) -> ({results})")
