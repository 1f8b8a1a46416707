"""Networks from elsewhere, traced: one flat list of layers, from which `writing` makes a spec.

`FORMATS` is the table by which a name is recognised, on the command line and in `cnncalc.load`: a format has one line
there, and a package of its own. `traced_module` is for a module of PyTorch's in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from cnncalc.errors import UsageError
from cnncalc.records import NamedTuple

if TYPE_CHECKING:
    from torch import nn

    from cnncalc.importers.traced import Traced
    from cnncalc.quantities.shapes import Given

__all__ = ["FORMATS", "Format", "format_of", "traced_module"]


class Format(NamedTuple):
    """A format of networks from elsewhere: how a name of one is recognised, and what reads it.

    A file is known by how its name ends; its reader takes the path and the inputs. What begins with a `prefix` is code
    that is run: its reader takes the rest of the name, the inputs, and arguments for that code.
    """

    example: str
    reader: str  # the package in this room, and its function
    suffix: str = ""
    prefix: str = ""
    package: str = ""  # what has to be installed; asked before the reader's own modules, which import it

    def recognises(self, name: str) -> bool:
        """Whether a name is that of a network in this format."""
        return name.startswith(self.prefix) and name.endswith(self.suffix)

    def read(self, name: str, inputs: Given | None = None, arguments: Mapping[str, str] | None = None) -> Traced:
        """The network of a name.

        Args:
            name: as on a command line.
            inputs: the sizes of its input, channels first and without the batch; by name for several. A file's own
                where left out.
            arguments: what code that makes a network is called with, as text.

        Raises:
            UsageError: it cannot be read, or what reads it is not installed.
            SpecError: a prototxt has faults.
        """
        if arguments and not self.prefix:
            first = next(iter(arguments))
            raise UsageError(f"{name}: --arg {first}: only a torch: factory takes arguments")
        if self.package:
            needs = f"{name}: reading {self.suffix[1:].upper()} needs the package {self.package}"
            _require(self.package, needs if self.suffix else "PyTorch is not installed")
        module, function = self.reader.split(":")
        reader: Callable[..., Traced] = getattr(import_module(f"cnncalc.importers.{module}"), function)
        return reader(name.removeprefix(self.prefix), inputs, arguments or {}) if self.prefix else reader(name, inputs)


FORMATS = (
    Format("net.onnx", "onnx:read_onnx", suffix=".onnx", package="onnx"),
    Format("net.prototxt", "caffe:read_prototxt", suffix=".prototxt"),
    Format("torch:package.module:factory", "pytorch:from_place", prefix="torch:", package="torch"),
)


def format_of(name: str) -> Format | None:
    """The format in which a name says that its network is; None of a spec, and of what names nothing.

    Code goes before files: `torch:nets.py:make,weights=a.onnx` is a factory with an argument.
    """
    found = [each for each in FORMATS if each.recognises(name)]
    return max(found, key=lambda each: len(each.prefix), default=None)


def traced_module(module: nn.Module, inputs: Given, name: str | None = None) -> Traced:
    """The network of a module in hand; arguments and errors as for `cnncalc.from_torch`."""
    _require("torch", "PyTorch is not installed")
    from cnncalc.importers.pytorch import from_module

    return from_module(module, inputs, name)


def _require(package: str, otherwise: str) -> None:
    """Refuse with this sentence, and the extra to install, where a package is not there."""
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise UsageError(f"{otherwise}: pip install 'cnncalc[{package}]'")
