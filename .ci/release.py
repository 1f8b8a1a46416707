"""What the release workflow asks of this checkout; a person can ask it before the tag, too.

    python .ci/release.py check v0.2.0              every file says this version, and CHANGELOG.md has it
    python .ci/release.py notes                     the section of CHANGELOG.md about the version
    python .ci/release.py recipes SDIST FOLDER      the recipes of conda and Homebrew, with the checksum of the sdist

The version is said in `cnncalc/version.py`, where a build reads it: an archive or a shallow clone, which the action and
the hooks of pre-commit build from, has no tags.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = re.compile(r'__version__ = "(.+)"')
CHECKSUM = "SHA256_OF_THE_SDIST"
RECIPES = ("packaging/conda/recipe.yaml", "packaging/homebrew/cnncalc.rb")
# The other files that say the version, and how: the number is the group.
SAID = {
    "CITATION.cff": r"^version: (.+)$",
    "packaging/conda/recipe.yaml": r'^  version: "(.+)"$',
    "packaging/homebrew/cnncalc.rb": r"cnncalc-([\d.]+)\.tar\.gz",
    "editors/vscode/package.json": r'^  "version": "(.+)"',
    "editors/vscode/README.md": r"cnncalc-([\d.]+)\.vsix",
    "docs/guide/editors.md": r"cnncalc-([\d.]+)\.vsix",
    "docs/guide/ci.md": r"(?:rev: |repository>@)v([\w.]+)",
}


def version(root: Path = ROOT) -> str:
    """The version of the package."""
    return VERSION.findall((root / "cnncalc" / "version.py").read_text("utf-8"))[0]


def faults(tag: str, root: Path = ROOT) -> list[str]:
    """What stands in the way of a release of this tag, a line each."""
    wanted = version(root)
    found = [] if tag == f"v{wanted}" else [f"the tag is {tag}, cnncalc/version.py says {wanted}"]
    for name, pattern in SAID.items():
        said = re.findall(pattern, (root / name).read_text("utf-8"), re.MULTILINE)
        found += [f"{name} says {other}, cnncalc/version.py says {wanted}" for other in said if other != wanted]
        found += [] if said else [f"{name} no longer says the version"]
    date = re.search(r"^date-released: (.+)$", (root / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    if not date or f"## {wanted} - {date[1]}\n" not in (root / "CHANGELOG.md").read_text("utf-8"):
        found.append(f"CHANGELOG.md has no section '## {wanted} - DATE', of the date in CITATION.cff")
    return found


def notes(root: Path = ROOT) -> str:
    """The section of the changelog about the version, without its heading."""
    text = (root / "CHANGELOG.md").read_text("utf-8")
    return text.partition(f"\n## {version(root)} - ")[2].partition("\n")[2].partition("\n## ")[0].strip() + "\n"


def fill(sdist: Path, folder: Path, root: Path = ROOT) -> None:
    """Write the recipes into a folder, with the checksum of the sdist."""
    checksum = hashlib.sha256(sdist.read_bytes()).hexdigest()
    for name in RECIPES:
        text = (root / name).read_text("utf-8").replace(CHECKSUM, checksum)
        (folder / Path(name).name).write_text(text, "utf-8", newline="\n")


def main(words: list[str]) -> int:
    """Run one of the commands above."""
    if len(words) == 2 and words[0] == "check":
        found = faults(words[1])
        print("\n".join(found), file=sys.stderr, end="\n" if found else "")
        return 1 if found else 0
    if words == ["notes"]:
        sys.stdout.buffer.write(notes().encode("utf-8"))
        return 0
    if len(words) == 3 and words[0] == "recipes":
        fill(Path(words[1]), Path(words[2]))
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
