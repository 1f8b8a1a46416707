"""Lists of layers: YAML nodes → `Item`s. A static reading: nothing is evaluated, every fault is noted."""

from __future__ import annotations

from cnncalc.document.calls import block_call, layer_call
from cnncalc.document.reader import Reader
from cnncalc.document.types import Body, Branches, Group, Item, Repeat, Residual, Template
from cnncalc.document.vocabulary import layer_hint
from cnncalc.layers import LAYERS
from cnncalc.errors import Span
from cnncalc.source import Mapping, Node, Scalar, Sequence, trap

MODIFIERS = ("name", "from", "repeat", "when", "share", "frozen")
GROUPS = ("sequence", "residual", "branches")
MERGES = ("concat", "add", "multiply", "subtract")


def read_items(reader: Reader, node: Node, what: str) -> tuple[Item, ...]:
    """The items of a list; a lone item is taken as a list of one where YAML makes them look alike."""
    if isinstance(node, Sequence):
        found = [read_item(reader, entry) for entry in node.items]
        return tuple(item for item in found if item is not None)
    hint = "start each layer with '- '" if isinstance(node, Mapping) else None
    reader.fault(f"{what}: expected a list of layers", node.span, hint)
    return ()


def read_item(reader: Reader, node: Node) -> Item | None:
    """One layer, block or group with the modifiers beside it."""
    if isinstance(node, Scalar):
        if not node.text.strip():
            reader.fault("an empty item: expected a layer", node.span)
            return None
        body = _body(reader, node, None)
        return Item(body, node.span) if body else None
    if isinstance(node, Sequence):
        reader.fault("a list where a layer is expected", node.span, "group layers with 'sequence: […]'")
        return None
    return _mapping_item(reader, node)


def _mapping_item(reader: Reader, node: Mapping) -> Item | None:
    keys = [key for name, (key, _) in node.entries.items() if name not in MODIFIERS]
    if not keys:
        reader.fault("no layer in this item, only " + ", ".join(node.entries), node.span)
        return None
    head, extra = keys[0], keys[1:]
    if extra:
        _too_many(reader, node, head, extra)
        return None
    repeat = _repeat(reader, node)
    inner = reader.repeating(repeat.names) if repeat else reader
    body = _body(inner, head, node.entries[head.text][1], "share" in node.entries)
    return _modified(reader, inner, node, head, body, repeat) if body else None


def _modified(
    reader: Reader, inner: Reader, node: Mapping, head: Scalar, body: Body, repeat: Repeat | None
) -> Item:
    def beside(name: str) -> Node | None:
        return node.entries[name][1] if name in node.entries else None

    name, source, when, share, frozen = map(beside, ("name", "from", "when", "share", "frozen"))
    return Item(
        body,
        head.span,
        name=inner.new_name(name, "name") if name else None,
        source=inner.references(source, "from") if source else (),
        repeat=repeat,
        when=reader.value(when, "when") if when else None,
        share=inner.reference(share, "share") if share else None,
        frozen=inner.value(frozen, "frozen") if frozen else None,
    )


def _too_many(reader: Reader, node: Mapping, head: Scalar, extra: list[Scalar]) -> None:
    """Fields that are not indented under their layer, or two layers in one item."""
    value = node.entries[head.text][1]
    empty = isinstance(value, Scalar) and not value.text
    for key in extra:
        layer = LAYERS.get(head.text)
        if key.text in LAYERS or key.text in GROUPS or key.text in reader.blocks:
            reader.fault(f"two layers in one item: '{head.text}' and '{key.text}'", key.span, "start each with '- '")
        elif empty and (layer is None or key.text in layer.accepted()):
            hint = f"indent it under '{head.text}:', deeper than the word '{head.text}'"
            reader.fault(f"'{key.text}' stands beside {head.text}, not under it", key.span, hint)
        else:
            hint = f"fields go under '{head.text}:'; beside it only {', '.join(MODIFIERS)}"
            reader.fault(f"unexpected '{key.text}' beside {head.text}", key.span, hint)


