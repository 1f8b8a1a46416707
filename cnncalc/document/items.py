"""Reads lists of layers into `Item`s, statically: nothing is evaluated, and every fault is recorded."""

from __future__ import annotations

from cnncalc.document.block_calls import block_call
from cnncalc.document.calls import layer_call
from cnncalc.document.reader import Reader, blank
from cnncalc.document.references import read_one, read_references
from cnncalc.document.types import Body, Branches, Constant, Group, Item, Path, Repeat, Residual, Template
from cnncalc.document.words import GROUPS, MODIFIERS
from cnncalc.graph import Manner
from cnncalc.layers import LAYERS
from cnncalc.records import replace
from cnncalc.source.reading import Mapping, Node, Scalar, Sequence
from cnncalc.suggest import ask, suggest


def read_items(reader: Reader, node: Node, what: str) -> tuple[Item, ...]:
    """The items of a list."""
    if isinstance(node, Sequence):
        items = [read_item(reader, entry) for entry in node.items]
        return tuple(item for item in items if item is not None)
    if isinstance(node, Mapping) and (modifier := next(filter(MODIFIERS.__contains__, node.entries), None)):
        from cnncalc.document.vocabulary import beside_hint

        key, _ = node.entries[modifier]
        reader.fault(f"{what}: expected a list of layers", key.span, beside_hint(modifier, what))
        return ()
    hint = "start each layer with '- '" if isinstance(node, Mapping) else "write [a, b], or one '- layer' per line"
    reader.fault(f"{what}: expected a list of layers", node.span, hint)
    return ()


def read_item(reader: Reader, node: Node) -> Item | None:
    """One layer, block or group with its modifiers."""
    if isinstance(node, Scalar):
        if blank(node):
            reader.fault("empty item: expected a layer", node.span, "delete the dash, or write a layer after it")
            return None
        body = _body(reader, node, None)
        return Item(body, node.span) if body else None
    if isinstance(node, Sequence):
        reader.fault("expected a layer, got a list", node.span, "group layers with 'sequence: […]'")
        return None
    return _mapping_item(reader, node)


def _mapping_item(reader: Reader, node: Mapping) -> Item | None:
    heads = [key for name, (key, _) in node.entries.items() if name not in MODIFIERS]
    if len(heads) != 1:
        from cnncalc.document.misfits import report_extra_keys, report_missing_layer

        head = _head(reader, heads)
        if head is None:
            report_missing_layer(reader, node, heads)
            return None
        report_extra_keys(reader, node, head, [key for key in heads if key is not head])
    else:
        head = heads[0]
    repeat = _repeat(reader, node)
    inner = reader.within_repeat(repeat.names) if repeat else reader
    body = _body(inner, head, node.entries[head.text][1], "share" in node.entries, complete=len(heads) == 1)
    return _with_modifiers(reader, inner, node, head, body, repeat)


def _head(reader: Reader, heads: list[Scalar]) -> Scalar | None:
    """The first of several keys that is a layer, block or group."""
    known = (key for key in heads if key.text in LAYERS or key.text in GROUPS or key.text in reader.blocks)
    return next(known, None)


def _with_modifiers(
    reader: Reader, inner: Reader, node: Mapping, head: Scalar, body: Body | None, repeat: Repeat | None
) -> Item | None:
    def modifier(name: str) -> Node | None:
        return node.entries[name][1] if name in node.entries else None

    name, source, when, share, frozen = map(modifier, ("name", "from", "when", "share", "frozen"))
    if share and head.text in GROUPS:
        hint = "put it on the items inside"
        reader.fault(f"share applies to a layer or a block, not to {head.text}", node.entries["share"][0].span, hint)
    item_name = inner.new_name(name) if name else None
    sources = read_references(reader, source, "from") if source else ()
    condition = _when(reader, when, repeat) if when else None
    share_reference = read_one(inner, share, "share") if share else None
    frozen_template = inner.value(frozen, "frozen") if frozen else None
    manner = _manner(reader, node, head) if "written" in node.entries else None
    if body is None:
        return None
    return Item(body, head.span, item_name, sources, repeat, condition, share_reference, frozen_template, manner)


def _manner(reader: Reader, node: Mapping, head: Scalar) -> Manner | None:
    """How the layer is written, or the layer that joins a residual or branches."""
    from cnncalc.document.written import read_manner

    key, value = node.entries["written"]
    if head.text == "sequence" or head.text in reader.blocks:
        hint = "put it on the layers inside"
        reader.fault(f"written applies to one layer, not to {head.text}", key.span, hint)
    return read_manner(reader, value, "written")


def _when(reader: Reader, node: Node, repeat: Repeat | None) -> Template | None:
    """A condition; it is evaluated before the repeat beside it, so it cannot use the repeat's names."""
    template = reader.within_repeat(repeat.names).value(node, "when") if repeat else reader.value(node, "when")
    names = _names(template) & set(repeat.names) - reader.visible if repeat else set()
    for name in sorted(names):
        hint = "wrap the item: sequence: […], with repeat beside it and when inside"
        reader.fault(f"when: '{name}' is bound by the repeat beside it, but 'when' is evaluated first", node.span, hint)
    return template


def _names(template: Template | None) -> set[str]:
    expression = getattr(template, "expression", None)
    return set(expression.names) if expression else set()


