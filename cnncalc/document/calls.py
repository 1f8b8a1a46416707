"""Calls of layers and blocks: the value behind the key → arguments, each held to the fields that exist."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf

from cnncalc.document.reader import Reader
from cnncalc.document.types import BlockCall, Constant, Formula, LayerCall, Listing, Reference, Template
from cnncalc.document.vocabulary import field_hint
from cnncalc.errors import LayerError, Span
from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Field
from cnncalc.layers.fields import Reference as ReferenceField
from cnncalc.layers.layer import Layer
from cnncalc.source import Mapping, Node, Scalar, trap
from cnncalc.suggest import nearest


def layer_call(reader: Reader, key: Scalar, value: Node | None, shared: bool) -> LayerCall | None:
    """A layer with its arguments (a shared one may leave them out); a join may name the tensors it joins instead."""
    layer = LAYERS[key.text]
    if shared and (value is None or (isinstance(value, Scalar) and not value.text)):
        return LayerCall(key.text, {})
    if layer.inputs[1] is None and value is not None and not (isinstance(value, Scalar) and not value.text):
        return _join(reader, key.text, layer, value)
    if value is None or (isinstance(value, Scalar) and not value.text):
        _missing(reader, layer, {}, key.span)
        return LayerCall(key.text, {})
    if isinstance(value, Mapping):
        return _with_fields(reader, layer, value, key.span)
    return _natural(reader, layer, value, key.span)


def _natural(reader: Reader, layer: type[Layer], value: Node, span: Span) -> LayerCall | None:
    """`linear: 4096`: a lone value belongs to the layer's natural argument."""
    if layer.natural is None:
        fields = ", ".join(layer.accepted())
        hint = f"write its fields as in {layer.kind}: {{{fields}}}" if fields else f"write '{layer.kind}' alone"
        trapped = trap(value) if isinstance(value, Scalar) else None
        reader.fault(f"{layer.kind} takes no lone value", value.span, trapped or hint)
        return None
    accepts = layer.accepted()[layer.natural]
    if isinstance(accepts, ReferenceField):
        reference = reader.reference(value, layer.natural)
        return LayerCall(layer.kind, {}, {layer.natural: reference} if reference else {})
    template = reader.template(value, f"{layer.kind}")
    if template is None or not _literal_fits(reader, layer.natural, accepts, template):
        return None
    _missing(reader, layer, {layer.natural: template}, span)
    return LayerCall(layer.kind, {layer.natural: template})


def _with_fields(reader: Reader, layer: type[Layer], value: Mapping, span: Span) -> LayerCall:
    accepted = layer.accepted()
    arguments: dict[str, Template] = {}
    references: dict[str, Reference] = {}
    written = set()
    for name, (key, node) in value.entries.items():
        accepts = accepted.get(name)
        if accepts is None:
            reader.fault(f"unknown field '{name}' of {layer.kind}", key.span, trap(key) or field_hint(name, accepted))
            continue
        written.add(name)
        if isinstance(accepts, ReferenceField):
            if reference := reader.reference(node, name):
                references[name] = reference
        elif (template := reader.template(node, name)) and _literal_fits(reader, name, accepts, template):
            arguments[name] = template
    if len(written) == len(value.entries):
        _missing(reader, layer, written, span)
    return LayerCall(layer.kind, arguments, references)


def _missing(reader: Reader, layer: type[Layer], written: MappingOf[str, object] | set[str], span: Span) -> None:
    missing = [name for name in layer.required() if name not in written]
    if missing:
        hint = f"write {layer.kind}: {{{', '.join(f'{name}: …' for name in layer.required())}}}"
        reader.fault(f"{layer.kind} needs {' and '.join(missing)}", span, hint)


def _literal_fits(reader: Reader, name: str, accepts: Field, template: Template) -> bool:
    """Hold a literal to its field at once; expressions wait until their names have values."""
    value = _literal(reader, template, accepts)
    if value is None:
        if not accepts.words:
            reader.check_bare(template, name)
        return True
    try:
        accepts.convert(value, None)
    except LayerError as error:
        word = value if isinstance(value, str) else ""
        near = nearest(word, accepts.words) if word else None
        hint = f"did you mean '{near}'?" if near else error.hint
        reader.fault(f"{name}: {error.message}", template.span, hint)
        return False
    return True


def _literal(reader: Reader, template: Template, accepts: Field) -> object:
    """The value of a template that needs no scope; None where it does."""
    if isinstance(template, Constant):
        return template.value
    if isinstance(template, Listing):
        entries = [_literal(reader, entry, accepts) for entry in template.entries]
        return None if any(entry is None for entry in entries) else entries
    return _word(reader, template, accepts)


def _word(reader: Reader, template: Formula, accepts: Field) -> str | None:
    """A lone word in a field that has words of its own, where it is no parameter's name."""
    text = template.scalar.text
    alone = template.expression.names == {text} and text not in reader.visible
    return text if alone and accepts.words else None


def _join(reader: Reader, kind: str, layer: type[Layer], value: Node) -> LayerCall:
    """`concat: x`, `concat: [x, y]`, `concat: {with: x, crop: center, dim: 1}`."""
    if not isinstance(value, Mapping):
        return LayerCall(kind, {}, joined=reader.references(value, kind))
    accepted = layer.accepted()
    arguments: dict[str, Template] = {}
    joined: tuple[Reference, ...] = ()
    crop = False
    for name, (key, node) in value.entries.items():
        if name == "with":
            joined = reader.references(node, "with")
        elif name == "crop":
            crop = reader.text(node, "crop") == "center"
            if not crop:
                reader.fault("crop: expected center", node.span)
        elif name in accepted:
            if (template := reader.template(node, name)) and _literal_fits(reader, name, accepted[name], template):
                arguments[name] = template
        else:
            reader.fault(f"unknown field '{name}' of {kind}", key.span, f"it has {', '.join(('with', 'crop', *accepted))}")
    return LayerCall(kind, arguments, joined=joined, crop=crop)


def block_call(reader: Reader, key: Scalar, value: Node | None) -> BlockCall | None:
    """A block by name, or by the parameter that names it."""
    name = key.text
    if name.startswith("$") and name[1:] not in reader.visible:
        near = nearest(name[1:], reader.visible)
        reader.fault(f"unknown parameter '{name}'", key.span, f"did you mean '${near}'?" if near else None)
        return None
    if value is None or (isinstance(value, Scalar) and not value.text):
        return _checked(reader, key, BlockCall(name, {}), {})
    if not isinstance(value, Mapping):
        template = reader.value(value, name)
        return _checked(reader, key, BlockCall(name, {}, template), {}) if template else None
    arguments = {}
    for argument, (_, node) in value.entries.items():
        if template := reader.value(node, argument):
            arguments[argument] = template
    spans = {argument: k.span for argument, (k, _) in value.entries.items()}
    return _checked(reader, key, BlockCall(name, arguments), spans)


def _checked(reader: Reader, key: Scalar, call: BlockCall, spans: dict[str, Span]) -> BlockCall | None:
    """Hold the arguments to the block's parameters, where the block is known by name."""
    if call.indirect:
        return call
    parameters = reader.blocks[call.name]
    for argument, span in spans.items():
        if argument not in parameters:
            near = nearest(argument, parameters)
            hint = f"did you mean '{near}'?" if near else f"it has {', '.join(parameters) or 'none'}"
            reader.fault(f"unknown parameter '{argument}' of block {call.name}", span, hint)
    if call.natural is not None and not parameters:
        reader.fault(f"block {call.name} takes no arguments", key.span)
        return None
    return call
