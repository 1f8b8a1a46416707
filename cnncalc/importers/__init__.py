"""Reads networks in other formats into one flat list of layers, from which `writing` makes a spec.

`FORMATS` is the table that recognises a name, on the command line and in `cnncalc.load`; each format has one row there
and a package of its own. `traced_module` reads an existing PyTorch module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.errors import UsageError
from cnncalc.records import NamedTuple
from cnncalc.source.files import exists, read_beginning

if TYPE_CHECKING:
    from torch import nn

    from cnncalc.importers.traced import Traced
    from cnncalc.quantities.shapes import Given

# Ultralytics' model files: `backbone` or `head`, a row of them, and none of a spec's own sections.
MODEL = (
    r"(?ms)\A(?!.*^(?:layers|input)[ \t]*:)(?=.*^(?:backbone|head)[ \t]*:)"
    r".*?(?:\[[ \t]*(?:-?\d{1,9}|\[[-\d, \t]{0,200}\])[ \t]*,[ \t]*\d{1,9}[ \t]*,[ \t]*[\"']?[A-Za-z_]"
    r"|^[ \t]*-[ \t]+-[ \t]+-?\d{1,9}\r?\n[ \t]+-[ \t]+\d{1,9}\r?\n[ \t]+-[ \t]+[\"']?[A-Za-z_])"  # without brackets
)
BEGINNING = 1 << 20  # bytes in which a format is recognised

__all__ = ["FORMATS", "Format", "format_of", "holds_model", "supplied", "supply", "traced_module"]


class Format(NamedTuple):
    """A format of networks: how the name of one is recognised, and what reads it.

    A file is recognised by its suffix, and by what it holds where other files have that suffix too; its reader takes
    the path and the inputs. A name with a `prefix` is code that is run: its reader takes the rest of the name, the
    inputs, and arguments for that code.
    """

    example: str
    reader: str  # the package here, and its function
    suffixes: tuple[str, ...] = ()
    mark: str = ""  # a pattern that is found in the first MiB of such a file, and not in other files of its suffix
    prefix: str = ""
    says: bool = False  # whether such a file says what a spec says: it is read as one, with variants and parameters
    package: str = ""  # must be installed; checked before the reader's modules import it

    def recognises(self, name: str | Path) -> bool:
        """Whether a name is that of a network in this format; a `Path`, or the name of a file, is never code."""
        if self.prefix:
            return str(name).startswith(self.prefix) and not (isinstance(name, Path) or exists(name))
        return str(name).lower().endswith(self.suffixes) and (not self.mark or _is_marked(Path(name), self.mark))

    def refuse_arguments(self, name: str, arguments: Mapping[str, str] | None) -> None:
        """Refuse arguments for what is not code."""
        if arguments and not self.prefix:
            first = next(iter(arguments))
            raise UsageError(f"{name}: --arg {first}: only a torch: factory takes arguments")

    def read(self, name: str, inputs: Given | None = None, arguments: Mapping[str, str] | None = None) -> Traced:
        """Read the network with a name.

        Args:
            name: as on a command line. inputs: the sizes of its input, channels first and without the batch; by name if
            there are several. By default,
                those in the file.
            arguments: the arguments for code that builds a network, as text.

        Raises:
            UsageError: it cannot be read, or the package that reads it is not installed.
            SpecError: a prototxt or a Keras model has faults.
        """
        self.refuse_arguments(name, arguments)
        if self.package:
            needs = f"{name}: reading {self.example.rpartition('.')[2].upper()} needs the package {self.package}"
            _require(self.package, needs if self.suffixes else "PyTorch is not installed")
        module, function = self.reader.split(":")
        reader: Callable[..., Traced] = getattr(import_module(f"cnncalc.importers.{module}"), function)
        return reader(name.removeprefix(self.prefix), inputs, arguments or {}) if self.prefix else reader(name, inputs)


FORMATS = (
    Format("net.onnx", "onnx:read_onnx", suffixes=(".onnx",), package="onnx"),
    Format("net.prototxt", "caffe:read_prototxt", suffixes=(".prototxt",)),
    Format("net.cfg", "darknet:read_cfg", suffixes=(".cfg",), mark=r"(?m)^[ \t]*\[(net|network)\]"),
    Format("net.lua", "layer_lists:read_lua", suffixes=(".lua",), mark=r"\b(nn|cudnn|inn)\.[A-Z]\w+"),
    Format("net.js", "layer_lists:read_js", suffixes=(".js",), mark=r"\btype[\"']?\s{0,20}:\s{0,20}[\"']input[\"']"),
    Format("model.json", "keras:read_keras", suffixes=(".json",), mark=r'"(class_name|modelTopology|weightsManifest)"'),
    Format("model.keras", "keras:read_keras", suffixes=(".keras",)),
    Format("model.h5", "keras:read_keras", suffixes=(".h5", ".hdf5"), package="h5py"),
    Format("yolov8.yaml", "ultralytics:translate", suffixes=(".yaml", ".yml"), mark=MODEL, says=True),
    Format("torch:package.module:factory", "pytorch:from_place", prefix="torch:", package="torch"),
)


def format_of(name: str | Path) -> Format | None:
    """The format that a name belongs to; None for a spec, or for nothing known.

    A file takes precedence over code, code over what is not there: `torch:nets.py:make,weights=a.onnx` is a factory
    with an argument.
    """
    matches = [each for each in FORMATS if each.recognises(name)]
    return max(matches, key=lambda each: len(each.prefix), default=None)


def holds_model(text: str) -> bool:
    """Whether a text is a model file of Ultralytics' and not a spec."""
    beginning = f"\n{text[:BEGINNING]}"
    return ("\nbackbone" in beginning or "\nhead:" in beginning) and re.search(MODEL, beginning) is not None


_supplied: list[str] = []


def supply(files: Iterable[str]) -> None:
    """Read the blocks of modules that are not known from these files, in place of those supplied before."""
    _supplied[:] = files


def supplied() -> tuple[str, ...]:
    """The files of blocks that were supplied."""
    return tuple(_supplied)


def traced_module(module: nn.Module, inputs: Given, name: str | None = None) -> Traced:
    """The layers of a PyTorch module; arguments and errors as for `cnncalc.from_torch`."""
    _require("torch", "PyTorch is not installed")
    from cnncalc.importers.pytorch import from_module

    return from_module(module, inputs, name)


def _is_marked(path: Path, mark: str) -> bool:
    """Whether a pattern is found in the beginning of a file; False where there is no such file."""
    try:
        return re.search(mark.encode(), read_beginning(path, BEGINNING)) is not None
    except UsageError:
        return False


def _require(package: str, otherwise: str) -> None:
    """Refuse with this sentence, and the extra to install, if a package is missing."""
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise UsageError(f"{otherwise}: pip install 'cnncalc[{package}]'")
