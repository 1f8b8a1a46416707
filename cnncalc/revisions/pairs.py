"""Pairs the specs of two sides: by path, and where a file was renamed, by its text."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from cnncalc.errors import Source, UsageError
from cnncalc.records import NamedTuple
from cnncalc.revisions.sides import File, Side, Sides
from cnncalc.source.repository import quote

ALIKE = 0.5  # the share of lines in common from which a file counts as renamed, as for git
MOST_COMPARISONS = 10_000  # beyond, only a file with the same text counts as renamed


class Pair(NamedTuple):
    """A spec before and after: its paths from the root of the repository, and its files; None where there is none."""

    before: str | None
    after: str | None
    old_file: File | None
    new_file: File | None

    @property
    def path(self) -> str:
        """Its path, the present one if there is one."""
        return self.after or self.before or ""


def changed_pairs(sides: Sides, paths: Sequence[str] = ()) -> list[Pair]:
    """The specs that differ between two sides, within these paths, in the order of their paths.

    Raises:
        UsageError: there is no YAML file at one of the paths, or it is outside of the repository.
    """
    before, after = sides.before, sides.after
    changed = [path for path in _select(sides, paths) if before.contents.get(path) != after.contents.get(path)]
    old, new = _files(before, changed), _files(after, changed)
    specs = [path for path in changed if any(path in side and side[path].is_spec for side in (old, new))]
    pairs = [Pair(path, path, old[path], new[path]) for path in specs if path in old and path in new]
    gone = {path: old[path] for path in specs if path not in new}
    come = {path: new[path] for path in specs if path not in old}
    for one, other in _renames(gone, come):
        pairs.append(Pair(one, other, gone.pop(one), come.pop(other)))
    pairs += [Pair(path, None, file, None) for path, file in gone.items()]
    pairs += [Pair(None, path, None, file) for path, file in come.items()]
    return sorted((pair for pair in pairs if _differs(pair)), key=lambda pair: pair.path)


def _files(side: Side, paths: Iterable[str]) -> dict[str, File]:
    return side.files([path for path in paths if path in side.contents])


def _select(sides: Sides, wanted: Sequence[str]) -> list[str]:
    """The YAML files of both sides within files, folders and patterns, which are relative to the current folder."""
    every = sorted({*sides.before.contents, *sides.after.contents})
    if not wanted:
        return every
    selected: set[str] = set()
    for path in wanted:
        place = sides.before.repository.place(path)
        within = {each for each in every if _is_within(each, place)}
        if not within:
            raise UsageError(f"no YAML file at {quote(path)}, in {sides.before.label} or in {sides.after.label}")
        selected |= within
    return [path for path in every if path in selected]


def _is_within(path: str, place: str) -> bool:
    return place in (".", path) or path.startswith(f"{place}/") or fnmatchcase(path, place)


def _differs(pair: Pair) -> bool:
    """Whether more differs than line ends, which a checkout may convert."""
    old, new = _lines(pair.old_file), _lines(pair.new_file)
    return pair.before != pair.after or old is None or new is None or old != new


def _lines(file: File | None) -> list[str] | None:
    """The lines of a file; None if there is none, or if it cannot be read."""
    return file.text.text.replace("\r\n", "\n").split("\n") if file and isinstance(file.text, Source) else None


def _renames(gone: Mapping[str, File], come: Mapping[str, File]) -> list[tuple[str, str]]:
    """The paths of files that were renamed: those with the same text, then the most similar; a name that stays wins."""
    old, new = ({path: lines for path, file in files.items() if (lines := _lines(file))} for files in (gone, come))
    renames: list[tuple[str, str]] = []
    for key in (_name_and_text, _text):
        places: dict[object, list[str]] = {}
        for path, lines in old.items():
            places.setdefault(key(path, lines), []).append(path)
        for other in [other for other, lines in new.items() if key(other, lines) in places]:
            if same := places[key(other, new[other])]:
                renames.append((one := same.pop(0), other))
                del old[one], new[other]
    return renames + _similar(old, new)


def _name_and_text(path: str, lines: list[str]) -> object:
    return posixpath.basename(path), tuple(lines)


def _text(path: str, lines: list[str]) -> object:
    return tuple(lines)


def _similar(old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """The pairs of files that have most lines in common, the most similar first; none if there are too many files."""
    if len(old) * len(new) > MOST_COMPARISONS:
        return []
    before, after = ({path: Counter(lines) for path, lines in texts.items()} for texts in (old, new))
    alike = [
        (-share, posixpath.basename(one) != posixpath.basename(other), one, other)
        for one in before
        for other in after
        if (share := _share(before[one], after[other])) >= ALIKE
    ]
    pairs: list[tuple[str, str]] = []
    for *_, one, other in sorted(alike):
        if one in before and other in after:
            del before[one], after[other]
            pairs.append((one, other))
    return pairs


def _share(lines: Counter[str], others: Counter[str]) -> float:
    """The share of lines in common, of the longer of two texts."""
    return (lines & others).total() / max(lines.total(), others.total())
