"""Shapes, stride fit and parameters of convolutional networks, from a YAML spec.

    >>> import cnncalc
    >>> report = cnncalc.load("alexnet").analyze(input=(3, 227, 227))
    >>> report.outputs, report.params
    ({'output': (1000,)}, 60965224)

`load` opens whatever names a network on the command line (a file, a shipped network, a layer written out, ONNX …),
`parse` reads a text; both return a `Spec`, whose `analyze` returns a `Report`, whose `graph` holds every node. `diff`,
`solve`, `sweep`, `explain`, `check` and `import_network` are the commands of those names. What can go wrong is in
`cnncalc.errors`.
"""

import sys
from importlib import import_module

TYPE_CHECKING = False  # as in `typing`, whose import would take longer than all of this module
if TYPE_CHECKING:
    from cnncalc.analysis.report import LayerReport, Report
    from cnncalc.api.checking import check
    from cnncalc.api.comparing import diff, explain
    from cnncalc.api.solving import solve, solve_layer
    from cnncalc.api.sweeping import sweep
    from cnncalc.checks.finding import Finding
    from cnncalc.checks.run import Checked
    from cnncalc.differences.changes import Change
    from cnncalc.differences.difference import Difference
    from cnncalc.errors import CnncalcError, SpecError, UsageError
    from cnncalc.explanations.explanation import Explanation
    from cnncalc.graph import Graph, Node
    from cnncalc.loading import from_torch, import_network, load
    from cnncalc.solutions.conditions import Solution
    from cnncalc.solutions.layer import Choice
    from cnncalc.spec import Spec, parse
    from cnncalc.sweeps.sweep import Sweep
    from cnncalc.version import __version__ as __version__

__all__ = [
    "Change",
    "Checked",
    "Choice",
    "CnncalcError",
    "Difference",
    "Explanation",
    "Finding",
    "Graph",
    "LayerReport",
    "Node",
    "Report",
    "Solution",
    "Spec",
    "SpecError",
    "Sweep",
    "UsageError",
    "check",
    "diff",
    "explain",
    "from_torch",
    "import_network",
    "load",
    "parse",
    "solve",
    "solve_layer",
    "sweep",
]

# A name is loaded when it is first asked for: `cnncalc --help` and the shell's completion need none of them. No module
# here has the name of a function: importing it would put it in the function's place.
_HOMES = {
    "Change": "differences.changes",
    "Checked": "checks.run",
    "Choice": "solutions.layer",
    "CnncalcError": "errors",
    "Difference": "differences.difference",
    "Explanation": "explanations.explanation",
    "Finding": "checks.finding",
    "Graph": "graph",
    "LayerReport": "analysis.report",
    "Node": "graph",
    "Report": "analysis.report",
    "Solution": "solutions.conditions",
    "Spec": "spec",
    "SpecError": "errors",
    "Sweep": "sweeps.sweep",
    "UsageError": "errors",
    "__version__": "version",
    "check": "api.checking",
    "diff": "api.comparing",
    "explain": "api.comparing",
    "from_torch": "loading",
    "import_network": "loading",
    "load": "loading",
    "parse": "spec",
    "solve": "api.solving",
    "solve_layer": "api.solving",
    "sweep": "api.sweeping",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module 'cnncalc' has no attribute '{name}'"
        raise AttributeError(msg)
    value = globals()[name] = getattr(import_module(f"cnncalc.{_HOMES[name]}"), name)
    if report := sys.modules.get("cnncalc.analysis.report"):
        report.Report.presenter = staticmethod(_present)
        report.Report.pager = staticmethod(_page)
    if spec := sys.modules.get("cnncalc.spec"):
        spec.Spec.viewer = staticmethod(_view)
    return value


def _present(report: "Report") -> str:
    """The table of a report, as HTML for a notebook."""
    from cnncalc.render.formats.html import page_part
    from cnncalc.render.views.shapes import shapes_view

    return page_part(shapes_view(report))


def _page(report: "Report") -> str:
    """The page of a report, as HTML."""
    from cnncalc.page.page import Page

    return Page(report).html


def _view(report: "Report", spec: "Spec", params: "dict[str, object] | None") -> object:
    """The page of a spec, in hand."""
    from cnncalc.page.page import Page

    return Page(report, spec, params)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
