"""The values that `defaults` gives to fields that calls leave out."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.document.reads import names_in_values
from cnncalc.document.types import Template
from cnncalc.elaborate.inference import NOTHING_GIVEN, Given
from cnncalc.elaborate.scope import Scope, value_of
from cnncalc.layers.layer import Shape


class Defaults:
    """The defaults of one elaboration: they read the spec's parameters, and the sizes of what enters a layer."""

    def __init__(self, templates: Mapping[str, Mapping[str, Template]], scope: Scope) -> None:
        self._templates = templates
        self._scope = scope
        self._steady: dict[str, Given] = {}

    def of(self, kind: str, shape: Shape | None) -> Given:
        """The fields that a call of this kind may leave out, where a tensor of this shape flows in.

        Raises:
            SpecError: a value cannot be evaluated; the fault points at it.
        """
        templates = self._templates.get(kind)
        if not templates:
            return NOTHING_GIVEN
        known = self._steady.get(kind)
        if known is not None:
            return known
        inner = self._scope.with_values(())
        inner.shape = shape
        values = {name: value_of(each, inner, name, f"defaults: {kind}") for name, each in templates.items()}
        flows = {"in_channels", "in_size"} & set(names_in_values(templates.values()))
        steady = not flows and not any(type(value) is list for value in values.values())  # a list costs each time
        given = Given(values, templates, steady)
        if steady:
            self._steady[kind] = given
        return given
