"""Reads the value of a layer or block key as arguments, checked against the fields that exist."""

from __future__ import annotations

from collections.abc import Collection

from cnncalc.document.reader import Reader, blank
from cnncalc.document.references import read_one, read_references
from cnncalc.document.types import Constant, Formula, LayerCall, Listing, Reference, Template
from cnncalc.errors import LayerError, Span
from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Field, Flag, Label, Left
from cnncalc.layers.fields import Reference as ReferenceField
from cnncalc.layers.layer import Layer
from cnncalc.quantities.shapes import is_symbol
from cnncalc.source.reading import Mapping, Node, Scalar, trap
from cnncalc.suggest import suggest
from cnncalc.symbolic import symbol


def layer_call(reader: Reader, key: Scalar, value: Node | None, shared: bool) -> LayerCall | None:
    """A layer with its arguments (optional if it shares weights); a join may name the tensors to join instead."""
    layer = LAYERS[key.text]
    if value is None or blank(value):
        if not shared:
            _report_missing(reader, layer, (), key.span)
        return LayerCall(key.text, {})
    if layer.joins:
        return _join(reader, layer, value)
    if isinstance(value, Mapping):
        return fields_call(reader, layer, value, key.span)
    return _with_natural_argument(reader, layer, value, key.span)


def _with_natural_argument(reader: Reader, layer: type[Layer], value: Node, span: Span) -> LayerCall | None:
    """`linear: 4096`: a lone value is the layer's natural argument."""
    if layer.natural is None:
        trapped = trap(value) if isinstance(value, Scalar) else None
        reader.fault(f"{layer.kind} does not take a single value", value.span, trapped or _usage(layer))
        return None
    accepts = layer.accepted()[layer.natural]
    if isinstance(accepts, ReferenceField):
        reference = read_one(reader, value, layer.natural)
        return LayerCall(layer.kind, {}, {layer.natural: reference} if reference else {})
    template = field_template(reader, value, f"{layer.kind}: {layer.natural}", accepts)
    if template is None or not literal_fits(reader, layer.kind, layer.natural, accepts, template):
        return None
    _report_missing(reader, layer, (layer.natural,), span)
    return LayerCall(layer.kind, {layer.natural: template})


def fields_call(reader: Reader, layer: type[Layer], value: Mapping, span: Span) -> LayerCall:
    """A layer whose fields are written out."""
    accepted = layer.accepted()
    arguments: dict[str, Template] = {}
    references: dict[str, Reference] = {}
    for name, (key, node) in value.entries.items():
        accepts = accepted.get(name)
        if accepts is None:
            unknown_field(reader, layer.kind, key, accepted, value.entries)
        elif isinstance(accepts, Label):
            if label := reader.text(node, f"{layer.kind}: {name}"):
                arguments[name] = Constant(label, node.span)
        elif isinstance(accepts, ReferenceField):
            if reference := read_one(reader, node, f"{layer.kind}: {name}"):
                references[name] = reference
        elif (template := field_template(reader, node, f"{layer.kind}: {name}", accepts)) and literal_fits(
            reader, layer.kind, name, accepts, template
        ):
            arguments[name] = template
    if value.entries.keys() <= accepted.keys():  # otherwise the missing ones may be there, misspelled
        _report_missing(reader, layer, value.entries, span)
    return LayerCall(layer.kind, arguments, references)


def field_template(reader: Reader, value: Node, what: str, accepts: Field) -> Template | None:
    """The value of a field; a capital letter that no parameter has is a symbol where the field takes one."""
    text = value.text if isinstance(accepts, Left) and isinstance(value, Scalar) else ""
    if is_symbol(text) and text not in reader.visible:
        return Constant(symbol(text), value.span)
    return reader.template(value, what, accepts.words)


def unknown_field(reader: Reader, kind: str, key: Scalar, fields: Collection[str], written: Collection[str]) -> None:
    """Report a field that a layer does not have."""
    from cnncalc.document.vocabulary import field_hint

    hint = field_hint(kind, key.text, fields, written)
    reader.fault(f"unknown field '{key.text}' of {kind}", key.span, hint)


