"""What the functions are given: a network by its name, open, or analysed already."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from cnncalc.analysis.report import Report
from cnncalc.loading import load
from cnncalc.quantities.shapes import Given
from cnncalc.spec import Spec

Network: TypeAlias = "Spec | str | Path"
"""A spec, or a name of one as `load` takes it."""
Params: TypeAlias = "Mapping[str, Any] | None"


def spec_of(network: Network, inputs: Given | None = None) -> Spec:
    """The spec; `inputs` are the sizes of one that is imported. Errors as for `load`."""
    return network if isinstance(network, Spec) else load(network, inputs)


def report_of(network: Network | Report, inputs: Given | None = None, params: Params = None) -> Report:
    """The report on a network; one that is given stays as it is. Errors as for `load` and `Spec.analyze`."""
    return network if isinstance(network, Report) else spec_of(network, inputs).analyze(inputs, params)
