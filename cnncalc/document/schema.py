"""The spec language as a JSON schema (draft-07, which VS Code and yaml-language-server read best).

Everything about layers comes from their descriptors. A schema cannot know a spec's own blocks and parameters: any other
name may be a block, and any number may be an expression. `cnncalc` itself reports the rest.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cnncalc.document.schema_checks import check_schema, expect_schema
from cnncalc.document.spec import SECTIONS
from cnncalc.document.words import GROUPS, MERGES, MODIFIERS
from cnncalc.document.written import WAYS
from cnncalc.layers import LAYERS, Layer
from cnncalc.layers.layer import MISSING

Schema = dict[str, Any]

NUMBER_OR_TEXT: Schema = {"type": ["number", "string"]}
CONDITION: Schema = {"type": ["boolean", "string"]}
NAMES: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
VALUE: Schema = {"type": ["number", "string", "boolean", "array"]}
WORD = r"^\$?[A-Za-z_][A-Za-z0-9_]*$"
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
    "blocks": "Reusable groups of layers with parameters: `bottleneck(width, stride=1)`, `up(width, tensor skip)`.",
    "layers": "The layers, in the order in which data flows.",
    "heads": "Named lists of layers that start at an earlier layer; a training head is not part of inference.",
    "outputs": "The output tensors, if there are others than the last one.",
    "written": "How the source code writes a kind of layer, for tools that count by it: {relu: functional}.",
    "expect": "Expectations that `cnncalc check` verifies: `params: at most 5M`, `output: [1000]`.",
    "check": "Levels of the rules of `cnncalc check` for this spec: {ignore: [dominant-layer]}.",
}
MODIFIER_SCHEMAS: dict[str, Schema] = {
    "name": {**NUMBER_OR_TEXT, "description": "A name, unique in its block; {expressions} in braces are evaluated."},
    "from": {
        **NAMES,
        "description": "The tensors that it reads instead of the previous one: a name, a list, `skip{i} for i in 20`.",
    },
    "repeat": {
        "anyOf": [
            NUMBER_OR_TEXT,
            {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": VALUE},
        ],
        "description": "How often to repeat it: 3, {j: 4} to name the index, {t c n s: table} for the rows of a list.",
    },
    "when": {**CONDITION, "description": "Include it only if this holds."},
    "share": {"type": "string", "description": "The layer or block whose weights it shares."},
    "frozen": {**CONDITION, "description": "Freeze its parameters."},
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
        "definitions": {
            "items": {"type": "array", "items": {"$ref": "#/definitions/item"}},
            "item": _item(),
            **{kind: _layer(layer) for kind, layer in LAYERS.items()},
            **_groups(),
            "call": _call(),
        },
    }


def _sections() -> Schema:
    items = {"$ref": "#/definitions/items"}
    settings = {"type": "object", "additionalProperties": VALUE}
    head = {
        "type": "object",
        "required": ["from", "layers"],
        "additionalProperties": False,
        "properties": {"from": {"type": "string"}, "training": {"type": "boolean"}, "layers": items},
    }
    own: dict[str, Schema] = {
        "input": {"anyOf": [*SHAPE["anyOf"], {"type": "object", "minProperties": 1, "additionalProperties": SHAPE}]},
        "params": settings,
        "variants": {"type": "object", "additionalProperties": settings},
        "blocks": {
            "type": "object",
            "propertyNames": {"pattern": r"^\s*[A-Za-z_][A-Za-z0-9_]*\s*(\([\s\S]*\))?\s*$"},
            "additionalProperties": items,
        },
        "layers": items,
        "heads": {"type": "object", "additionalProperties": head},
        "outputs": {"anyOf": [*NAMES["anyOf"], {"type": "object", "additionalProperties": {"type": "string"}}]},
        "written": {
            "type": "object",
            "propertyNames": {"enum": list(LAYERS)},
            "additionalProperties": {"enum": list(WAYS)},
        },
        "expect": expect_schema(SHAPE),
        "check": check_schema(),
    }
    return {name: {**own.get(name, NUMBER_OR_TEXT), "description": SECTION_DOCS[name]} for name in SECTIONS}


def _item() -> Schema:
    """The schema of an item: a bare word, or a mapping with one layer, group or block and its modifiers."""
    bare = [kind for kind, layer in LAYERS.items() if not layer.required()]
    needing = [kind for kind, layer in LAYERS.items() if layer.required()]
    known = [*LAYERS, *GROUPS]
    word = {
        "anyOf": [
            {"enum": bare},
            {"type": "string", "pattern": WORD, "not": {"enum": known}},
        ]
    }
    properties = {kind: {"$ref": f"#/definitions/{kind}"} for kind in known}
    empty: Schema = {"properties": {kind: {"not": {"type": "null"}} for kind in needing}}
    mapping = {
        "type": "object",
        "minProperties": 1,
        "properties": {**properties, **MODIFIER_SCHEMAS},
        "additionalProperties": {"$ref": "#/definitions/call"},
        "allOf": [
            {
                "if": {"anyOf": [{"required": [kind]} for kind in known]},
                "then": {
                    "propertyNames": {"enum": [*known, *MODIFIERS]},
                    "oneOf": [{"required": [kind]} for kind in known],
                },
                "else": {
                    "propertyNames": {"anyOf": [{"enum": list(MODIFIERS)}, {"pattern": WORD}]},
                    "not": {"propertyNames": {"enum": list(MODIFIERS)}},
                },
            },
            {"if": {"required": ["share"]}, "else": empty},
        ],
    }
    return {"if": {"type": "object"}, "then": mapping, "else": word}


def _layer(layer: type[Layer]) -> Schema:
    """The schema of the value of a layer's key."""
    fields = {name: _field(layer, name) for name in layer.arguments}
    if layer.kind in MERGES:
        fields = {
            "with": {**NAMES, "description": "The earlier tensors to merge with the current one."},
            "crop": {"enum": ["center"], "description": "Crop them to the size of the current one first."},
            **fields,
        }
    mapping: Schema = {"type": "object", "additionalProperties": False, "properties": fields}
    if layer.required():
        mapping["required"] = list(layer.required())
    return {"description": _doc(layer), **_or_alone(layer, mapping)}


