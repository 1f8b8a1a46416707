"""Shapes, stride fit and parameters of convolutional networks, from a YAML spec.

    >>> import cnncalc
    >>> report = cnncalc.load("alexnet").analyze(input=(3, 227, 227))
    >>> report.outputs, report.params
    ({'output': (1000,)}, 60965224)

`load` takes a path or the name of a shipped network, `parse` a text; both return a `Spec`, whose `analyze` returns a
`Report`, whose `graph` holds every node. What can go wrong is in `cnncalc.errors`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.analysis.report import LayerReport, Report
    from cnncalc.errors import CnncalcError, SpecError, UsageError
    from cnncalc.graph import Graph, Node
    from cnncalc.spec import Spec, load, parse

__all__ = ["CnncalcError", "Graph", "LayerReport", "Node", "Report", "Spec", "SpecError", "UsageError", "load", "parse"]
__version__ = "0.1.0"

# A name is loaded when it is first asked for: `cnncalc --help` and the shell's completion need none of them.
_HOMES = {
    "CnncalcError": "errors",
    "Graph": "graph",
    "LayerReport": "analysis.report",
    "Node": "graph",
    "Report": "analysis.report",
    "Spec": "spec",
    "SpecError": "errors",
    "UsageError": "errors",
    "load": "spec",
    "parse": "spec",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module 'cnncalc' has no attribute '{name}'"
        raise AttributeError(msg)
    value = globals()[name] = getattr(import_module(f"cnncalc.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
