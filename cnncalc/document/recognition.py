"""Tells specs from other YAML files."""

from __future__ import annotations

import re
from itertools import islice

from cnncalc.document.spec import SECTIONS
from cnncalc.source.reading import top_keys
from cnncalc.suggest import nearest

_NETWORK = r"(?m)^layers\s*:"
_MAYBE = r"""\b(layers|input)["']?\s*:"""
_MOST_KEYS = 1000  # at the top level of a file that is not a spec


def holds_spec(data: bytes) -> bool:
    """Whether these bytes have a top-level key `layers`, or `input` and a misspelt `layers`.

    Few other files are parsed. A line with `layers:` is enough, since the YAML before it may be invalid. Bytes that are
    not UTF-8, and UTF-16, which cannot be read, do not hide a spec.
    """
    text = data.replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff\ufffd")
    if re.search(_NETWORK, text):
        return True
    keys = set(islice(top_keys(text), _MOST_KEYS)) if re.search(_MAYBE, text) else set()
    return "layers" in keys or ("input" in keys and any(nearest(key, SECTIONS) == "layers" for key in keys))
