"""The environment variables that change what code or tests do are those of the table in CONTRIBUTING."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SWITCH = re.compile(r"(?<!_)CNNCALC_[A-Z_]+")


def test_every_switch_is_in_the_table():
    rows = re.findall(r"^\| `(CNNCALC_\w+)", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    sources = [path for folder in ("cnncalc", "tests") for path in (ROOT / folder).rglob("*.py")]
    used = {name for path in sources if path != Path(__file__) for name in SWITCH.findall(path.read_text("utf-8"))}
    assert rows == sorted(used)
