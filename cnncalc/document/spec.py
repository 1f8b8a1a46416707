"""The whole spec: YAML nodes → `Document`. All faults of a file are collected and raised together."""

from __future__ import annotations

import re
from typing import Any

from cnncalc.document.blocks import RESERVED, parameter_name, read_block, signatures
from cnncalc.document.items import MERGES, MODIFIERS, read_item, read_items
from cnncalc.document.reader import FLOWING, SYMBOL, Reader
from cnncalc.document.types import Block, Constant, Document, Formula, Head, Reference, Template
from cnncalc.document.vocabulary import section_hint
from cnncalc.errors import Fault, Source, SpecError
from cnncalc.expression import parse as parse_expression
from cnncalc.layers import LAYERS
from cnncalc.source import Mapping, Node, Scalar, Sequence, trap

ABOUT = ("source", "year", "task", "description")
SECTIONS = ("name", *ABOUT, "input", "params", "variants", "blocks", "layers", "heads", "outputs", "expect", "check")
LAYER_WORDS = frozenset(
    [*LAYERS, *MERGES, *(word for layer in LAYERS.values() for field in layer.accepted().values() for word in field.words)]
)


def read_document(source: Source, root: Node) -> Document:
    """The spec that these nodes write.

    Raises:
        SpecError: with every fault that can be told apart.
    """
    faults: list[Fault] = []
    entries = _sections(Reader(faults, LAYER_WORDS), root)
    document = _document(source, entries, faults) if entries else None
    if faults or document is None:
        raise SpecError(sorted(faults, key=lambda f: (f.span.line, f.span.column) if f.span else (0, 0)))
    return document


def _sections(reader: Reader, root: Node) -> dict[str, tuple[Scalar, Node]]:
    if not isinstance(root, Mapping):
        hint = "a spec begins with 'input:' and 'layers:'"
        trapped = trap(root) if isinstance(root, Scalar) else None
        reader.fault("this is not a spec: expected a mapping at the top", root.span, trapped or hint)
        return {}
    for name, (key, _) in root.entries.items():
        if name not in SECTIONS:
            layer = name in LAYERS or name in MODIFIERS
            hint = f"put it under 'layers:' as '- {name}: …'" if layer else section_hint(name, SECTIONS)
            reader.fault(f"unknown key '{name}'", key.span, trap(key) or hint)
    for name, example in (("input", "input: 3x227x227"), ("layers", "layers: [relu]")):
        if name not in root.entries and not any(f.hint and f"'{name}'" in f.hint for f in reader.faults):
            reader.fault(f"the spec has no '{name}'", root.span._replace(width=1), f"for example {example}")
    return root.entries


def _document(source: Source, entries: dict[str, tuple[Scalar, Node]], faults: list[Fault]) -> Document:
    def section(name: str) -> Node | None:
        return entries[name][1] if name in entries else None

    reader = Reader(faults, LAYER_WORDS)
    block_nodes = _optional_mapping(reader, section("blocks"), "blocks", "{unit(width): [conv: …]}")
    declared = signatures(reader, block_nodes)
    names = {name: tuple(map(parameter_name, texts)) for name, (_, texts) in declared.items()}
    reader = Reader(faults, LAYER_WORDS | names.keys(), blocks=names)
    params = _params(reader, section("params"))
    reader = reader.seeing(params)
    layers = section("layers")
    return Document(
        source=source,
        name=_name(reader, source, section("name")),
        about={key: reader.text(node, key) for key in ABOUT if (node := section(key))},
        inputs=_inputs(reader, section("input")),
        layers=read_items(reader, layers, "layers") if layers else (),
        params=params,
        variants=_variants(reader, section("variants"), params),
        blocks=_blocks(reader, declared, block_nodes),
        heads=_heads(reader, section("heads")),
        outputs=_outputs(reader, section("outputs")),
        expect=section("expect"),
        check=section("check"),
    )


def _blocks(
    reader: Reader, declared: dict[str, tuple[Scalar, tuple[str, ...]]], nodes: dict[str, tuple[Scalar, Node]]
) -> dict[str, Block]:
    return {n: read_block(reader, key, texts, nodes[key.text][1]) for n, (key, texts) in declared.items()}


def _name(reader: Reader, source: Source, node: Node | None) -> str:
    return reader.text(node, "name") if node else re.sub(r"(.*/)?([^/]+?)(\.ya?ml)?", r"\2", source.name)


def _optional_mapping(reader: Reader, node: Node | None, what: str, like: str) -> dict[str, tuple[Scalar, Node]]:
    return reader.mapping(node, what, like) if node else {}


