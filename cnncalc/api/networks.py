"""Opens the networks that the API functions take: a name, a spec, or a report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from cnncalc.analysis.report import Report
from cnncalc.loading import load
from cnncalc.quantities.shapes import Given
from cnncalc.spec import Spec

Network: TypeAlias = "Spec | str | Path"
"""A spec, or a name that `load` accepts."""
Params: TypeAlias = "Mapping[str, Any] | None"


def spec_of(network: Network, inputs: Given | None = None) -> Spec:
    """Open a network; `inputs` are the sizes of an imported one. Raises as `load`."""
    return network if isinstance(network, Spec) else load(network, inputs)


def report_of(network: Network | Report, inputs: Given | None = None, params: Params = None) -> Report:
    """Analyse a network; a report is returned unchanged. Raises as `load` and `Spec.analyze`."""
    return network if isinstance(network, Report) else spec_of(network, inputs).analyze(inputs, params)