def _report_missing(reader: Reader, layer: type[Layer], written: Collection[str], span: Span) -> None:
    given = reader.defaults.get(layer.kind, ())
    missing = [name for name in layer.required() if name not in written and name not in given]
    if missing:
        reader.fault(f"{layer.kind} needs {' and '.join(missing)}", span, _usage(layer))


def _usage(layer: type[Layer]) -> str:
    """The shortest way to write the layer."""
    required = layer.required()
    if layer.inputs[0] > 1:
        return f"write '{layer.kind}:' with 'from: [a, b]' beside it"
    if not required:
        return f"name the field: {layer.usage()}" if "like" in layer.arguments else f"write '{layer.kind}' alone"
    return f"write {layer.usage()}" + f" (its {required[0]})" * (required == (layer.natural,))


def literal_fits(reader: Reader, kind: str, name: str, accepts: Field, template: Template) -> bool:
    """Whether a literal is valid for its field; expressions are checked when their names have values."""
    value = _literal(reader, template, accepts)
    if value is None:
        if not accepts.words:
            reader.check_bare(template, f"{kind}: {name}")
        return True
    try:
        accepts.convert(value, None)
    except LayerError as error:
        reader.fault(f"{kind}: {name}: {error.message}", template.span, error.hint or _hint(name, value, accepts))
        return False
    return True


def _hint(name: str, value: object, accepts: Field) -> str | None:
    """A suggestion for a literal that its field rejects."""
    if isinstance(value, str):
        if name == "padding" and value == "causal":
            return "pad only the low side, by (kernel_size - 1)·dilation rows: [[4, 0]] for a kernel of 5"
        return suggest(value, accepts.words) or None
    if name == "padding" and value == -1:
        return "write same to keep the size"
    if isinstance(accepts, Flag) and value in (0, 1):
        return f"write {'true' if value else 'false'}"
    return None


def _literal(reader: Reader, template: Template, accepts: Field) -> object:
    """The value of a template that needs no scope; None if it needs one."""
    if isinstance(template, Constant):
        return template.value
    if isinstance(template, Listing):
        entries = [_literal(reader, entry, accepts) for entry in template.entries]
        return None if any(entry is None for entry in entries) else entries
    return _word(reader, template, accepts)


def _word(reader: Reader, template: Formula, accepts: Field) -> str | None:
    """The word, if the template is one of a field that accepts words, and not a parameter's name."""
    text = template.scalar.text
    alone = template.expression.names == {text} and text not in reader.visible
    return text if alone and accepts.words else None


def _join(reader: Reader, layer: type[Layer], value: Node) -> LayerCall:
    """`concat: x`, `concat: [x, y]`, `concat: {with: x, crop: center, dim: 1}`."""
    kind = layer.kind
    if not isinstance(value, Mapping):
        return LayerCall(kind, {}, joined=read_references(reader, value, kind))
    accepted = layer.accepted()
    arguments: dict[str, Template] = {}
    joined: tuple[Reference, ...] = ()
    crop = False
    for name, (key, node) in value.entries.items():
        if name == "with":
            joined = read_references(reader, node, f"{kind}: with")
        elif name == "crop":
            crop = True
            if not isinstance(node, Scalar) or node.text != "center":
                reader.fault(f"{kind}: crop: expected center", node.span, "write crop: center")
        elif name not in accepted:
            unknown_field(reader, kind, key, ("with", "crop", *accepted), value.entries)
        elif (template := reader.template(node, f"{kind}: {name}", accepted[name].words)) and literal_fits(
            reader, kind, name, accepted[name], template
        ):
            arguments[name] = template
    if crop and "with" not in value.entries:
        reader.fault(f"{kind}: crop needs with", value.span, f"write {kind}: {{with: x, crop: center}}")
    return LayerCall(kind, arguments, joined=joined, crop=crop)
