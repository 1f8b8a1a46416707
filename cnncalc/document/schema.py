"""The spec language as a JSON schema (draft-07, which VS Code and yaml-language-server read best).

Everything about layers comes from their descriptors. A schema cannot know a spec's own blocks and parameters: any other
name may be a block, and any number may be an expression. `cnncalc` itself reports the rest.
"""

from __future__ import annotations

from cnncalc.document.schema_checks import check_schema, expect_schema
from cnncalc.document.schema_layers import (
    MANNER,
    NAMES,
    NUMBER_OR_TEXT,
    VALUE,
    Schema,
    definitions,
    fields_schema,
    relax,
)
from cnncalc.document.spec import SECTIONS
from cnncalc.layers import LAYERS

SHAPE: Schema = {
    "anyOf": [
        {"type": "string", "pattern": r"^\s*\S+(\s*[x×]\s*\S+)*\s*$"},
        {"type": "array", "items": NUMBER_OR_TEXT, "minItems": 1, "maxItems": 8},
        {"type": "integer", "minimum": 1},
    ],
    "examples": ["3x224x224", [3, "H", "W"]],
}

SECTION_DOCS = {
    "name": "The network's name.",
    "source": "Where the network was published.",
    "year": "The year of publication.",
    "task": "The task of the network.",
    "description": "Notes for the reader.",
    "input": "The input shape, channels first: 3x224x224, or one shape per named input. A capital letter is a symbol.",
    "params": "Parameters and their defaults; each may use those above it. `--set width=0.5` overrides one.",
    "variants": "Named sets of parameter values: resnet@50 selects one.",
    "defaults": "Fields of layers that calls leave out: {linear: {axis: channels}, batchnorm: {eps: 0.001}}.",
    "blocks": "Reusable groups of layers with parameters: `bottleneck(width, stride=1)`, `up(width, tensor skip)`.",
    "layers": "The layers, in the order in which data flows.",
    "heads": "Named lists of layers that start at an earlier layer; a training head is not part of inference.",
    "outputs": "The output tensors, if there are others than the last one.",
    "written": "How the source code writes a kind of layer, for tools that count by it: {relu: functional}.",
    "expect": "Expectations that `cnncalc check` verifies: `params: at most 5M`, `output: [1000]`.",
    "check": "Levels of the rules of `cnncalc check` for this spec: {ignore: [dominant-layer]}.",
}


def spec_schema() -> Schema:
    """The schema of a spec."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "cnncalc spec",
        "description": "A convolutional network: its input and its layers in order.",
        "type": "object",
        "required": ["input", "layers"],
        "additionalProperties": False,
        "properties": _sections(),
        "if": {"required": ["defaults"]},
        "then": relax({"properties": _lists_of_layers()}),
        "else": {"properties": _lists_of_layers()},
        "definitions": definitions(),
    }


def _lists_of_layers() -> Schema:
    """The sections that contain layers."""
    items = {"$ref": "#/definitions/items"}
    head = {
        "type": "object",
        "required": ["from", "layers"],
        "additionalProperties": False,
        "properties": {"from": {"type": "string"}, "training": {"type": "boolean"}, "layers": items},
    }
    return {
        "blocks": {
            "type": "object",
            "propertyNames": {"pattern": r"^\s*[A-Za-z_][A-Za-z0-9_]*\s*(\([\s\S]*\))?\s*$"},
            "additionalProperties": items,
        },
        "layers": items,
        "heads": {"type": "object", "additionalProperties": head},
    }


def _sections() -> Schema:
    settings = {"type": "object", "additionalProperties": VALUE}
    fields = {kind: fields_schema(layer) for kind, layer in LAYERS.items() if kind != "unknown"}
    own: dict[str, Schema] = {
        "input": {"anyOf": [*SHAPE["anyOf"], {"type": "object", "minProperties": 1, "additionalProperties": SHAPE}]},
        "params": settings,
        "variants": {"type": "object", "additionalProperties": settings},
        "defaults": {"type": "object", "additionalProperties": False, "properties": fields},
        "outputs": {"anyOf": [*NAMES["anyOf"], {"type": "object", "additionalProperties": {"type": "string"}}]},
        "written": {
            "type": "object",
            "propertyNames": {"enum": list(LAYERS)},
            "additionalProperties": MANNER,
        },
        "expect": expect_schema(SHAPE),
        "check": check_schema(),
    }
    own.update({name: {} for name in _lists_of_layers()})
    return {name: {**own.get(name, NUMBER_OR_TEXT), "description": SECTION_DOCS[name]} for name in SECTIONS}
