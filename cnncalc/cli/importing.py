"""Networks from elsewhere, as commands name them: imported, with what a reader should know on the standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncalc.cli.output import complain
from cnncalc.errors import Source, UsageError
from cnncalc.importers import foreign, traced_from
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.quantities.given import parse_inputs, parse_settings
from cnncalc.spec import Spec, parse_source

Inputs = Sequence[str] | Mapping[str, Sequence[str]] | None


def written(name: str, inputs: list[str] | None, settings: list[str] | None, flat: bool) -> str:
    """The text of the spec that `cnncalc import` writes.

    Raises:
        UsageError: the network cannot be imported.
    """
    if not foreign(name):
        raise UsageError(f"'{name}': expected net.onnx, net.prototxt or torch:package.module:factory")
    return _text(name, parse_inputs(inputs or ()), parse_settings(settings or (), "--arg"), flat)


def opened(name: str, inputs: Inputs) -> Spec:
    """The spec of a network from elsewhere, in the place of one.

    Raises:
        UsageError: the network cannot be imported.
    """
    return parse_source(source(name, inputs))


def source(name: str, inputs: Inputs) -> Source:
    """The text of the spec that a network from elsewhere is; errors as for `opened`."""
    return Source(name, _text(name, inputs, {}, flat=False))


def _text(name: str, inputs: Inputs, arguments: Mapping[str, str], flat: bool) -> str:
    traced = traced_from(name, inputs, arguments)
    for warning in traced.warnings:
        complain(f"cnncalc: {traced.name}: {warning}")
    return spec_text(traced, flat, lambda sentence: complain(f"cnncalc: {sentence}"))
