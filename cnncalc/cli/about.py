"""What a bug report needs to know of an installation: versions, the interpreter, and where the package is."""

from __future__ import annotations

import locale
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cnncalc.version import __version__
from cnncalc.visible import visible

NEEDED = ("typer", "rich", "pyyaml")
OPTIONAL = ("torch", "numpy", "onnx", "onnxscript", "joblib", "h5py", "pygls", "playwright")


def installation() -> str:
    """The lines of `cnncalc --version --verbose`. Nothing is imported for them: versions come from metadata."""
    missing = [name for name in OPTIONAL if _version(name) is None]
    found = [name for name in OPTIONAL if name not in missing]
    lines = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "needs": ", ".join(f"{name} {_version(name) or 'missing'}" for name in NEEDED),
        "extras": ", ".join(f"{name} {_version(name)}" for name in found) or "none",
        "absent": ", ".join(missing) or "none",
        "output": f"{sys.stdout.encoding}, {locale.getlocale()[0] or 'C'}{_shown_settings()}",
        "package": _package(),
    }
    return "\n".join([f"cnncalc {__version__}", *(f"{name:8} {visible(text)}" for name, text in lines.items())])


def _version(name: str) -> str | None:
    """The version of a distribution that is installed; None if it is not."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _package() -> str:
    """The folder of the package, in which a user's home is `~`: a report is public."""
    path = Path(__file__).parents[1]
    try:
        return f"~{os.sep}{path.relative_to(Path.home())}"
    except (RuntimeError, ValueError):
        return str(path)


def _shown_settings() -> str:
    """The variables that change what is printed, if they are set."""
    names = [name for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "CI") if name in os.environ]
    return f", {' '.join(names)} set" if names else ""
