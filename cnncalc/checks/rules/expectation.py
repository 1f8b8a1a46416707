"""`expectation`: a figure of the network that differs from the spec's `expect:`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import ClassVar

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.checks.expected_shapes import fit_finding, output_findings, sizes_of
from cnncalc.checks.figures import Parts, field_of, figure_of, last_map
from cnncalc.checks.finding import Fix, Observation
from cnncalc.checks.judging import expected_text, fields_text, violation_text
from cnncalc.checks.rule import Level, Rule, Subject
from cnncalc.document.expectations import BYTES, DEFAULT
from cnncalc.document.types import At, Bound, ExpectedField, ExpectedFit, ExpectedShape, ExpectedTime, Where
from cnncalc.document.types import Expectation as ExpectationItem
from cnncalc.errors import CnncalcError, Span, SpecError
from cnncalc.explanations.field_words import beside_text
from cnncalc.source.reading import Scalar
from cnncalc.spec import Spec
from cnncalc.suggest import suggest_names

MOST_VARIANTS = 3  # named in an example


class Expectation(Rule):
    """A figure differs from what `expect:` says."""

    name: ClassVar[str] = "expectation"
    level: ClassVar[Level] = "error"
    by_variant: ClassVar[bool] = True
    what: ClassVar[str] = "A figure of the network differs from what the spec expects, or cannot be determined."
    why: ClassVar[str] = (
        "The figures under `expect:` are what others rely on: the budget of a device, the table of a paper, a head "
        "that is trained elsewhere. A change that breaks one should be a deliberate decision, made in the same "
        "commit."
    )
    example: ClassVar[str] = """input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - global_avgpool
  - flatten
  - linear: 100
expect:
  output: [10]
  params: at most 1k
"""
    fixed: ClassVar[str] = """input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - global_avgpool
  - flatten
  - linear: 10
expect:
  output: [10]
  params: at most 1k
"""
    source: ClassVar[str] = "The spec itself."

    def findings(self, subject: Subject) -> Iterable[Observation]:
        """Yield every violated expectation of this variant."""
        own, others = Parts(subject.report), dict[Scalar, Parts]()
        for item in subject.document.expect:
            if item.where.variant not in (None, subject.variant or DEFAULT):
                continue
            at, convention = item.where.at, item.where.convention
            try:
                parts = own if at is None else _parts_at(subject, at, others)
            except CnncalcError as error:  # its faults concern the layers
                yield _cannot_compute(error, item, at.key.span if at else item.must.span)
                continue
            try:
                yield from _check_figure(subject, parts, item)
            except SpecError as error:
                yield _cannot_compute(error, item, error.faults[0].span or item.must.span)
            except CnncalcError as error:
                yield _cannot_compute(error, item, convention.span if convention else item.must.span)


def _parts_at(subject: Subject, at: At, known: dict[Scalar, Parts]) -> Parts:
    """The report at the inputs of an expectation; each is analysed once."""
    if at.key not in known:
        params = subject.report.graph.params
        inputs = {name: sizes_of(sizes, params) for name, sizes in at.inputs.items()}
        known[at.key] = Parts(Spec(subject.document, subject.variant).analyze(inputs, subject.params))
    return known[at.key]


def _cannot_compute(error: CnncalcError, item: ExpectationItem, span: Span) -> Observation:
    """Report why a figure cannot be computed: the network does not accept the input, or the convention is unknown."""
    problem = error.faults[0].message if isinstance(error, SpecError) else str(error)
    return _finding(item, problem.removeprefix("expect: "), span=span)


def _problem_text(item: ExpectationItem, problem: str) -> str:
    """Prefix a problem with the figure, and with the input if it is not the spec's."""
    _, _, output, convention, device, at = item.where
    qualifier = output or convention or device
    figure = f"{item.figure} of {qualifier.text}" if qualifier else item.figure
    return f"{f'at {at.key.text}: ' if at else ''}{figure}: {problem}"


