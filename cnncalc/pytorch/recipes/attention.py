"""The recipe of attention: a function where nothing is learned, windowed or dropped, otherwise a module."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.layers.heads import Heads, bias_rows, heads_of, mask_reads
from cnncalc.pytorch.recipes.recipe import OWN, Recipe, Writer, expression, fields, reads
from cnncalc.pytorch.recipes.terms import Arg, Slot, call, keyword

PLAIN = {"num_kv_heads": None, "key_dim": None, "packing": "parts", "is_causal": False}
MORE = {"relative_bias": "none", "qk_norm": "none", "scale": "fixed", "rotary": False, "prefix_tokens": 0, "dropout": 0}


def _attention(node: Node) -> Recipe:
    layer: Any = node.layer
    heads = keyword("num_heads", layer.num_heads)
    more = fields(node, **MORE)
    if layer.local is None and layer.attn_mask is None and all(getattr(layer, n) == v for n, v in MORE.items()):
        return expression(call("attention", *reads(node), heads, *fields(node, **PLAIN)))
    sizes = heads_of(layer, node.shapes)
    module = call("Attention", heads, *fields(node, **PLAIN), *_places(layer), *_table(node, sizes), *more)
    return Recipe(module, call(OWN.function, *reads(node)))


def _places(layer: Any) -> tuple[Arg, ...]:  # noqa: ANN401
    """Return window, grid or dilation, and the shift, as lists."""
    names = [name for name in ("window", "grid", "dilation") if getattr(layer, name) is not None]
    shift = ["shift"] * any(layer.shift)
    return tuple(_list(name, getattr(layer, name)) for name in names + shift)


def _table(node: Node, heads: Heads) -> tuple[Arg, ...]:
    """Return the arguments of tables, masks and norms."""
    layer: Any = node.layer
    found: list[Arg] = []
    held = None if layer.attn_mask is None else mask_reads(layer, node.shapes[-1], heads)
    if layer.relative_bias != "none" or held == "table":
        rows = bias_rows(heads)
        found.append(_list("queries", rows))
        if rows != heads.extents:
            found.append(_list("keys", heads.extents))
    if held is not None:
        found.append(keyword("masked", True))
    if held == "table":
        found.append(keyword("table", node.shapes[-1][1]))
    if held == "offsets":
        found.append(keyword("by_offset", True))
    if layer.qk_norm in ("layernorm", "rmsnorm"):
        found.append(keyword("norm_size", heads.key))
    return tuple(found)


def _list(name: str, sizes: Any) -> Arg:  # noqa: ANN401
    return Arg(Slot(list(sizes), name), name)


ATTENTION: dict[str, Writer] = {"attention": _attention}
