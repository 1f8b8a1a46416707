"""Parses the JSON of headers and indices, which anybody may have written, in bounded time and memory."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.limits import MOST_VALUES


def parse_object(data: bytes, where: str) -> dict[str, Any]:
    """Return the JSON object in these bytes.

    Raises:
        UsageError: it is not one, has too many values, is nested too deeply, or has a key twice.
    """
    if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise UsageError(f"{where} has more than {MOST_VALUES:,} values, the limit for a checkpoint")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
            raise UsageError(f"{where} has '{twice[:80]}' twice")
        return found

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=unique)
    except RecursionError:
        raise UsageError(f"{where} is nested too deeply") from None
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not UTF-8") from None
    except ValueError as error:
        raise UsageError(f"{where} is not valid JSON: {str(error)[:100]}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{where} is not a JSON object")
    return value
