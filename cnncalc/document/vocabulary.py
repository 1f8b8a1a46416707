"""Other tools' words for ours, used only in messages: specs use one vocabulary, PyTorch's."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.document.foreign_layers import explanation, known_layer
from cnncalc.document.words import MODIFIERS
from cnncalc.suggest import ask, nearest

MODIFIER_WORDS = {
    "id": "name", "label": "name", "input": "from", "inputs": "from", "bottom": "from", "source": "from",
    "times": "repeat", "n": "repeat", "number": "repeat", "repeats": "repeat", "count": "repeat", "if": "when",
    "condition": "when", "shared": "share", "weights": "share", "freeze": "frozen", "trainable": "frozen",
}  # fmt: skip

FIELD_WORDS: dict[str, tuple[str, ...]] = {
    "filters": ("out_channels",), "num_filters": ("out_channels",), "channels": ("out_channels",),
    "features": ("out_features", "out_channels"), "num_output": ("out_channels", "out_features"),
    "units": ("out_features", "out_channels"), "neurons": ("out_features",), "nodes": ("out_features",),
    "n": ("out_channels", "out_features"), "out": ("out_channels", "out_features"), "depth": ("out_channels",),
    "output": ("out_channels", "out_features"), "outputs": ("out_channels", "out_features"),
    "kernel": ("kernel_size",), "kernels": ("kernel_size",), "filter_size": ("kernel_size",),
    "filter": ("kernel_size",), "size": ("kernel_size", "output_size"), "window": ("kernel_size",),
    "pool_size": ("kernel_size",), "k": ("kernel_size",), "f": ("kernel_size",), "kernel_shape": ("kernel_size",),
    "window_size": ("kernel_size",),
    "strides": ("stride",), "s": ("stride",), "step": ("stride",), "subsample": ("stride",),
    "pad": ("padding",), "pads": ("padding",), "p": ("padding",), "border_mode": ("padding",),
    "dilation_rate": ("dilation",), "dilations": ("dilation",), "rate": ("p", "dilation"), "atrous": ("dilation",),
    "group": ("groups",), "use_bias": ("bias",), "bias_term": ("bias",), "rounding": ("ceil_mode",),
    "dropout_ratio": ("p",), "prob": ("p",), "alpha": ("negative_slope",), "epsilon": ("eps",), "axis": ("dim",),
    "scale": ("scale_factor", "upscale_factor"), "factor": ("scale_factor", "upscale_factor", "downscale_factor"),
    "block_size": ("upscale_factor", "downscale_factor"), "num_groups": ("groups",), "groups": ("num_groups",),
    "local_size": ("size",), "center": ("affine",), "interpolation": ("mode",),
}  # fmt: skip

SECTION_WORDS = {
    "network": "layers", "model": "layers", "architecture": "layers", "body": "layers", "net": "layers",
    "modules": "layers", "backbone": "layers", "input_shape": "input", "input_size": "input", "inputs": "input",
    "in": "input", "parameters": "params", "args": "params", "functions": "blocks", "definitions": "blocks",
    "expected": "expect", "expectations": "expect", "title": "name", "paper": "source", "configs": "variants",
    "checks": "check", "rules": "check", "lint": "check", "budget": "expect",
}  # fmt: skip

OWN_LAYER = {"activation", "act", "nonlinearity", "batch_norm", "batch_normalize", "bn", "dropout", "pool", "pooling"}
COMPUTED = {"in_channels", "in_features", "input_channels", "num_features", "normalized_shape", "input_shape"}


def layer_hint(word: str, known: Iterable[str]) -> str | None:
    """A suggestion for an unknown layer or block: by another tool's word, else the nearest spelling."""
    known = list(known)
    certain = known_layer(word, known)
    if certain is None and (how := explanation(word) or explanation(word.rstrip("0123456789"))):
        return how
    near = certain or nearest(word, known, cutoff=0.65)
    return ask(near) if near else None


def beside_hint(word: str, owner: str) -> str | None:
    """A suggestion for a word that belongs beside a layer: `name`, `repeat`, or another tool's word for one."""
    modifier = word if word in MODIFIERS else MODIFIER_WORDS.get(word.lower())
    if modifier is None:
        return None
    return f"{'' if modifier == word else f'{ask(modifier)} '}put `{modifier}` on its own line beside {owner}"


def field_hint(kind: str, word: str, fields: Iterable[str], written: Iterable[str] = ()) -> str | None:
    """A suggestion for an unknown field of a layer with these fields; `written` are those already used."""
    fields = list(fields)
    if word in COMPUTED:
        return "computed from the input: leave it out"
    lowered = word.lower()
    if lowered in OWN_LAYER:
        return "a separate layer: write it as the next item"
    for candidate in (*FIELD_WORDS.get(lowered, ()), lowered):
        if candidate in fields and candidate not in written:
            return ask(candidate)
    near = nearest(word, fields)
    if near and word not in MODIFIERS:
        return ask(near)
    return beside_hint(word, kind) or f"it has {', '.join(fields)}" if fields else f"{kind} has no fields"


def section_hint(word: str, sections: Iterable[str]) -> str | None:
    """A suggestion for an unknown key of the spec."""
    sections = list(sections)
    near = SECTION_WORDS.get(word.lower()) or nearest(word, sections)
    return ask(near) if near else f"a spec has {', '.join(sections)}"
