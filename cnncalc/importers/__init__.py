"""Networks from elsewhere, as specs.

    >>> from cnncalc.importers import from_torch
    >>> spec = from_torch(network, (3, 224, 224))

Every way in is here: `from_torch` for a module in hand; for a name, as on a command line, `foreign` says whether it is
ours to import, `traced_from` asks the importer for a `Traced`, and `imported` makes that a spec.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from torch import nn

    from cnncalc.importers.traced import Traced
    from cnncalc.spec import Spec
    from cnncalc.symbolic import Size

__all__ = ["foreign", "from_torch", "imported", "traced_from"]

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


def imported(name: str, inputs: Sizes | Mapping[str, Sizes] | None) -> Spec:
    """The spec of a network that has to be imported; arguments and errors as for `traced_from`."""
    return _spec(traced_from(name, inputs), flat=False)


def from_torch(
    module: nn.Module, input_shape: Sizes | Mapping[str, Sizes], name: str | None = None, flat: bool = False
) -> Spec:
    """The spec of a network of PyTorch's. What cannot be expressed is an `unknown` layer, and a warning says so.

    Args:
        module: the network. It is run once, in evaluation mode, on tensors without numbers, and not changed.
        input_shape: channels first and without the batch: `(3, 224, 224)`; for several inputs a shape for each name,
            in the order in which `forward` takes them.
        name: what the network is called; its class where left out.
        flat: as one plain list of layers, called by their paths, in place of blocks, residuals, branches and repeats.

    Raises:
        UsageError: PyTorch is not installed, the network's code fails on such an input, or what it does depends on
            the numbers in its tensors.
    """
    _require_torch()
    from cnncalc.importers.pytorch import from_module

    return _spec(from_module(module, input_shape, name), flat)


def _spec(traced: Traced, flat: bool) -> Spec:
    from cnncalc.importers.writing.spec_text import spec_text
    from cnncalc.spec import parse

    for warning in traced.warnings:
        warnings.warn(f"{traced.name}: {warning}", stacklevel=3)
    return parse(spec_text(traced, flat), traced.name)


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
