"""Decides which names of traced layers are informative, and how they are written in a spec."""

from __future__ import annotations

import re
from collections.abc import Container

from cnncalc.document.foreign_layers import known_layer
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_NUMBERED = re.compile(r"(?i)(.*?)[._-]?[0-9]*")
_ACTIVATIONS = frozenset({"act", "activation", "nonlinearity", "nonlin", "act_fn"})


def as_name(path: str) -> str:
    """A module path as one name: `layer1.0.conv1` → layer1_0_conv1."""
    return _NOT_IN_A_NAME.sub("_", path) or "_"


def is_redundant(name: str, kind: str) -> bool:
    """Whether a name is just its layer's kind and a number: `bn2` of a batchnorm, `0`, `act1` of a relu."""
    match = _NUMBERED.fullmatch(name)
    word = match[1].lower() if match else name
    if word in ("", kind) or known_layer(word, (kind,)) == kind:
        return True
    return word in _ACTIVATIONS and not has_weights(kind)


def has_weights(kind: str) -> bool:
    """Whether layers of this kind may have parameters or buffers, whose names a state_dict uses."""
    layer = LAYERS[kind]
    return layer.weights is not Layer.weights or layer.buffers is not Layer.buffers


def unique(name: str, taken: Container[str]) -> str:
    """The name, with a number where it is taken; never one that an unnamed layer would get automatically."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