def _check_figure(subject: Subject, parts: Parts, item: ExpectationItem) -> Iterator[Observation]:
    where, must, variants, report = item.where, item.must, subject.document.variants, parts.report
    part = parts.of(where.layer.text) if where.layer else None
    if where.layer and not part and where.layer.text in (DEFAULT, *variants):
        yield _misplaced_variant(item, where.layer)
    elif where.layer and not part:
        yield _unknown_name("layer", where.layer, parts.names)
    elif where.output and where.output.text not in report.outputs:
        yield _unknown_name("output", where.output, list(report.outputs))
    elif isinstance(must, ExpectedShape):
        yield from (_finding(item, problem) for problem in output_findings(report, must, where, part))
    elif isinstance(must, ExpectedFit):
        yield from (_finding(item, problem, inputs) for problem, inputs in fit_finding(report, must, part))
    elif isinstance(must, ExpectedTime):
        from cnncalc.checks.expected_times import time_problem  # few specs need the devices

        problem = time_problem(report, must)
        yield from [_finding(item, problem)] if problem else []
    elif isinstance(must, ExpectedField):
        yield from (_finding(item, problem) for problem in _field_problems(report, must, where, part))
    else:
        tool = where.convention.text if where.convention else None
        figure = figure_of(report, item.figure, tool, part)
        if problem := violation_text(must, figure, item.figure in BYTES):
            new = None if subject.params else _replacement(must, figure.value, () if where.variant else variants)
            yield _finding(item, problem, new)


def _finding(item: ExpectationItem, problem: str, fix: str | None = None, span: Span | None = None) -> Observation:
    layer = item.where.layer
    nodes = (layer.text,) if layer else ()
    place = span or item.must.span
    return Observation(Expectation.name, _problem_text(item, problem), place, nodes, Fix(fix) if fix else None)


def _unknown_name(what: str, key: Scalar, names: list[str]) -> Observation:
    return Observation(
        Expectation.name,
        f"expect: no {what} named '{key.text}'",
        key.span,
        fix=Fix(suggest_names(key.text, names)),
    )


def _misplaced_variant(item: ExpectationItem, key: Scalar) -> Observation:
    """Report a variant's name where a layer is expected, with the right order as the fix."""
    value = item.must.text if isinstance(item.must, Bound) else "…"
    fix = Fix(f"write {item.figure}: {{{key.text}: {value}}}")
    return Observation(Expectation.name, f"expect: '{key.text}' is a variant, not a layer", key.span, fix=fix)


def _replacement(bound: Bound, value: object, variants: Collection[str]) -> str | None:
    """Suggest a replacement for an exact number: a tolerance, an upper bound, or the new number.

    `variants` are those to which the number applies: the right number may differ between them.
    """
    if bound.low is None or bound.low != bound.high or not isinstance(value, int):
        return None
    if not bound.text.isdecimal() and "%" not in bound.text:
        about = [f"'{bound.text} +/- 1%'"] if 100 * abs(value - bound.low) <= bound.low else []
        below = [f"'at most {bound.text}'"] if value <= bound.low else []
        if about or below:
            return f"a lone number is exact: write {' or '.join(about + below)}"
    each = ", ".join(f"{name}: …" for name in (DEFAULT, *list(variants)[:MOST_VARIANTS]))
    apart = f"; if variants differ, one figure each: {{{each}}}" if variants else ""
    return f"write {value} if the change is intended{apart}"


def _field_problems(
    report: Report, must: ExpectedField, where: Where, part: Sequence[LayerReport] | None
) -> Iterator[str]:
    """Yield violations of receptive fields, per network input: of the layer, the named output, or the last map."""
    tensor = report.graph.outputs[where.output.text] if where.output else None
    layer = part[-1].name if part else tensor or last_map(report)
    if layer is None or layer in report.inputs:
        expected = " × ".join(map(expected_text, must.bounds))
        yield f"expected {expected}, but no layer has a map that sees only part of the input"
        return
    of = f"{layer} sees {{}} of {{}}"
    for name, axes in field_of(report, layer).items():
        if len(must.bounds) not in (1, len(axes)):
            yield f"expected {len(must.bounds)} numbers, but {layer} has {len(axes)} axes"
            continue
        bounds = must.bounds * len(axes) if len(must.bounds) == 1 else must.bounds
        problems = [violation_text(bound, axis) for bound, axis in zip(bounds, axes, strict=True)]
        if problem := next(filter(None, problems), None):
            beside = beside_text(report.receptive_fields[layer][name], name)
            yield f"{problem}; {of.format(fields_text(axes), name)}{f', and {beside}' if beside else ''}"
