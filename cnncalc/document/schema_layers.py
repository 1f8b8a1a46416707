"""The schema of layers, of groups, and of lists of them, from the descriptors of layers."""

from __future__ import annotations

from collections.abc import Container
from fractions import Fraction
from typing import Any, cast

from cnncalc.document.merges import all_merges
from cnncalc.document.words import GROUPS, MODIFIERS
from cnncalc.document.written import NAME_OF_CLASS, WAYS
from cnncalc.layers import LAYERS, Layer
from cnncalc.layers.layer import MISSING

Schema = dict[str, Any]

NUMBER_OR_TEXT: Schema = {"type": ["number", "string"]}
CONDITION: Schema = {"type": ["boolean", "string"]}
NAMES: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
VALUE: Schema = {"type": ["number", "string", "boolean", "array"]}
MANNER: Schema = {
    "anyOf": [
        {"enum": list(WAYS)},
        {"type": "string", "pattern": NAME_OF_CLASS, "description": "The class of the module, derived from PyTorch's."},
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {
                "class": {"type": "string", "description": "The class of the module, derived from PyTorch's."},
                "shared": {"type": "string", "description": "Which module of the block, called several times."},
                "by": {"type": "string", "description": "The functions that it is called by, if others than its own."},
            },
        },
    ]
}
WORD = r"^\$?[A-Za-z_][A-Za-z0-9_]*$"
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
    "written": {**MANNER, "description": "How the source code writes it, for tools that count by it: functional."},
}


def definitions() -> dict[str, Schema]:
    """All definitions; those of `beside_defaults` require no field of a layer, as `defaults` may give it."""
    strict = _of_items(needing=True)
    return {
        **strict,
        **{kind: _layer(layer, needing=True) for kind, layer in LAYERS.items()},
        "call": _call(),
        "beside_defaults": {name: relax(schema) for name, schema in _of_items(needing=False).items()},
    }


def relax(schema: Schema) -> Schema:
    """The same schema, for a spec with `defaults`."""
    return cast("Schema", _redirect(schema, {f"#/definitions/{name}" for name in _of_items(needing=False)}))


def _redirect(schema: object, names: Container[object]) -> object:
    if isinstance(schema, list):
        return [_redirect(entry, names) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref") in names:
        return {**schema, "$ref": schema["$ref"].replace("/definitions/", "/definitions/beside_defaults/")}
    return {key: _redirect(value, names) for key, value in schema.items()}


def _of_items(needing: bool) -> dict[str, Schema]:
    """The definitions of lists of layers; if not `needing`, also of the layers with required fields, without these."""
    kinds = {} if needing else {kind: _layer(LAYERS[kind], needing) for kind in _kinds_that_need()}
    items: Schema = {"type": "array", "items": {"$ref": "#/definitions/item"}}
    return {"items": items, "item": _item(needing), **_groups(), **kinds}


def _kinds_that_need() -> list[str]:
    return [kind for kind, layer in LAYERS.items() if layer.required()]


def _item(needing: bool) -> Schema:
    """The schema of an item: a bare word, or a mapping with one layer, group or block and its modifiers."""
    needs = _kinds_that_need() if needing else []
    bare = [kind for kind in LAYERS if kind not in needs]
    known = [*LAYERS, *GROUPS]
    word = {
        "anyOf": [
            {"enum": bare},
            {"type": "string", "pattern": WORD, "not": {"enum": known}},
        ]
    }
    properties = {kind: {"$ref": f"#/definitions/{kind}"} for kind in known}
    empty: Schema = {"properties": {kind: {"not": {"type": "null"}} for kind in needs}}
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


def _layer(layer: type[Layer], needing: bool) -> Schema:
    """The schema of the value of a layer's key; if `needing`, required fields must be there."""
    mapping = fields_schema(layer)
    if layer.joins:
        mapping["properties"] = {
            "with": {**NAMES, "description": "The earlier tensors to merge with the current one."},
            "crop": {"enum": ["center"], "description": "Crop them to the size of the current one first."},
            **mapping["properties"],
        }
    if layer.required() and needing:
        mapping["required"] = list(layer.required())
    return {"description": _doc(layer), **_or_alone(layer, mapping)}


def fields_schema(layer: type[Layer]) -> Schema:
    """The schema of a mapping of fields."""
    fields = {name: _field(layer, name) for name in layer.arguments}
    return {"type": "object", "additionalProperties": False, "properties": fields}


def _or_alone(layer: type[Layer], mapping: Schema) -> Schema:
    """The mapping of fields, null, or a lone value; distinguished by type for precise messages in editors."""
    alone: list[Schema] = []
    if layer.joins:
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
            "merge": _merge(),
            "dim": NUMBER_OR_TEXT,
            "paths": {"type": "array", "items": _path(items), "minItems": 1},
        },
    }
    return {
        "sequence": {**items, "description": "Layers that share one name, condition or repeat."},
        "residual": {"description": "body + shortcut.", "if": {"type": "array"}, "then": items, "else": residual},
        "branches": {"description": "Paths that read the same input and are merged.", **branches},
    }


def _merge() -> Schema:
    """The schema of the layer that joins paths: its kind, or a mapping with its fields."""
    kinds = all_merges()
    words = {"enum": [kind for kind in kinds if not LAYERS[kind].required()]}
    layers = {
        kind: fields_schema(LAYERS[kind]) if LAYERS[kind].joins else {"$ref": f"#/definitions/{kind}"} for kind in kinds
    }
    mapping = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": layers,
    }
    return {"if": {"type": "object"}, "then": mapping, "else": words}


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
