"""The JSON schema of `expect:` and `check:`."""

from __future__ import annotations

import re
from typing import Any

from cnncalc.document.checks import LEVELS
from cnncalc.document.expectations import AT, BOUND, BYTES, DEFAULT, FIGURES, LIKE, OF_LAYERS, PIXELS, TOOLS
from cnncalc.document.expected_times import LIKE as LIKE_OF_TIMES
from cnncalc.document.expected_times import TIME
from cnncalc.names import ALWAYS_AN_ERROR, RULE_NAMES

Schema = dict[str, Any]

FIGURE_DOCS = {
    "output": "The output shape without the batch: [1000]; one per name if there are several outputs.",
    "params": "Parameters of the network at inference, or of a layer.",
    "trainable": "Parameters that are not frozen.",
    "macs": "Multiply-accumulate operations for one sample.",
    "flops": "Floating-point operations for one sample; {fvcore: 4.11G} as that tool counts them.",
    "receptive_field": "Local receptive field, in input pixels along each axis, of the last map or of a layer.",
    "peak_memory": "Peak bytes of inputs and activations alive at the same time, batch 1, float32.",
    "activation_memory": "Bytes of all activations, batch 1, float32.",
    "time": "The most time of a batch of one, predicted, per device: {rtx4090: at most 2ms}.",
    "fits": "true: every stride fits exactly; pixels: none drops a pixel, padding and gaps may go unread.",
}
LEVEL_DOCS = {
    "ignore": "Rules to skip.",
    "note": "Rules reported as notes.",
    "warning": "Rules reported as warnings.",
    "error": "Rules reported as errors.",
}


def _bound(pattern: str) -> Schema:
    """The schema of a number or a bound; distinguished by type for precise messages in editors."""
    plain = re.sub("[?]P<[a-z]+>", "?:", pattern)
    return {
        "if": {"type": "string"},
        "then": {"pattern": rf"^\s*{plain}\s*$", "patternErrorMessage": LIKE},
        "else": {"type": "number", "minimum": 0},
        "examples": ["at most 5M", "at least 195", "4.09G +/- 1%"],
    }


_BYTES = _bound(BOUND)
_TIME: Schema = {"type": "string", "pattern": rf"^\s*{TIME}\s*$", "patternErrorMessage": LIKE_OF_TIMES}
_FIT: Schema = {"if": {"type": "string"}, "then": {"enum": [PIXELS]}, "else": {"type": "boolean"}}
_COUNT = _bound(BOUND.replace("[kKMGT]?i?B?", "[kKMGT]?"))


def expect_schema(shape: Schema) -> Schema:
    """The schema of `expect:`; `shape` is the schema of a list of sizes."""
    inner = _mapping(FIGURES, shape) | {"additionalProperties": _mapping(OF_LAYERS, shape)}
    at = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": inner,
        "description": "Expectations at other input sizes: {3x256x256: {output: [1000]}}.",
    }
    return {**inner, "properties": {**inner["properties"], AT: at}}


def check_schema() -> Schema:
    """The schema of `check:`."""
    properties = {level: {**_rules(level), "description": LEVEL_DOCS[level]} for level in LEVELS}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _rules(level: str) -> Schema:
    """The schema of a rule that may have this level, or a list of such rules."""
    rule: Schema = {"enum": [name for name in RULE_NAMES if level == "error" or name != ALWAYS_AN_ERROR]}
    return {"if": {"type": "array"}, "then": {"type": "array", "items": rule}, "else": rule}


def _mapping(figures: tuple[str, ...], shape: Schema) -> Schema:
    properties = {name: {**_figure(name, shape), "description": FIGURE_DOCS[name]} for name in figures}
    return {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": properties}


def _figure(name: str, shape: Schema) -> Schema:
    """The schema of a value, or values by variant, output or convention, up to two levels deep."""
    if name == "time":
        return _by_name(name, _by_name(name, _TIME)) | {"type": "object"}
    value = shape if name == "output" else _FIT if name == "fits" else _BYTES if name in BYTES else _COUNT
    if name == "receptive_field":
        value = {"if": {"type": "array"}, "then": {"items": _COUNT, "minItems": 1}, "else": _COUNT}
    return _by_name(name, _by_name(name, value))


def _by_name(name: str, value: Schema) -> Schema:
    known = (DEFAULT, *TOOLS) if name == "flops" else (DEFAULT,)
    named = {
        "type": "object",
        "minProperties": 1,
        "properties": dict.fromkeys(known, value),
        "additionalProperties": value,
    }
    return {"if": {"type": "object"}, "then": named, "else": value}
