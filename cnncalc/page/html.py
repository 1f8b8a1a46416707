"""Puts the page together: one HTML file from the template, the styles, the modules and a document.

A page opened from a disk cannot import modules, so each becomes a function in one script, in the order in which they
import each other: `export` is taken off its declarations, and `import {a} from "./b.js"` reads what `b.js` returned.
Comments on lines of their own and indentation are left out, so no template literal may span lines; nothing else is
changed. The content security policy names the hashes of the scripts and of the styles, so that no other text of the
file can run.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from cnncalc.page.packing import pack
from cnncalc.page.series import fits_in_lanes
from cnncalc.version import __version__

HOME = Path(__file__).parent
_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|const|class) ([\w$]+))", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_PART = re.compile(r"\{\{(\w+)\}\}")


def page_text(document: dict[str, Any], *, entry: str = "page.js", live: bool = False) -> str:
    """The HTML file that shows a network, starting with the module `entry`.

    A `live` one is served, and asks its server whether it has changed.
    """
    scripts = [bundle(entry)]
    if not is_drawn_in_lanes(document):
        scripts.insert(0, _text("vendor/dagre.min.js").replace("\x01", "\\x01"))  # a terminal obeys it
    return _fill("page.html", pack(document), _title(document), scripts, live=live)


def points_text(document: dict[str, Any]) -> str:
    """The HTML file that shows the points of a sweep."""
    return _fill("points.html", document, document["title"], [bundle("points/start.js")])


def _fill(template: str, document: dict[str, Any], title: str, scripts: Sequence[str], *, live: bool = False) -> str:
    """A template with the document, and with the scripts and styles that its policy allows."""
    style = styles()
    policy = (
        f"default-src 'none'; script-src {' '.join(map(hash_of, scripts))}; style-src {hash_of(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    ) + ("; connect-src 'self'" if live else "")
    parts = {
        "policy": policy,
        "live": " data-live" if live else "",
        "title": escape(title),
        "style": style,
        "version": __version__,
        "document": island(document),
        "scripts": "\n".join(f"<script>{each}</script>" for each in scripts),
    }
    return _PART.sub(lambda part: parts[part[1]], _text(template))


def _title(document: dict[str, Any]) -> str:
    name, variant = document["name"], document["variant"]
    return document.get("title") or (f"{name}@{variant}" if variant else name or "A layer")


def is_drawn_in_lanes(document: dict[str, Any]) -> bool:
    """Whether the page places every box itself (`place.js`), and needs no library for layouts."""
    inputs: list[list[int]] = [[] for _ in document["inputs"]]
    return fits_in_lanes(inputs + [layer.get("from", []) + layer.get("gone", []) for layer in document["layers"]])


def island(document: dict[str, Any]) -> str:
    """A document as JSON inside HTML: no `<` ends the element, and no line separator ends the line."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")  # lone surrogates cannot be saved


@cache
def styles() -> str:
    """The shared rules, then those of every view."""
    return "\n".join([_text("style.css"), *(path.read_text("utf-8") for path in sorted(HOME.glob("*/*.css")))])


@cache
def bundle(entry: str) -> str:
    """One script of a module and all that it imports."""
    modules: dict[str, str] = {}
    _add(entry, modules)
    return '"use strict";\n(() => {\nconst modules = {};\n' + "".join(modules.values()) + "})();\n"


def _add(name: str, modules: dict[str, str]) -> None:
    source = _text(name)
    for found in _IMPORT.finditer(source):
        needed = _resolve(name, found[2])
        if needed not in modules:
            _add(needed, modules)
    source = _COMMENT.sub("", source)
    body = _IMPORT.sub(
        lambda found: f"const {{{_renamed(found[1])}}} = modules[{_resolve(name, found[2])!r}];\n", source
    )
    exported = ", ".join(_EXPORT.findall(body))
    body = _INDENT.sub("", _EXPORT.sub("", body))
    modules[name] = f"// {name}\nmodules[{name!r}] = (() => {{\n{body}return {{ {exported} }};\n}})();\n"


def _renamed(names: str) -> str:
    """`a, b as c` in an import is `a, b: c` where an object is taken apart."""
    return re.sub(r"\s+as\s+", ": ", names)


def _resolve(importer: str, target: str) -> str:
    """`./dom.js`, imported by `views/panel.js`, is `views/dom.js`."""
    parts: list[str] = []
    for part in (PurePosixPath(importer).parent / target).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _text(name: str) -> str:
    return (HOME / name).read_text("utf-8")


def hash_of(text: str) -> str:
    """The source expression by which a content security policy allows a script or a style sheet."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
