"""Writes a call of a PyTorch module, `nn.Conv2d(3, 8, 5)`, as the layer of a spec."""

from __future__ import annotations

import ast
import re
import warnings

from cnncalc.layers import LAYERS

_LONGEST = 200  # characters of a call that is read
_INPUTS = frozenset({"in_channels", "in_features", "num_features", "num_channels"})  # computed from the input
_POSITIONAL = {  # PyTorch's class, without its number of axes: its first parameters, in order
    "Conv": "in_channels out_channels kernel_size stride padding dilation groups bias",
    "ConvTranspose": "in_channels out_channels kernel_size stride padding output_padding groups bias dilation",
    "MaxPool": "kernel_size stride padding dilation",
    "AvgPool": "kernel_size stride padding ceil_mode",
    "AdaptiveAvgPool": "output_size",
    "AdaptiveMaxPool": "output_size",
    "BatchNorm": "num_features eps momentum affine",
    "GroupNorm": "num_groups num_channels eps affine",
    "Linear": "in_features out_features bias",
    "Dropout": "p inplace",
    "Softmax": "dim",
    "LeakyReLU": "negative_slope inplace",
    "ReLU": "inplace",
    "Upsample": "size scale_factor mode align_corners",
    "PixelShuffle": "upscale_factor",
    "Flatten": "start_dim end_dim",
}


def rewrite_call(text: str, kind: str) -> str | None:
    """The layer of this kind with the values of the call: `conv: {out_channels: 8, kernel_size: 5}`.

    None if the text is not a call of a module that is known here, or gives what the layer does not have.
    """
    call = _read_call(text)
    if call is None:
        return None
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    order = _POSITIONAL.get(re.sub("[123]d$", "", name), "").split()
    if not order or len(call.args) > len(order):
        return None
    given = dict(zip(order, call.args, strict=False)) | {each.arg or "": each.value for each in call.keywords}
    values = {field: _write_value(value) for field, value in given.items() if field not in _INPUTS}
    layer = LAYERS[kind]
    if not values.keys() <= layer.accepted().keys() or not values.keys() >= set(layer.required()):
        return None
    if not values:
        return kind
    if values.keys() == {layer.natural}:
        return f"{kind}: {next(iter(values.values()))}"
    return f"{kind}: {{{', '.join(f'{field}: {value}' for field, value in values.items())}}}"


def _read_call(text: str) -> ast.Call | None:
    if len(text) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python's syntax, about text that is none of our code
            body = ast.parse(text.strip().removesuffix(","), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body if isinstance(body, ast.Call) else None


def _write_value(value: ast.expr) -> str:
    """A value as a spec writes it; `…` for what is neither a number, a word nor a list of them."""
    if isinstance(value, ast.Tuple | ast.List):
        return f"[{', '.join(map(_write_value, value.elts))}]"
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        return str(value.value).lower()
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        return str(value.value)
    word = value.value if isinstance(value, ast.Constant) else getattr(value, "id", None)
    return word if isinstance(word, str) and word.isidentifier() else "…"
