"""Networks from elsewhere, traced: one flat list of layers, from which `writing` makes a spec.

`traced_module` is for a module of PyTorch's in hand; for a name, as on a command line, `foreign` says whether it has to
be imported, and `traced_from` asks the importer of its format.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from torch import nn

    from cnncalc.importers.traced import Traced
    from cnncalc.symbolic import Size

__all__ = ["foreign", "traced_from", "traced_module"]

TORCH = "torch:"
ONNX = ".onnx"
CAFFE = ".prototxt"
MISSING = "PyTorch is not installed: pip install 'cnncalc[torch]'"
Sizes: TypeAlias = "Sequence[Size | str]"


def foreign(name: str) -> bool:
    """Whether a SPEC names a network that has to be imported."""
    return name.startswith(TORCH) or name.endswith((ONNX, CAFFE))


def traced_from(
    name: str, inputs: Sizes | Mapping[str, Sizes] | None, arguments: Mapping[str, str] | None = None
) -> Traced:
    """The network of a name: `net.onnx`, `net.prototxt`, or `torch:torchvision.models:resnet50`, whose code is run.

    Args:
        name: as on a command line.
        inputs: the sizes of its input, channels first and without the batch; by name for several. A file's own
            where left out.
        arguments: what a factory of PyTorch's is called with, as text.

    Raises:
        UsageError: it cannot be imported.
        SpecError: a prototxt has faults.
    """
    if arguments and not name.startswith(TORCH):
        from cnncalc.errors import UsageError

        raise UsageError(
            f"{name}: --arg {next(iter(arguments))}: a file takes no arguments, as a factory of torch: does"
        )
    if name.endswith(ONNX):
        _require_onnx(name)
        from cnncalc.importers.onnx import read_onnx

        return read_onnx(name, inputs)
    if name.endswith(CAFFE):
        from cnncalc.importers.caffe import read_prototxt

        return read_prototxt(name, inputs)
    _require_torch()
    from cnncalc.importers.pytorch import from_place

    return from_place(name.removeprefix(TORCH), inputs, arguments or {})


def traced_module(module: nn.Module, inputs: Sizes | Mapping[str, Sizes], name: str | None = None) -> Traced:
    """The network of a module in hand; arguments and errors as for `cnncalc.from_torch`."""
    _require_torch()
    from cnncalc.importers.pytorch import from_module

    return from_module(module, inputs, name)


def _require_onnx(name: str) -> None:
    """Asked before the importer's own modules, which work on numpy's arrays: it comes with onnx."""
    from importlib.util import find_spec

    if find_spec("onnx") is None:
        from cnncalc.errors import UsageError

        raise UsageError(f"{name}: reading ONNX needs the package onnx: pip install 'cnncalc[onnx]'")


def _require_torch() -> None:
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        from cnncalc.errors import UsageError

        raise UsageError(MISSING) from None
