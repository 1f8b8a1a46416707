"""Checks that `--input` is read in the order of axes in which it was meant: `--layout hwc` is for it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cnncalc.errors import CnncalcError, UsageError
from cnncalc.quantities.sizes import in_layout, shape_record
from cnncalc.suggest import ask

if TYPE_CHECKING:
    from cnncalc.cli.options import Request
    from cnncalc.spec import Spec
    from cnncalc.symbolic import Shape


def check_layout(spec: Spec, request: Request) -> None:
    """Compare the channels of the given inputs with the spec's own.

    Where both agree there is nothing to say. Else standard error says in which order the sizes were read.

    Raises:
        UsageError: the sizes are channels first, but `--layout hwc` reads channels last.
    """
    if request.inputs is None:
        return
    from cnncalc.cli.specs import warn

    own = _own_inputs(spec, request)
    for name, shape in spec.inputs(request.inputs, request.params).items():
        known = own.get(name)
        if len(shape) < 2 or (known is not None and (known[0] == shape[0] or len(known) != len(shape))):
            continue
        if request.layout == "hwc":
            _refuse_channels_first(in_layout(shape, "hwc"), known)
            warn(f"--input {shape_record(shape, 'hwc')} is read channels last (--layout hwc): {shape[0]} channels")
        elif known is not None and known[0] == shape[-1]:
            first = f"--input {shape_record(shape)} is read channels first: {shape[0]} channels, not {known[0]}"
            warn(f"{first}; --layout hwc reads channels last")


def _own_inputs(spec: Spec, request: Request) -> Mapping[str, Shape]:
    try:
        return spec.inputs(None, request.params)
    except CnncalcError:  # it has none of its own
        return {}


def _refuse_channels_first(written: Shape, known: Shape | None) -> None:
    if known is not None and known[0] == written[0]:
        meant = shape_record(written, "hwc")
        raise UsageError(f"--input {shape_record(written)}: --layout hwc reads channels last: {ask(meant)}")