def _or_alone(layer: type[Layer], mapping: Schema) -> Schema:
    """The mapping of fields, null, or a lone value; distinguished by type for precise messages in editors."""
    alone: list[Schema] = []
    if layer.kind in MERGES:
        alone += NAMES["anyOf"]
    if layer.natural is not None:
        alone.append(layer.arguments[layer.natural].accepts.schema())
    if not alone:
        return {**mapping, "type": ["object", "null"]}
    return {"if": {"type": "object"}, "then": mapping, "else": {"anyOf": [*alone, {"type": "null"}]}}


def _field(layer: type[Layer], name: str) -> Schema:
    argument = layer.arguments[name]
    schema = {**argument.accepts.schema(), "description": f"{argument.accepts.doc}."}
    if argument.default is not MISSING and argument.default is not None:
        default = argument.default
        schema["default"] = float(default) if isinstance(default, Fraction) else default
    return schema


def _doc(layer: type[Layer]) -> str:
    return (layer.__doc__ or "").strip().partition("\n")[0]


def _groups() -> dict[str, Schema]:
    items = {"$ref": "#/definitions/items"}
    residual = {
        "type": "object",
        "required": ["body"],
        "additionalProperties": False,
        "properties": {
            "body": items,
            "shortcut": {**items, "description": "Default: the identity."},
            "skip": {**CONDITION, "description": "If false, there is no skip connection: only the body."},
        },
    }
    branches = {
        "type": "object",
        "required": ["merge", "paths"],
        "additionalProperties": False,
        "properties": {
            "merge": {"enum": list(MERGES)},
            "dim": NUMBER_OR_TEXT,
            "paths": {"type": "array", "items": _path(items), "minItems": 1},
        },
    }
    return {
        "sequence": {**items, "description": "Layers that share one name, condition or repeat."},
        "residual": {"description": "body + shortcut.", "if": {"type": "array"}, "then": items, "else": residual},
        "branches": {"description": "Paths that read the same input and are merged.", **branches},
    }


def _path(items: Schema) -> Schema:
    """The schema of a path: a list of layers, or a mapping with its condition."""
    conditional = {
        "type": "object",
        "required": ["layers"],
        "additionalProperties": False,
        "properties": {"when": {**CONDITION, "description": "Include the path only if this holds."}, "layers": items},
    }
    return {"if": {"type": "array"}, "then": items, "else": conditional}


def _call() -> Schema:
    """The schema of the value of a block's key: null, its natural argument, or a mapping of arguments."""
    arguments = {"type": "object", "additionalProperties": VALUE}
    return {"anyOf": [{"type": "null"}, VALUE, arguments], "description": "A block defined in this spec."}
