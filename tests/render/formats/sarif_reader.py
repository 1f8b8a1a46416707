"""A strict reader of SARIF 2.1.0: what the standard's schema says of every object that we write, and its prose besides.

Section numbers are those of the OASIS standard (docs.oasis-open.org/sarif/sarif/v2.1.0/os). Every object is closed in
the schema: a property that is not named here is a fault.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
LEVELS = ("none", "note", "warning", "error")
# object → property → (whether it must be there, how its value is read)
TEXT, ANY, COUNT, FLAG = "text", "any text", "count", "flag"
OBJECTS = {
    "log": {"$schema": (False, "uri"), "version": (True, ("2.1.0",)), "runs": (True, ["run"])},  # 3.13
    "run": {  # 3.14
        "tool": (True, "tool"), "invocations": (False, ["invocation"]), "results": (False, ["result"]),
        "columnKind": (False, ("utf16CodeUnits", "unicodeCodePoints")),
    },
    "tool": {"driver": (True, "component")},  # 3.18
    "component": {  # 3.19
        "name": (True, TEXT), "version": (False, TEXT), "semanticVersion": (False, TEXT), "rules": (False, ["rule"]),
    },
    "rule": {  # 3.49
        "id": (True, TEXT), "shortDescription": (False, "multiformat"), "fullDescription": (False, "multiformat"),
        "help": (False, "multiformat"), "defaultConfiguration": (False, "configuration"),
    },
    "multiformat": {"text": (True, TEXT), "markdown": (False, TEXT)},  # 3.12
    "configuration": {"enabled": (False, FLAG), "level": (False, LEVELS)},  # 3.50
    "invocation": {  # 3.20
        "executionSuccessful": (True, FLAG), "toolExecutionNotifications": (False, ["notification"]),
    },
    "notification": {"message": (True, "message"), "level": (False, LEVELS)},  # 3.58
    "message": {"text": (True, TEXT)},  # 3.11
    "result": {  # 3.27
        "ruleId": (False, TEXT), "ruleIndex": (False, "index"), "level": (False, LEVELS), "message": (True, "message"),
        "locations": (False, ["location"]), "fixes": (False, ["fix"]),
    },
    "location": {"physicalLocation": (False, "physical"), "logicalLocations": (False, ["logical"])},  # 3.28
    "physical": {"artifactLocation": (True, "artifact"), "region": (False, "region")},  # 3.29
    "artifact": {"uri": (True, "uri")},  # 3.4
    "logical": {"fullyQualifiedName": (False, TEXT), "kind": (False, TEXT)},  # 3.33
    "region": {  # 3.30
        "startLine": (False, COUNT), "startColumn": (False, COUNT), "endLine": (False, COUNT),
        "endColumn": (False, COUNT), "snippet": (False, "content"),
    },
    "content": {"text": (False, ANY)},  # 3.3
    "fix": {"description": (False, "message"), "artifactChanges": (True, ["change"])},  # 3.55
    "change": {"artifactLocation": (True, "artifact"), "replacements": (True, ["replacement"])},  # 3.56
    "replacement": {"deletedRegion": (True, "region"), "insertedContent": (False, "content")},  # 3.57
}  # fmt: skip
AT_LEAST_ONE = {"artifactChanges", "replacements"}


def read(value: object, kind: object = "log", where: str = "log") -> None:
    """Fail where a document is no SARIF."""
    if isinstance(kind, list):
        assert isinstance(value, list), where
        assert value or where.rpartition(".")[2] not in AT_LEAST_ONE, f"{where} is empty"
        for number, each in enumerate(value):
            read(each, kind[0], f"{where}[{number}]")
    elif isinstance(kind, tuple):
        assert value in kind, where
    elif kind in (TEXT, ANY):
        assert isinstance(value, str), where
        assert value or kind == ANY, where
    elif kind == FLAG:
        assert isinstance(value, bool), where
    elif kind in (COUNT, "index"):
        assert type(value) is int, where
        assert value >= (1 if kind == COUNT else 0), where
    elif kind == "uri":
        assert isinstance(value, str), where
        assert URI.fullmatch(value), where
        assert not re.search(r"%(?![0-9A-Fa-f]{2})", value), where
        urlsplit(value)
    else:
        _object(value, str(kind), where)


def _object(value: object, kind: str, where: str) -> None:
    assert isinstance(value, dict), where
    properties = OBJECTS[kind]
    assert value.keys() <= properties.keys(), f"{where}: {value.keys() - properties.keys()}"
    for name, (needed, inner) in properties.items():
        assert name in value or not needed, f"{where} has no {name}"
        if name in value:
            read(value[name], inner, f"{where}.{name}")
    if kind == "region":  # 3.30.6 to 3.30.8: an end is not before the start
        end = value.get("endLine", value["startLine"])
        assert end >= value["startLine"], where
        assert end > value["startLine"] or value.get("endColumn", 10**9) >= value.get("startColumn", 1), where
    if kind == "run":
        _rules(value)


def _rules(run: dict) -> None:
    """3.27.5 to 3.27.7: a result's index is that of its rule; identifiers are unique."""
    names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(names)) == len(names)
    for result in run["results"]:
        assert names[result["ruleIndex"]] == result["ruleId"]
