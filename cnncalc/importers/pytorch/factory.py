"""The user's own code: `package.module:factory` or `model.py:Net`, imported and called for a network."""

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
from cnncalc.importers.pytorch.blame import blamed
from cnncalc.importers.pytorch.exporting import quiet
from cnncalc.suggest import with_suggestion

FORM = "expected package.module:factory or model.py:Net, as in torch:torchvision.models:resnet50"
NAMING = ("model_name", "name", "arch", "architecture")


class Factory(NamedTuple):
    """What makes the network, and what it is called with."""

    place: str
    call: Any
    arguments: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What the network is called: as an argument names it, else as its factory is."""
        named = (self.arguments.get(word) for word in NAMING)
        return next((name for name in named if isinstance(name, str)), self.place.rpartition(":")[2])

    def network(self, device: str) -> nn.Module:
        """The network, on `meta` without numbers, or with them on `cpu`.

        Raises:
            UsageError: the factory fails, or makes no network.
        """
        if isinstance(self.call, nn.Module):
            return self.call
        try:
            with torch.device(device), quiet():
                made = self.call(**self.arguments)
        except (Exception, SystemExit) as error:  # the user's code: anything may come out of it
            raise UsageError(blamed(error, self.place)) from error
        if not isinstance(made, nn.Module):
            raise UsageError(f"{self.place}: expected a network (nn.Module), got {type(made).__name__}")
        return made


def found(place: str, arguments: Mapping[str, str]) -> Factory:
    """The factory at a place: `torchvision.models:resnet50`; `timm:create_model,model_name=resnet50` has arguments.

    Raises:
        UsageError: there is nothing of that name, or importing it fails.
    """
    place, *settings = place.split(",")
    given = dict(_setting(text) for text in settings) | dict(arguments)
    home, colon, name = place.rpartition(":")
    if not (home and colon and name):
        raise UsageError(f"torch:{place}: {FORM}")
    with _beside(home):
        try:
            with quiet():
                module = _file(home) if home.endswith(".py") else import_module(home)
        except (Exception, SystemExit) as error:  # the user's code: anything may come out of it
            raise UsageError(_not_imported(home, error)) from error
    call: Any = module
    for part in name.split("."):
        if not hasattr(call, part):
            raise UsageError(with_suggestion(f"{home} has no '{part}'", part, dir(call)))
        call = getattr(call, part)
    if not callable(call):
        raise UsageError(f"{place}: expected a callable that returns a network, got {type(call).__name__}")
    return Factory(place, call, {key: value_of(text) for key, text in given.items()})


def value_of(text: str) -> Any:  # noqa: ANN401
    """A number, true, false, none, a list; anything else is text."""
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise UsageError(f"torch: '{text}': expected name=value after a comma, as in model.py:Net,width=4")
    return name.strip(), value.strip()


def _file(home: str) -> ModuleType:
    path = Path(home)
    spec = spec_from_file_location(path.stem, path)
    if not path.exists() or spec is None or spec.loader is None:
        raise FileNotFoundError(f"no such file: {home}")
    module = module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)  # what it defines is looked up there, by dataclasses for one
    spec.loader.exec_module(module)
    return module


def _not_imported(home: str, error: BaseException) -> str:
    if isinstance(error, FileNotFoundError) and home.endswith(".py") and not Path(home).exists():
        return f"no such file: {home}"
    if isinstance(error, ModuleNotFoundError) and error.name and home.split(".")[0] == error.name:
        return f"package '{error.name}' is not installed: install it, or use a file: torch:model.py:Net"
    return blamed(error, home)


@contextmanager
def _beside(home: str) -> Iterator[None]:
    """The current folder is looked in first, as `python -m` does; for a file, its own."""
    folder = str(Path(home).resolve().parent if home.endswith(".py") else Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)
