"""Recognises the files that are specs by their text, without parsing those that are not."""

from __future__ import annotations

import re
from pathlib import Path

from cnncalc.document.spec import SECTIONS
from cnncalc.source.reading import top_keys
from cnncalc.suggest import nearest

NETWORK = r"(?m)^layers\s*:"
MAYBE = r"""\b(layers|input)["']?\s*:"""


def is_spec(path: Path) -> bool:
    """Whether a file is YAML with a top-level key `layers`, or with `input` and a misspelt `layers`.

    Few other files are parsed. A line with `layers:` is enough, since the YAML before it may be invalid.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    if re.search(NETWORK, text):
        return True
    keys = set(top_keys(text)) if re.search(MAYBE, text) else set()
    return "layers" in keys or ("input" in keys and any(nearest(key, SECTIONS) == "layers" for key in keys))
