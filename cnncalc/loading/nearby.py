"""What a name that nothing has may mean: a variant under another library's name, or a file or folder nearby."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from cnncalc import shipped
from cnncalc.source.reading import read
from cnncalc.spec import parse_source
from cnncalc.suggest import MOST_COMPARED, ask, nearest

_ENDINGS = (".yaml", ".yml")


def guess(name: str) -> str:
    """The question that offers what a name may mean: a shipped network or variant, or a file; else where to look."""
    if variant := _find_variant(name):
        return ask(variant)
    networks, path = nearest(name, shipped.names()), _find_neighbour(name)
    near = path or networks if name.endswith(_ENDINGS) else networks or path
    return ask(near) if near else "'cnncalc list' lists the shipped networks"


def _find_neighbour(name: str) -> str | None:
    """The spec, or the folder, whose name is nearest, in the folder that the name gives."""
    try:
        path = Path(name)
        entries = sorted(islice(path.parent.iterdir(), MOST_COMPARED))
        stems = {entry.stem: entry for entry in entries if entry.suffix in _ENDINGS or entry.is_dir()}
    except (OSError, ValueError):
        return None
    stem = nearest(path.stem, stems)
    return None if stem is None else str(stems[stem])


def _find_variant(name: str) -> str | None:
    """The variant that another library's name means: resnet50 is resnet@50, yolov3-tiny is yolov3@tiny."""
    plain = _letters(name)
    for stem in shipped.names():
        if plain.startswith(_letters(stem)):
            for variant in parse_source(read(str(shipped.path_of(stem)))).variants:
                if plain == _letters(stem + variant):
                    return f"{stem}@{variant}"
    return None


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