def _repeat(reader: Reader, node: Mapping) -> Repeat | None:
    if "repeat" not in node.entries:
        return None
    value = node.entries["repeat"][1]
    names: tuple[str, ...] = ("i",)
    over, span = value, value.span
    if isinstance(value, Mapping):
        if len(value.entries) != 1:
            reader.fault("repeat: expected one entry, such as {j: 4} or {t c n s: table}", value.span)
            return None
        key, over = next(iter(value.entries.values()))
        names, span = tuple(key.text.split()), key.span
        names = tuple(name for name in names if reader.identifier(name, "repeat:", key.span))
    for index, name in enumerate(names):
        if name in names[:index]:
            reader.fault(f"repeat: '{name}' appears twice", span)
        elif name in reader.bound:
            hint = "choose another name, such as {j: 4}"
            reader.fault(f"repeat: '{name}' is already bound by an enclosing repeat", span, hint)
    template = reader.value(over, "repeat")
    return Repeat(names, template or Constant(0, over.span), value.span)


def _body(reader: Reader, key: Scalar, value: Node | None, shared: bool = False, complete: bool = True) -> Body | None:
    """The body of an item, by its key."""
    kind = key.text
    if kind in GROUPS:
        return _group(reader, key, value)
    if kind in LAYERS:
        return layer_call(reader, key, value, shared or not complete)
    if kind.startswith("$") or kind in reader.blocks:
        return block_call(reader, key, value, shared or not complete)
    from cnncalc.document.misfits import report_unknown_layer

    meant = report_unknown_layer(reader, key, value)
    if meant in LAYERS and value is not None and not blank(value):  # its fields may also be those of another tool
        layer_call(reader, Scalar(meant, key.span, key.quoted, key.value), value, shared=True)
    return None


def _group(reader: Reader, key: Scalar, value: Node | None) -> Body | None:
    if value is None or blank(value):
        reader.fault(f"{key.text} has no layers", key.span, f"for example {_EXAMPLES[key.text]}")
        return None
    if key.text == "sequence":
        return Group(read_items(reader, value, "sequence"))
    return _residual(reader, value) if key.text == "residual" else _branches(reader, value)


_EXAMPLES = {
    "sequence": "sequence: [relu, dropout: 0.5]",
    "residual": "residual: {body: […], shortcut: […]}",
    "branches": "branches: {merge: concat, paths: [[…], […]]}",
}


def _residual(reader: Reader, value: Node) -> Residual | None:
    if isinstance(value, Sequence):
        return Residual(read_items(reader, value, "residual"), (), None)
    entries = _allowed_entries(reader, value, "residual", ("body", "shortcut", "skip"))
    if entries is None:
        return None
    if "body" not in entries:
        reader.fault("residual needs a body", value.span, f"for example {_EXAMPLES['residual']}")
    body = read_items(reader, entries["body"], "residual: body") if "body" in entries else ()
    shortcut = read_items(reader, entries["shortcut"], "residual: shortcut") if "shortcut" in entries else ()
    skip = reader.value(entries["skip"], "residual: skip") if "skip" in entries else None
    return Residual(body, shortcut, skip)


def _branches(reader: Reader, value: Node) -> Branches | None:
    entries = _allowed_entries(reader, value, "branches", ("merge", "paths", "dim"))
    if entries is None:
        return None
    from cnncalc.document.merges import read_merge

    merge = read_merge(reader, value, entries.get("merge"))
    if "dim" in entries and (dim := reader.value(entries["dim"], "branches: dim")) and merge:
        if merge.kind != "concat" or merge.arguments:
            reader.fault("branches: dim applies only to merge: concat", entries["dim"].span)
        merge = replace(merge, arguments={"dim": dim})
    paths = entries.get("paths")
    if not isinstance(paths, Sequence) or not paths.items:
        where = paths.span if paths else value.span
        reader.fault("branches: paths: expected a list of lists of layers", where, "for example [[relu], [tanh]]")
        return None
    read = [_path(reader, path) for path in paths.items]
    return Branches(merge, tuple(path for path in read if path is not None)) if merge else None


_OF_PATHS = ("when", "layers")
_PATH = "{when: …, layers: […]}"


def _path(reader: Reader, path: Node) -> Path | None:
    """A list of layers, or `{when: condition, layers: […]}`."""
    what = "branches: a path"
    if isinstance(path, Sequence):
        return Path(read_items(reader, path, what), path.span)
    conditional = isinstance(path, Mapping) and not path.entries.keys().isdisjoint(_OF_PATHS)
    if not isinstance(path, Mapping) or not conditional or _head(reader, [key for key, _ in path.entries.values()]):
        hint = (
            f"with a condition, write {_PATH}" if conditional else "start its first layer with '- - ', or write [a, b]"
        )
        reader.fault(f"{what} must be a list of layers", path.span, hint)
        return None
    entries = _allowed_entries(reader, path, what, _OF_PATHS) or {}
    when = reader.value(entries["when"], f"{what}: when") if "when" in entries else None
    if "layers" not in entries:
        reader.fault(f"{what} needs layers", path.span, f"write {_PATH}")
        return None
    return Path(read_items(reader, entries["layers"], f"{what}: layers"), path.span, when)


def _allowed_entries(reader: Reader, value: Node, what: str, keys: tuple[str, ...]) -> dict[str, Node] | None:
    """The entries of a mapping, restricted to these keys; None if it is not a mapping."""
    if not isinstance(value, Mapping):
        reader.fault(f"{what}: expected a mapping", value.span, f"for example {_EXAMPLES[what]}")
        return None
    entries = {}
    for name, (key, node) in value.entries.items():
        if name in keys:
            entries[name] = node
        else:
            from cnncalc.document.vocabulary import MODIFIER_WORDS, beside_hint

            meant = MODIFIER_WORDS.get(name.lower())
            beside = ask(meant) if meant in keys else beside_hint(name, what)
            hint = beside or suggest(name, keys, f"it has {', '.join(keys)}")
            reader.fault(f"unknown key '{name}' of {what}", key.span, hint)
    return entries
