"""Shapes, stride fit and parameters of convolutional networks, from a YAML spec.

    >>> import cnncalc
    >>> report = cnncalc.load("alexnet").analyze(input=(3, 227, 227))
    >>> report.outputs, report.params
    ({'output': (1000,)}, 60965224)

`load` takes a path or the name of a shipped network, `parse` a text; both return a `Spec`, whose `analyze` returns a
`Report`, whose `graph` holds every node. What can go wrong is in `cnncalc.errors`.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from cnncalc.version import __version__ as __version__

if TYPE_CHECKING:
    from cnncalc.analysis.report import LayerReport, Report
    from cnncalc.errors import CnncalcError, SpecError, UsageError
    from cnncalc.graph import Graph, Node
    from cnncalc.loading import from_torch, import_network, load
    from cnncalc.spec import Spec, parse

__all__ = [
    "CnncalcError",
    "Graph",
    "LayerReport",
    "Node",
    "Report",
    "Spec",
    "SpecError",
    "UsageError",
    "from_torch",
    "import_network",
    "load",
    "parse",
]

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
    "from_torch": "loading",
    "import_network": "loading",
    "load": "loading",
    "parse": "spec",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module 'cnncalc' has no attribute '{name}'"
        raise AttributeError(msg)
    value = globals()[name] = getattr(import_module(f"cnncalc.{_HOMES[name]}"), name)
    if report := sys.modules.get("cnncalc.analysis.report"):
        report.Report.presenter = staticmethod(_present)
    return value


def _present(report: "Report") -> str:
    """The table of a report, as HTML for a notebook."""
    from cnncalc.render.formats.html import page_part
    from cnncalc.render.views.shapes import shapes_view

    return page_part(shapes_view(report))


def __dir__() -> list[str]:
    return [*globals(), *__all__]
