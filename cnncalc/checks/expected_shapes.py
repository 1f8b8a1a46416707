"""Compares the shapes and fits that a spec expects with the actual ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from cnncalc.analysis.fit import Fit
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.document.types import ExpectedFit, ExpectedShape, Formula, Template, Where
from cnncalc.elaborate.scope import Scope, value_of
from cnncalc.errors import Fault, SpecError
from cnncalc.layers.layer import Shape
from cnncalc.layers.unknown import Unknown
from cnncalc.quantities.shapes import is_symbol
from cnncalc.quantities.sizes import listed, shape_text
from cnncalc.solutions.conditions import Fitting
from cnncalc.solutions.conditions import fits as window_fits
from cnncalc.solutions.fixes import input_fixes
from cnncalc.symbolic import Expr, Size, Undecidable, relation_eq, symbol

_UNMET = {
    "exact": "every stride to fit, but {} {} not",
    "pixels": "no stride to drop pixels, but {} {}",
}
_VERBS = {"exact": ("fits", "fit"), "pixels": ("drops pixels", "drop pixels")}


def sizes_of(templates: tuple[Template, ...], params: Mapping[str, object]) -> Shape:
    """Evaluate the sizes that a spec expects, with its parameters; a single capital letter is a symbol.

    Raises:
        SpecError: a value is not a size.
    """
    names = {name for size in templates if isinstance(size, Formula) for name in size.expression.names}
    symbols = {name: symbol(name) for name in names if is_symbol(name)}
    scope = Scope({**symbols, **params}, frozenset())
    return tuple(_size(template, scope) for template in templates)


def _size(template: Template, scope: Scope) -> Size:
    value = value_of(template, scope, "expect")
    if isinstance(value, Expr) or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    raise SpecError([Fault(f"expected a size of at least 1, got {value}", template.span)])


def output_findings(
    report: Report, must: ExpectedShape, where: Where, part: Collection[LayerReport] | None
) -> Iterator[str]:
    """Yield what is wrong with the output shape of the network, of one of its outputs, or of a layer."""
    expected = sizes_of(must.sizes, report.graph.params)
    if part:
        outputs = {"": list(part)[-1].output}
    elif where.output:
        outputs = {"": report.outputs[where.output.text]}
    else:
        outputs = report.outputs
    for name, got in outputs.items():
        of = f" of {name}" if len(outputs) > 1 else ""
        differs = _differ(expected, got)
        if differs is not False:
            why = "" if differs else f": whether they are equal depends on {', '.join(_symbols(expected, got))}"
            yield f"expected {shape_text(expected)}, got {shape_text(got)}{of}{why}"


def _differ(expected: Shape, got: Shape) -> bool | None:
    """Whether two shapes differ; None if that depends on a symbol."""
    if len(expected) != len(got):
        return True
    try:
        answers = [relation_eq(left, right) for left, right in zip(expected, got, strict=True)]
    except Undecidable:
        return None
    return True if False in answers else False if all(answer is True for answer in answers) else None


def _symbols(*shapes: Shape) -> list[str]:
    return sorted({name for shape in shapes for size in shape if isinstance(size, Expr) for name in size.symbols})


def fit_finding(
    report: Report, must: ExpectedFit, part: Collection[LayerReport] | None
) -> Iterator[tuple[str, str | None]]:
    """Yield what is wrong with the stride fit of the network or some layers, with the inputs that would fit.

    For `pixels`, a stride fits if it drops no pixel.
    """
    fitting: Fitting = "pixels" if must.fits == "pixels" else "exact"
    layers = part if part is not None else [layer for layer in report.layers if not layer.node.training]
    fits = {layer.name: _fits(layer.fit, fitting) for layer in layers if layer.fit}
    failing, open_ = ([name for name, fit in fits.items() if fit is answer] for answer in (False, None))
    unknown = [layer.name for layer in layers if layer.kind == Unknown.kind]
    if failing:
        if must.fits:
            fixes = " or ".join(fix.change for fix in input_fixes(report.graph, fitting))
            yield f"expected {_UNMET[fitting].format(listed(failing), _does(failing))}", fixes or None
    elif unknown:
        yield f"it is not known whether {listed(unknown)} {_VERBS[fitting][len(unknown) > 1]}", None
    elif open_:
        symbols = ", ".join(_symbols(*report.inputs.values()))
        yield f"whether {listed(open_)} {_VERBS[fitting][len(open_) > 1]} depends on {symbols}", None
    elif not must.fits:
        yield "expected some stride not to fit, but all fit", None


def _fits(fit: Fit, fitting: Fitting) -> bool | None:
    """Whether a layer fits along every axis; None if that depends on a symbol."""
    answers = [window_fits(window, fitting) for window in fit.windows]
    return False if False in answers else True if all(answer is True for answer in answers) else None


def _does(names: list[str]) -> str:
    return "does" if len(names) == 1 else "do"
