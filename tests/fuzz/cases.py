"""One case: a command with its arguments, and the files that it finds; as JSON, so that a finding can be kept."""

from __future__ import annotations

import base64
import json
from typing import NamedTuple


class Case(NamedTuple):
    kind: str  # what the files are, for the report
    arguments: tuple[str, ...]
    files: dict[str, bytes]  # "-": what standard input yields
    environment: dict[str, str]  # ENCODING: the encoding of both outputs

    def dump(self) -> str:
        """The case as JSON; a file that is no text is written in base 64."""
        files = {name: _dump(content) for name, content in self.files.items()}
        return json.dumps({**self._asdict(), "files": files}, indent=1, ensure_ascii=False) + "\n"


def parse(text: str) -> Case:
    """Read a case from its JSON."""
    data = json.loads(text)
    files = {name: _parse(content) for name, content in data["files"].items()}
    return Case(data["kind"], tuple(data["arguments"]), files, data["environment"])


def _dump(content: bytes) -> str | dict[str, str]:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _parse(content: str | dict[str, str]) -> bytes:
    return content.encode() if isinstance(content, str) else base64.b64decode(content["base64"])
