"""Networks in the text formats of other tools: how an open document is known to be one, and what is read of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath

from cnncalc.errors import Fault, Source, Span, SpecError, UsageError
from cnncalc.importers import BEGINNING
from cnncalc.importers.traced import Placed
from cnncalc.records import NamedTuple
from cnncalc.spec import Spec

_CAFFE = re.compile(r"\blayers?\s*:?\s*[{<]")  # solvers, label maps and other messages have none
_KERAS = re.compile(
    r'"(?:class_name|className)"\s*:\s*"(?:Sequential|Functional|Model)"|"(?:input_layers|inputLayers)"\s*:'
)


class Format(NamedTuple):
    """A format: the package of its importer, and how its files are known."""

    package: str
    suffix: str
    languages: tuple[str, ...]  # what editors call such files, for a document without a name
    holds: Callable[[str], bool]  # whether a text is a network: nothing is said of other files of this suffix


class Network(NamedTuple):
    """What is read of a network: its layers, at their places in the text."""

    spec: Spec
    places: list[Placed]
    notes: tuple[str, ...]  # what its reader should know


def format_of(name: str, language: str, text: str) -> Format | None:
    """The format of a document; None if it is no network in one of them."""
    suffix = PurePath(name).suffix.lower()
    for each in FORMATS:
        named = suffix == each.suffix or (not suffix and language in each.languages)
        if named and each.holds(text[:BEGINNING]):
            return each
    return None


def read_network(package: str, source: Source) -> Network:
    """Read a network, as `cnncalc import --flat` does.

    Raises:
        SpecError: it has faults, or it cannot be read.
    """
    from cnncalc.importers.writing.spec_text import placed_document

    try:
        traced = import_module(f"cnncalc.importers.{package}.trace").trace(source)
        return Network(Spec(placed_document(traced, source)), traced.places(), traced.warnings)
    except UsageError as error:
        raise SpecError([Fault(str(error.args[0]), Span(source, 1, 1))]) from None
    except RecursionError:
        raise SpecError([Fault("it is nested too deeply", Span(source, 1, 1))]) from None


def _is_darknet(text: str) -> bool:
    """Whether the first section is [net], and a later one is a layer: other tools' files have a [network] too."""
    lines = (line.strip() for line in text.split("\n"))
    sections = [line.replace(" ", "") for line in lines if line and line[0] not in "#;"]
    if not sections or sections[0] not in ("[net]", "[network]"):
        return False
    from cnncalc.importers.darknet.trace import HANDLERS

    return any(line.startswith("[") and line[1:].partition("]")[0] in HANDLERS for line in sections)


def _is_caffe(text: str) -> bool:
    return _CAFFE.search(text) is not None


def _is_keras(text: str) -> bool:
    return _KERAS.search(text) is not None


FORMATS = (
    Format("caffe", ".prototxt", ("prototxt", "pbtxt"), _is_caffe),
    Format("darknet", ".cfg", ("cfg", "darknet", "dosini", "ini", "properties"), _is_darknet),
    Format("keras", ".json", ("json", "jsonc"), _is_keras),
)
