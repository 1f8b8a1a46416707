"""Shapes, stride fit and parameters of convolutional networks, from a YAML spec.

    >>> import cnncalc
    >>> report = cnncalc.load("alexnet").analyze(input=(3, 227, 227))
    >>> report.outputs, report.params
    ({'output': (1000,)}, 60965224)

`load` takes a path or the name of a shipped network, `parse` a text; both return a `Spec`, whose `analyze` returns a
`Report`, whose `graph` holds every node. What can go wrong is in `cnncalc.errors`.
"""

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.errors import CnncalcError, SpecError, UsageError
from cnncalc.graph import Graph, Node
from cnncalc.spec import Spec, load, parse

__all__ = ["CnncalcError", "Graph", "LayerReport", "Node", "Report", "Spec", "SpecError", "UsageError", "load", "parse"]
__version__ = "0.1.0"
