"""Reads a whole spec: YAML nodes → `Document`. All faults of a file are collected and raised together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Sequence as SequenceOf
from typing import TYPE_CHECKING

from cnncalc.document.blocks import Declared, declare_blocks, read_block
from cnncalc.document.inputs import read_inputs
from cnncalc.document.items import read_item, read_items
from cnncalc.document.reader import FLOWING, Reader
from cnncalc.document.references import read_one, read_references
from cnncalc.document.types import Block, Document, Expectation, Head, Item, Level, Reference, Template
from cnncalc.document.words import MODIFIERS, Words, is_name
from cnncalc.errors import Fault, Source, SpecError
from cnncalc.graph import Manner
from cnncalc.layers import LAYERS
from cnncalc.records import replace
from cnncalc.source.reading import Mapping, Node, Scalar, Sequence, trap
from cnncalc.suggest import ask, nearest, suggest

if TYPE_CHECKING:  # only an editor keeps items
    from cnncalc.document.kept import KeptItems

ABOUT = ("source", "year", "task", "description")
SECTIONS = (
    "name",
    *ABOUT,
    "input",
    "params",
    "variants",
    "defaults",
    "blocks",
    "layers",
    "heads",
    "outputs",
    "written",
    "expect",
    "check",
)
_MOST_LINES = 12


def read_document(
    source: Source, root: Node, misread: SequenceOf[Fault] = (), kept: KeptItems | None = None
) -> Document:
    """The document of a spec, given its nodes, the faults found while reading the YAML, and the items read before.

    Raises:
        SpecError: the network has faults; lists every one that can be distinguished, those of `expect` and `check`
            too. If only these have faults, the document tells them.
    """
    faults: list[Fault] = []
    aside: list[Fault] = []
    entries = _sections(Reader(faults, Words()), root)
    document = _document(source, entries, faults, aside, kept) if entries else None
    if faults or misread or document is None:
        raise SpecError(merge_faults([*misread, *_independent([*faults, *aside], misread)]))
    return replace(document, aside=tuple(merge_faults(aside))) if aside else document


def read_inline(source: Source, root: Node) -> Document:
    """A document of one item, for `cnncalc explain "conv: {…}"`: its input comes from the command line."""
    faults: list[Fault] = []
    reader = Reader(faults, Words(), FLOWING)
    nodes = root.items if isinstance(root, Sequence) else [root]
    items = [read_item(reader, node) for node in nodes]
    if faults:
        raise SpecError(merge_faults(faults))
    return Document(source, "", {}, {}, tuple(item for item in items if item is not None))


def merge_faults(faults: Iterable[Fault]) -> list[Fault]:
    """The faults in source order; equal ones on several lines are merged into one that lists the lines."""
    alike: dict[tuple[str, str | None], list[Fault]] = {}
    for fault in sorted(faults, key=_place):
        alike.setdefault((fault.message, fault.hint), []).append(fault)
    return [_with_lines(same) for same in alike.values()]


def _with_lines(same: list[Fault]) -> Fault:
    first = same[0]
    lines = sorted({_place(fault)[0] for fault in same} - {_place(first)[0]})
    if not lines:
        return first
    shown = ", ".join(map(str, lines[:_MOST_LINES])) + (", …" if len(lines) > _MOST_LINES else "")
    return first._replace(message=f"{first.message} (and on line{'s' * (len(lines) > 1)} {shown})")


def _place(fault: Fault) -> tuple[int, int]:
    return fault.span[1:3] if fault.span else (0, 0)


def _independent(faults: Iterable[Fault], misread: SequenceOf[Fault]) -> list[Fault]:
    """The faults that are not consequences of misread YAML: those on other lines."""
    lines = {_place(fault)[0] for fault in misread}
    return [fault for fault in faults if _place(fault)[0] not in lines]


def _sections(reader: Reader, root: Node) -> dict[str, tuple[Scalar, Node]]:
    if not isinstance(root, Mapping):
        hint = "a spec begins with 'input:' and 'layers:'"
        if isinstance(root, Sequence):
            hint = "put the list under 'layers:', with an 'input:' above it"
        trapped = trap(root) if isinstance(root, Scalar) else None
        reader.fault("this is not a spec: expected a mapping at the top", root.span, trapped or hint)
        return {}
    unknown = [key for name, (key, _) in root.entries.items() if name not in SECTIONS]
    guessed = {_unknown_section(reader, key) for key in unknown}
    for name, example in (("input", "input: 3x227x227"), ("layers", "layers: [relu]")):
        if name not in root.entries and ask(name) not in guessed:
            reader.fault(f"the spec has no '{name}'", root.span._replace(width=1), f"for example {example}")
    return root.entries


def _unknown_section(reader: Reader, key: Scalar) -> str | None:
    """Report a key that is not a section; returns the suggestion."""
    from cnncalc.document.foreign_layers import known_layer
    from cnncalc.document.vocabulary import SECTION_WORDS, section_hint

    section = key.text.lower() in SECTION_WORDS or nearest(key.text, SECTIONS)
    layer = None if section else known_layer(key.text, LAYERS)
    word = layer or (key.text if key.text in MODIFIERS else None)
    meant = section_hint(key.text, SECTIONS)
    reader.fault(f"unknown key '{key.text}'", key.span, f"put it under 'layers:' as '- {word}: …'" if word else meant)
    return meant


def _document(
    source: Source,
    entries: dict[str, tuple[Scalar, Node]],
    faults: list[Fault],
    aside: list[Fault],
    kept: KeptItems | None,
) -> Document:
    def section(name: str) -> Node | None:
        return entries[name][1] if name in entries else None

    reader = Reader(faults, Words())
    blocks = declare_blocks(reader, _entries(reader, section("blocks"), "blocks", "{unit(width): [conv: …]}"))
    signatures = {name: block.signature for name, block in blocks.items()}
    reader = Reader(faults, Words(blocks), blocks=signatures)
    params = _params(reader, section("params"))
    reader = reader.with_names(params)
    inside = reader.with_names(FLOWING)
    defaults = _defaults(inside, section("defaults"))
    reader, inside = replace(reader, defaults=defaults), replace(inside, defaults=defaults)
    inputs = read_inputs(reader, section("input"))
    outside = replace(reader, faults=aside)
    return Document(
        source=source,
        name=_name(reader, source, section("name")),
        about={key: reader.text(node, key) for key in ABOUT if (node := section(key))},
        inputs=inputs,
        layers=_layers(inside, section("layers"), kept),
        params={name: template for name, template in params.items() if template},
        variants=_variants(reader, section("variants"), params.keys()),
        defaults={kind: {n: t for n, t in fields.items() if t} for kind, fields in defaults.items()},
        blocks=_blocks(reader, blocks),
        heads=_heads(inside, section("heads")),
        outputs=_outputs(reader, section("outputs")),
        written=_written(reader, section("written")),
        expect=_expect(outside, section("expect"), section("variants"), inputs),
        check=_check(outside, section("check")),
    )


def _expect(
    reader: Reader, node: Node | None, variants: Node | None, inputs: dict[str, tuple[Template, ...]]
) -> tuple[Expectation, ...]:
    if node is None:
        return ()
    from cnncalc.document.expectations import read_expectations

    return read_expectations(reader, node, variants.entries if isinstance(variants, Mapping) else {}, inputs)


def _defaults(reader: Reader, node: Node | None) -> dict[str, dict[str, Template | None]]:
    if node is None:
        return {}
    from cnncalc.document.defaults import read_defaults

    return read_defaults(reader, node)


def _written(reader: Reader, node: Node | None) -> dict[str, Manner]:
    if node is None:
        return {}
    from cnncalc.document.written import read_written

    return read_written(reader, node)


def _check(reader: Reader, node: Node | None) -> dict[str, Level]:
    if node is None:
        return {}
    from cnncalc.document.checks import read_checks

    return read_checks(reader, node)


def _layers(reader: Reader, node: Node | None, kept: KeptItems | None) -> tuple[Item, ...]:
    if node is None:
        return ()
    if isinstance(node, Sequence) and not node.items:
        reader.fault("layers: the list is empty", node.span, "for example layers: [relu]")
    if kept is not None and isinstance(node, Sequence):
        return kept.read(reader, node)
    return read_items(reader, node, "layers")


def _blocks(reader: Reader, blocks: dict[str, Declared]) -> dict[str, Block]:
    return {name: read_block(reader, name, block) for name, block in blocks.items()}


def _name(reader: Reader, source: Source, node: Node | None) -> str:
    return reader.text(node, "name") if node else re.sub(r"(.*/)?([^/]+?)(\.ya?ml)?", r"\2", source.name)


def _entries(reader: Reader, node: Node | None, what: str, like: str) -> dict[str, tuple[Scalar, Node]]:
    return reader.mapping(node, what, like) if node else {}


def _params(reader: Reader, node: Node | None) -> dict[str, Template | None]:
    """Parameter → template, each of which may use earlier ones; None if the value is invalid."""
    params: dict[str, Template | None] = {}
    visible = set(reader.visible)  # grows with every parameter
    reader = replace(reader, visible=visible)
    for name, (key, value) in _entries(reader, node, "params", "{width: 1.0}").items():
        if reader.identifier(name, "parameter", key.span):
            params[name] = reader.value(value, name)
            visible.add(name)
    return params


def _variants(reader: Reader, node: Node | None, params: Iterable[str]) -> dict[str, dict[str, Template]]:
    """Variant → parameter → value; values may use the parameters."""
    params = dict.fromkeys(params)
    variants: dict[str, dict[str, Template]] = {}
    for variant, (_, settings) in _entries(reader, node, "variants", '{"50": {depth: 50}}').items():
        variants[variant] = {}
        for name, (key, value) in reader.mapping(settings, f"variant {variant}", "{depth: 50}").items():
            if name not in params:
                hint = suggest(name, params, "declare it under 'params:' with a default")
                reader.fault(f"variant {variant}: unknown parameter '{name}'", key.span, hint)
            elif template := reader.value(value, f"variant {variant}: {name}"):
                variants[variant][name] = template
    return variants


def _heads(reader: Reader, node: Node | None) -> dict[str, Head]:
    like = "{aux: {from: conv4, training: true, layers: […]}}"
    heads = {name: _head(reader, key, value) for name, (key, value) in _entries(reader, node, "heads", like).items()}
    return {name: head for name, head in heads.items() if head}


def _head(reader: Reader, key: Scalar, value: Node) -> Head | None:
    name = key.text
    if not isinstance(value, Mapping):
        reader.fault(f"head {name}: expected a mapping", value.span, "for example {from: conv4, layers: […]}")
        return None
    if not is_name(name):
        reader.fault(f"head '{name}' is not a valid name: use letters, digits, _ and -", key.span)
    for other, (wrong, _) in value.entries.items():
        if other not in ("from", "training", "layers"):
            hint = suggest(other, ("from", "training", "layers"), "it has from, training, layers")
            reader.fault(f"unknown key '{other}' of head {name}", wrong.span, hint)
    parts = {part: entry[1] for part, entry in value.entries.items()}
    missing = [part for part in ("from", "layers") if part not in parts]
    if missing:
        reader.fault(f"head {name} needs {' and '.join(missing)}", key.span, "for example {from: conv4, layers: […]}")
    source = read_one(reader, parts["from"], f"head {name}: from") if "from" in parts else None
    items = read_items(reader, parts["layers"], f"head {name}") if "layers" in parts else ()
    training = "training" in parts and reader.flag(parts["training"], f"head {name}: training")
    return Head(name, source, items, training, key.span) if source else None


def _outputs(reader: Reader, node: Node | None) -> dict[str, Reference]:
    if node is None:
        return {}
    if isinstance(node, Mapping):
        outputs = {name: read_one(reader, value, name) for name, (_, value) in node.entries.items()}
        return {name: r for name, r in outputs.items() if r}
    return {r.text: r for r in read_references(reader, node, "outputs")}
