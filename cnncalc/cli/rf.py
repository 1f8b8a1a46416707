"""`cnncalc rf`: computes the receptive field of every layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncalc.cli import options

if TYPE_CHECKING:
    from cnncalc.analysis.field.receptive_field import ReceptiveField
    from cnncalc.analysis.report import Report
    from cnncalc.render.view import View


def rf(
    specs: options.SpecArguments = None,
    inputs: options.InputOption = None,
    settings: options.SetOption = None,
    at: options.AtOption = None,
    of: Annotated[str | None, typer.Option("--of", metavar="LAYER", help="Only this layer or block.")] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="LAYER", help="Fields in the output of this layer, not in the input.")
    ] = None,
    position: Annotated[
        str | None,
        typer.Option("--position", metavar="ROW,COLUMN", help="What this output position sees, including borders."),
    ] = None,
    depth: options.DepthOption = None,
    form: options.FormatOption = "table",
    layout: options.LayoutOption = "chw",
) -> None:
    """Show the receptive field of every layer, with its effective stride.

    Stride and padding refer to the input image: output i sees the rows from stride·i − padding on. Where several paths
    meet, the field is their union; "not aligned" means that their centres or strides differ. With --position, shows
    which rows and columns of every map one output position depends on, for --of LAYER or the last layer with a field.

    \b
      cnncalc rf vgg@16
      cnncalc rf resnet@50 --depth 1 --input 3xHxW
      cnncalc rf vgg@16 --of conv3_3 --to conv3_1
      cnncalc rf resnet@50 --position 0,0 --of layer4
    """
    from cnncalc.cli.present import present
    from cnncalc.render.views.networks import Figure

    requested = options.request(inputs, settings, depth, form, "1", layout, at)
    if requested.form == "json" and (of or to or position):
        _write_json(specs, requested, of, to, position)
        return
    present(
        specs,
        requested,
        lambda report: _view(report, requested, of, to, position),
        ("receptive_field",),
        compared=[Figure("field", "receptive_field", _last_size), Figure("stride", "stride", _last_stride)],
    )


def _last_field(report: Report) -> ReceptiveField | None:
    """The receptive field of the last layer that does not see only the whole input; None if there is none."""
    for layer in reversed(report.layers):
        field = next(iter(layer.receptive_field.values()), None) if not layer.node.training else None
        if field is not None and not field.only_whole:
            return field
    return None


def _last_size(report: Report) -> tuple[str, object]:
    from cnncalc.explanations.field_words import AND_WHOLE, is_joined

    field = _last_field(report)
    text, value = _join_axes(field.size if field else ())
    return f"{text} {AND_WHOLE}" if field and is_joined(field) else text, value


def _last_stride(report: Report) -> tuple[str, object]:
    field = _last_field(report)
    return _join_axes(field.stride if field else ())


def _join_axes(figures: Sequence[object]) -> tuple[str, object]:
    from cnncalc.quantities.sizes import alike

    texts = ["?" if figure is None else str(figure) for figure in figures]
    return alike(texts) or "whole", "x".join(texts) or None


def _view(report: Report, requested: options.Request, of: str | None, to: str | None, position: str | None) -> View:
    from cnncalc.render.views.footprint import position_view
    from cnncalc.render.views.rf import fields_view

    if position is not None:
        layer, rows = _position_of(report, of, position)
        footprints = _footprints(report, layer, rows, to)
        return position_view(report, layer, rows, footprints, layout=requested.layout)
    return fields_view(report, _fields(report, of, to), layout=requested.layout, depth=requested.depth, of=of)


def _fields(report: Report, of: str | None, to: str | None) -> Any:  # noqa: ANN401
    if of is not None:
        last_of(report, of)
    return report.receptive_fields if to is None else report.receptive_fields_of([to])


def _write_json(
    specs: list[str] | None, requested: options.Request, of: str | None, to: str | None, position: str | None
) -> None:
    """Write the documents with the requested fields of each layer: `receptive_field`, or `sees` for a position."""
    from cnncalc.cli.output import write_data
    from cnncalc.cli.present import analyze_spec
    from cnncalc.cli.specs import spec_names
    from cnncalc.render.formats.json import dump_json

    documents = [_document(analyze_spec(spec, requested), of, to, position) for spec in spec_names(specs)]
    write_data(dump_json(documents if len(documents) > 1 else documents[0]))


def _document(report: Report, of: str | None, to: str | None, position: str | None) -> dict[str, Any]:
    from cnncalc.analysis.record import fields_record
    from cnncalc.render.views.rf import belongs_to

    document = report.to_dict()
    if position is None:
        fields = _fields(report, of, to)
        document["layers"] = [
            {**layer, "receptive_field": fields_record(fields[layer["name"]])}
            for layer in document["layers"]
            if of is None or belongs_to(layer["name"], of)
        ]
        return document
    layer, rows = _position_of(report, of, position)
    footprints = _footprints(report, layer, rows, to)
    document["position"] = {
        "layer": layer,
        "at": list(rows),
        "sees": {
            name: {
                "shape": list(footprint.shape),
                "rows": [list(axis) for axis in footprint.rows],
                "exact": footprint.exact,
            }
            for name, footprint in footprints.items()
        },
    }
    return document


def _position_of(report: Report, of: str | None, position: str) -> tuple[str, tuple[int, ...]]:
    """The layer and the position that the options specify."""
    from cnncalc.quantities.shapes import read_numbers

    return last_of(report, of), read_numbers(position, "--position: expected one row per axis, such as 0,0", 0)


def last_of(report: Report, of: str | None) -> str:
    """Find a layer by name, or the last one of a block; by default, the last layer whose field moves with the position.

    Raises:
        UsageError: there is no layer or block of this name.
    """
    from cnncalc.errors import UsageError
    from cnncalc.render.views.rf import belongs_to
    from cnncalc.suggest import no_layer

    names = [layer.name for layer in report.layers if of is not None and belongs_to(layer.name, of)]
    if names:
        return names[-1]
    if of is not None:
        raise UsageError(no_layer(of, [layer.name for layer in report.layers]))
    main = [layer for layer in report.layers if not layer.node.training]
    moving = [layer for layer in main if any(not field.only_whole for field in layer.receptive_field.values())]
    if not moving:
        raise UsageError("--position: no layer has a field that depends on the position: use --of LAYER")
    return moving[-1].name


def _footprints(report: Report, layer: str, rows: tuple[int, ...], to: str | None) -> Any:  # noqa: ANN401
    """The footprints on all tensors back to the inputs; with `to`, on that tensor alone."""
    from cnncalc.errors import UsageError
    from cnncalc.suggest import no_layer

    footprints = report.footprint(layer, rows)
    if to is None:
        return footprints
    if to not in footprints:
        names = [*report.graph.inputs, *(each.name for each in report.layers)]
        raise UsageError(f"{layer} sees nothing of {to}" if to in names else no_layer(to, names))
    return {to: footprints[to]}
