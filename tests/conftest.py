"""Where PyTorch is not installed, the test files that need it are left out, and the header says so."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

HAS_TORCH = find_spec("torch") is not None
TORCH = re.compile(r"^(import|from) (torch|cnncalc\.pytorch\.verify\.(fields|gradients|saved|smaller))\b", re.MULTILINE)
BESIDE = re.compile(r"^from (\.+)([\w.]+) import", re.MULTILINE)


def pytest_report_header(config: pytest.Config) -> str | None:
    return None if HAS_TORCH else "torch is not installed: the tests against it are left out"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if not HAS_TORCH and collection_path.suffix == ".py" and needs_torch(collection_path):
        return True
    return None


@cache
def needs_torch(path: Path) -> bool:
    """Whether a test file, or one that it imports from beside it, imports PyTorch."""
    text = path.read_text("utf-8")
    if TORCH.search(text):
        return True
    for dots, name in BESIDE.findall(text):
        folder = path.parents[len(dots) - 1]
        if (folder / f"{name.replace('.', '/')}.py").is_file() and needs_torch(folder / f"{name.replace('.', '/')}.py"):
            return True
    return False
