"""Imports the user's code, `package.module:factory` or `model.py:Net`, and calls it to build a network."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import nn

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.blame import describe_error
from cnncalc.importers.pytorch.exporting import quiet
from cnncalc.suggest import with_suggestion

FORM = "expected package.module:factory or model.py:Net, as in torch:torchvision.models:resnet50"
NAMING = ("model_name", "name", "arch", "architecture")


class Factory(NamedTuple):
    """A callable that returns a network, and its arguments."""

    place: str
    call: Any
    arguments: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the network: what an argument such as `model_name` gives, else that of its factory."""
        named = (self.arguments.get(word) for word in NAMING)
        return next((name for name in named if isinstance(name, str)), self.place.rpartition(":")[2])

    def network(self, device: str) -> nn.Module:
        """The network on a device: `meta`, without data, or `cpu`.

        Raises:
            UsageError: the factory fails, or does not return a network.
        """
        if isinstance(self.call, nn.Module):
            return self.call
        try:
            with torch.device(device), quiet():
                network = self.call(**self.arguments)
        except (Exception, SystemExit) as error:  # the user's code: anything may come out of it
            raise UsageError(describe_error(error, self.place)) from error
        if not isinstance(network, nn.Module):
            raise UsageError(f"{self.place}: expected a network (nn.Module), got {type(network).__name__}")
        return network


def find_factory(place: str, arguments: Mapping[str, str]) -> Factory:
    """Find the factory at a place.

    Args:
        place: `torchvision.models:resnet50`; with arguments, `timm:create_model,model_name=resnet50`.
        arguments: further arguments, as text.

    Raises:
        UsageError: nothing has that name, or the import fails.
    """
    place, *settings = place.split(",")
    given = dict(_parse_setting(text) for text in settings) | dict(arguments)
    home, colon, name = place.rpartition(":")
    if not (home and colon and name):
        raise UsageError(f"torch:{place}: {FORM}")
    with _import_path(home):
        try:
            with quiet():
                module = _load_file(home) if home.endswith(".py") else import_module(home)
        except (Exception, SystemExit) as error:  # the user's code: anything may come out of it
            raise UsageError(_describe_import_error(home, error)) from error
    call: Any = module
    for part in name.split("."):
        if not hasattr(call, part):
            raise UsageError(with_suggestion(f"{home} has no '{part}'", part, dir(call)))
        call = getattr(call, part)
    if not callable(call):
        raise UsageError(f"{place}: expected a callable that returns a network, got {type(call).__name__}")
    return Factory(place, call, {key: value_of(text) for key, text in given.items()})


def value_of(text: str) -> Any:  # noqa: ANN401
    """The value of an argument given as text: a number, true, false, none, a list, or else the text itself."""
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _parse_setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise UsageError(f"torch: '{text}': expected name=value after a comma, as in model.py:Net,width=4")
    return name.strip(), value.strip()


def _load_file(home: str) -> ModuleType:
    path = Path(home)
    spec = spec_from_file_location(path.stem, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise FileNotFoundError(f"no such file: {home}")
    if (path.parent / "__init__.py").is_file():  # a module of a package can import its neighbours
        module = import_module(".".join(path.resolve().relative_to(_root_of(path)).with_suffix("").parts))
        if module.__file__ and path.samefile(module.__file__):
            return module
    module = module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)  # dataclasses, for one, look up their module there
    spec.loader.exec_module(module)
    return module


def _root_of(path: Path) -> Path:
    """The folder from which a file is imported: its own, or, in a package, the one around the package."""
    folder = path.resolve().parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    return folder


def _describe_import_error(home: str, error: BaseException) -> str:
    if isinstance(error, FileNotFoundError) and home.endswith(".py") and not Path(home).exists():
        return f"no such file: {home}"
    if isinstance(error, ModuleNotFoundError) and error.name and home.split(".")[0] == error.name:
        return f"package '{error.name}' is not installed: {_advise(home)}"
    return describe_error(error, home)


def _advise(home: str) -> str:
    """What to do about a package that is not installed."""
    file = Path(*home.split(".")).with_suffix(".py")
    if file.is_file():
        return f"the current folder is not searched: name the file: {file}:Net"
    return "install it, or use a file: torch:model.py:Net"


@contextmanager
def _import_path(home: str) -> Iterator[None]:
    """For a file, put the folder from which it is imported first on `sys.path`.

    For a package nothing is added: the current folder could hold a module of the same name.
    """
    if not home.endswith(".py"):
        yield
        return
    folder = str(_root_of(Path(home)))
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)