def _params(reader: Reader, node: Node | None) -> dict[str, Template]:
    """Parameters in order; each may use those above it."""
    params: dict[str, Template] = {}
    for name, (key, value) in _optional_mapping(reader, node, "params", "{width: 1.0}").items():
        if not name.isidentifier() or name in RESERVED:
            reader.fault(f"parameter '{name}' {'is reserved' if name in RESERVED else 'is no name'}", key.span)
        elif template := reader.seeing(params).value(value, name):
            params[name] = template
    return params


def _variants(reader: Reader, node: Node | None, params: dict[str, Template]) -> dict[str, dict[str, Template]]:
    """Settings of the parameters by name; values may use the parameters."""
    variants: dict[str, dict[str, Template]] = {}
    for variant, (_, settings) in _optional_mapping(reader, node, "variants", '{"50": {depth: 50}}').items():
        variants[variant] = {}
        for name, (key, value) in reader.mapping(settings, f"variant {variant}", "{depth: 50}").items():
            if name not in params:
                hint = section_hint(name, params) if params else "declare it under 'params:' with its default"
                reader.fault(f"variant {variant}: unknown parameter '{name}'", key.span, hint)
            elif template := reader.value(value, name):
                variants[variant][name] = template
    return variants


def _inputs(reader: Reader, node: Node | None) -> dict[str, tuple[Template, ...]]:
    if node is None:
        return {}
    if not isinstance(node, Mapping):
        return {"input": read_shape(reader, node)}
    return {name: read_shape(reader, value) for name, (_, value) in node.entries.items()}


def read_shape(reader: Reader, node: Node) -> tuple[Template, ...]:
    """`3x227x227` or `[3, 227, 227]`: sizes are numbers, expressions of parameters, or symbols (one capital letter)."""
    if isinstance(node, Sequence):
        sizes = [_size(reader, entry) for entry in node.items]
    elif isinstance(node, Scalar) and isinstance(node.value, str) and len(node.text) <= 200:
        sizes = [_size(reader, _piece(node, text)) for text in re.split(r"[x×]", node.text.replace(" ", ""))]
    else:
        sizes = [_size(reader, node)]
    found = tuple(s for s in sizes if s is not None)
    if len(found) == len(sizes) and not 1 <= len(found) <= 8:
        reader.fault("input: expected 1 to 8 sizes, channels first, as in 3x227x227", node.span)
    return found


def _piece(scalar: Scalar, text: str) -> Scalar:
    """One size of `3x227x227`."""
    value: Any = int(text) if re.fullmatch(r"\d{1,19}", text) else text
    return Scalar(text, scalar.span, scalar.quoted, value)


def _size(reader: Reader, node: Node) -> Template | None:
    like = "channels first, as in 3x227x227"
    if isinstance(node, Scalar) and isinstance(node.value, str) and not re.search(r"\w", node.text):
        reader.fault("input: a size is missing", node.span, like)
        return None
    if isinstance(node, Scalar) and SYMBOL.fullmatch(node.text) and node.text not in reader.visible:
        return Formula(parse_expression(node.text), node)
    template = reader.value(node, "input")
    if isinstance(template, Constant) and not (type(template.value) is int and template.value >= 1):
        reader.fault(f"input: expected sizes of at least 1, got {getattr(node, 'text', '')}", template.span, like)
        return None
    return template


def _heads(reader: Reader, node: Node | None) -> dict[str, Head]:
    heads: dict[str, Head] = {}
    like = "{aux: {from: conv4, training: true, layers: […]}}"
    for name, (key, value) in _optional_mapping(reader, node, "heads", like).items():
        entries = reader.mapping(value, f"head {name}", like)
        for other, (wrong, _) in entries.items():
            if other not in ("from", "training", "layers"):
                reader.fault(f"unknown key '{other}' of head {name}", wrong.span, "it has from, training, layers")
        if "from" not in entries or "layers" not in entries:
            reader.fault(f"head {name} needs 'from' and 'layers'", key.span)
            continue
        source = reader.reference(entries["from"][1], "from")
        items = read_items(reader, entries["layers"][1], f"head {name}")
        training = "training" in entries and reader.flag(entries["training"][1], "training")
        if source:
            heads[name] = Head(name, source, items, training, key.span)
    return heads


def _outputs(reader: Reader, node: Node | None) -> dict[str, Reference]:
    if node is None:
        return {}
    if isinstance(node, Mapping):
        found = {name: reader.reference(value, name) for name, (_, value) in node.entries.items()}
        return {name: r for name, r in found.items() if r}
    return {r.text: r for r in reader.references(node, "outputs")}


def read_inline(source: Source, root: Node) -> Document:
    """A document of one item, for `cnncalc explain "conv: {…}"`: its input comes from the command line."""
    faults: list[Fault] = []
    reader = Reader(faults, LAYER_WORDS)
    nodes = root.items if isinstance(root, Sequence) else [root]
    items = [read_item(reader, node) for node in nodes]
    if faults:
        raise SpecError(faults)
    return Document(source, "", {}, {}, tuple(item for item in items if item is not None))
