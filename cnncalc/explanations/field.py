"""The receptive field, term by term: r_out = r_in + (E − 1)·j_in, j_out = j_in·S (Araujo, Norris, Sim, Distill
2019).

r is the size of the field and j (the jump) its stride: the input rows between the fields of adjacent outputs. The
recurrence holds for a window on a single path. Where paths merge, or a layer upsamples or sees the whole input, the
step gives the result in words.
"""

from __future__ import annotations

from fractions import Fraction

from cnncalc.analysis.field.extent import Extent
from cnncalc.analysis.field.receptive_field import ReceptiveField
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.explanations.field_words import beside_text, field_text, is_joined
from cnncalc.explanations.formula import Letter, Value
from cnncalc.explanations.steps import E, S, Step, per_axis
from cnncalc.layers.window import Window

R_IN, J_IN = map(Letter, ("r_in", "j_in"))


def field_steps(report: Report, layer: LayerReport) -> list[Step]:
    """The field of a layer's output on every network input; empty if it equals the field of its only input."""
    several = len(report.inputs) > 1
    steps = []
    for name, field in layer.receptive_field.items():
        if not field.axes:
            continue  # a vector has a single position
        label = f"field of {name}" if several else "field"
        steps += _steps(label, layer, field, _input_fields(report, layer, name))
    return steps


def _input_fields(report: Report, layer: LayerReport, name: str) -> list[ReceptiveField | None]:
    """The fields of the layer's inputs; None for the network input itself."""
    node = layer.node
    fields = [report.receptive_fields.get(tensor, {}).get(name) for tensor in node.inputs]
    return [field for tensor, field in zip(node.inputs, fields, strict=True) if field is not None or tensor == name]


def _steps(label: str, layer: LayerReport, field: ReceptiveField, entering: list[ReceptiveField | None]) -> list[Step]:
    if all(each == field for each in entering):
        return []
    if field.only_whole:
        return [Step(label, note="the whole input")]
    if len(entering) > 1:
        return [_union_step(label, field, entering)]
    windows = layer.fit.windows if layer.fit else ()
    if len(windows) == len(field.axes) and entering:
        axes = entering[0].axes if entering[0] else (None,) * len(windows)
        chains = [_chain(label, *each) for each in zip(windows, axes, field.axes, strict=True)]
        if all(chains):
            return per_axis([chain for chain in chains if chain])
    return [Step(label, note=_words(field))]


def _chain(label: str, window: Window, before: Extent | None, after: Extent) -> list[Step] | None:
    """The recurrence along one axis; None if the field is not that of a single path with a uniform stride."""
    if before is not None and len(before.phases) != 1:
        return None
    size, jump = (before.size, before.stride) if before else (1, 1)
    if size is None or jump is None or after.size is None or after.stride is None or isinstance(jump, Fraction):
        return None
    values: dict[str, Value] = {"r_in": size, "j_in": jump, "E": window.extent, "S": window.stride}
    return [
        Step(label, R_IN + (E - 1) * J_IN, values, (after.size,)),
        Step("jump", J_IN * S, values, (after.stride,)),
    ]


def _union_step(label: str, field: ReceptiveField, entering: list[ReceptiveField | None]) -> Step:
    """The union of the fields of several paths."""
    fields = dict.fromkeys("1" if each is None else field_text(each) for each in entering)
    aligned = {True: "aligned", False: "not aligned", None: "aligned or not, depending on the input size"}
    note = f"{_words(field)}: the union of {len(entering)} paths ({', '.join(fields)})"
    return Step(
        label, note=note if field.stride[0] is None or is_joined(field) else f"{note}, {aligned[field.aligned]}"
    )


def _words(field: ReceptiveField) -> str:
    """A field in words: 27×27 in steps of 1/2, plus the whole input."""
    if not all(axis.known for axis in field.axes):
        return "depends on the input"
    strides = dict.fromkeys(str(stride) for stride in field.stride if stride is not None)
    steps = f" in steps of {'×'.join(strides)}" if strides else ""
    beside = beside_text(field)
    return f"{field_text(field)}{steps}{f' plus {beside}' if beside else ''}"