def _repeat(reader: Reader, node: Mapping) -> Repeat | None:
    if "repeat" not in node.entries:
        return None
    value = node.entries["repeat"][1]
    names: tuple[str, ...] = ("i",)
    over = value
    if isinstance(value, Mapping):
        if len(value.entries) != 1:
            reader.fault("repeat: expected one entry, such as {j: 4} or {t c n s: table}", value.span)
            return None
        key, over = next(iter(value.entries.values()))
        names = tuple(key.text.split())
        for name in names:
            if not name.isidentifier():
                reader.fault(f"repeat: '{name}' is no name", key.span)
    for name in names:
        if name in reader.bound:
            hint = "give this one a name of its own, such as {j: 4}"
            reader.fault(f"repeat: '{name}' is bound by a surrounding repeat", value.span, hint)
    template = reader.value(over, "repeat")
    return Repeat(names, template, value.span) if template else None


def _body(reader: Reader, key: Scalar, value: Node | None, shared: bool = False) -> Body | None:
    """What an item is, by its key."""
    kind = key.text
    if kind in GROUPS:
        return _group(reader, key, value)
    if kind in LAYERS:
        return layer_call(reader, key, value, shared)
    if kind.startswith("$") or kind in reader.blocks:
        return block_call(reader, key, value)
    reader.fault(*_unknown(reader, key))
    return None


def _unknown(reader: Reader, key: Scalar) -> tuple[str, Span, str | None]:
    known = [*LAYERS, *GROUPS, *reader.blocks]
    return f"unknown layer '{key.text}'", key.span, trap(key) or layer_hint(key.text, known)


def _group(reader: Reader, key: Scalar, value: Node | None) -> Body | None:
    if value is None or (isinstance(value, Scalar) and not value.text):
        reader.fault(f"{key.text} has no layers", key.span)
        return None
    if key.text == "sequence":
        return Group(read_items(reader, value, "sequence"))
    return _residual(reader, value) if key.text == "residual" else _branches(reader, value)


def _residual(reader: Reader, value: Node) -> Residual | None:
    if isinstance(value, Sequence):
        return Residual(read_items(reader, value, "residual"), (), None)
    entries = _known(reader, value, "residual", ("body", "shortcut", "skip"), "{body: […], shortcut: […]}")
    if "body" not in entries:
        reader.fault("residual needs a body", value.span)
        return None
    body = read_items(reader, entries["body"], "body")
    shortcut = read_items(reader, entries["shortcut"], "shortcut") if "shortcut" in entries else ()
    skip = reader.value(entries["skip"], "skip") if "skip" in entries else None
    return Residual(body, shortcut, skip)


def _branches(reader: Reader, value: Node) -> Branches | None:
    entries = _known(reader, value, "branches", ("merge", "paths", "dim"), "{merge: concat, paths: [[…], […]]}")
    paths = entries.get("paths")
    if not isinstance(paths, Sequence):
        reader.fault("branches: paths: expected a list of lists of layers", paths.span if paths else value.span)
        return None
    merge = entries.get("merge")
    if not isinstance(merge, Scalar) or merge.text not in MERGES:
        reader.fault(f"branches: merge: expected one of {', '.join(MERGES)}", merge.span if merge else value.span)
        return None
    arguments: dict[str, Template] = {}
    if "dim" in entries and (dim := reader.value(entries["dim"], "dim")):
        arguments["dim"] = dim
    read = tuple(read_items(reader, path, "a path of branches") for path in paths.items)
    return Branches(merge.text, arguments, read)


def _known(reader: Reader, value: Node, what: str, keys: tuple[str, ...], like: str) -> dict[str, Node]:
    """The entries of a mapping that may have these keys only."""
    found = {}
    for name, (key, node) in reader.mapping(value, what, like).items():
        if name in keys:
            found[name] = node
        else:
            reader.fault(f"unknown key '{name}' of {what}", key.span, f"it has {', '.join(keys)}")
    return found
