"""Runs another tool on a copy of a network, so that nothing of it is left behind.

Several tools leave counters as buffers of modules, functions of torch replaced, or classes whose calls are wrapped.
Each therefore gets a copy, which shares the parameters, and whatever a tool is known to replace is put back. What a
tool prints is dropped.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from copy import deepcopy
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from io import StringIO
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from cnncalc.errors import UsageError
from cnncalc.pytorch.live.tools import TOOLS, Tool

LONGEST_REASON = 160  # characters of a tool's own message


class NotInstalledError(UsageError):
    """A tool is not installed; the message says how to install it."""


def run_tool(name: str, model: nn.Module, inputs: Sequence[torch.Tensor]) -> int | None:
    """What a tool counts of a network in evaluation mode; None where it cannot say.

    Args:
        name: one of TOOLS.
        model: the network, on the CPU; it is copied.
        inputs: its inputs, one image each: [1, *shape].

    Raises:
        NotInstalledError: the tool is not installed.
        UsageError: it cannot be imported, or fails on this network.
    """
    chosen = TOOLS[name]
    with _quiet():
        tool = _import(chosen)
        with _undone(model):
            try:
                return chosen.run(tool, _copy(model).eval(), tuple(inputs))
            except (Exception, SystemExit) as error:  # any tool, on any network
                raise UsageError(f"{name} fails on this network: {_reason(error)}") from error


def installed_version(tool: Tool) -> str | None:
    """The version of a tool that is installed; None if none is, or without metadata."""
    try:
        return version(tool.distribution)
    except PackageNotFoundError:
        return None


def _copy(model: nn.Module) -> nn.Module:
    """A copy with modules and buffers of its own; no tool writes into parameters, which may be large."""
    return deepcopy(model, {id(parameter): parameter for parameter in model.parameters()})


def _reason(error: BaseException) -> str:
    """The first line of an error, of bounded length."""
    first = str(error).strip().partition("\n")[0]
    short = first if len(first) <= LONGEST_REASON else first[: LONGEST_REASON - 1] + "…"
    return f"{type(error).__name__}: {short}" if short else type(error).__name__


def _import(tool: Tool) -> ModuleType:
    how = f"pip install {tool.distribution}"
    if tool.rival and installed_version(tool) is None:
        raise NotInstalledError(f"not installed: {how} (in place of {tool.rival})")
    try:
        return import_module(tool.module)
    except ModuleNotFoundError as error:
        if error.name == tool.module.partition(".")[0]:
            raise NotInstalledError(f"not installed: {how}") from None
        return _import_alone(tool)
    except Exception:  # what a tool imports besides may be broken in its own way
        return _import_alone(tool)


def _import_alone(tool: Tool) -> ModuleType:
    """Import a tool with placeholders for what it imports but does not need."""
    before = {name: sys.modules.get(name) for name in tool.unneeded}
    sys.modules.update({name: _Placeholder(name) for name in tool.unneeded})
    try:
        return import_module(tool.module)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{tool.distribution} cannot be imported: {_reason(error)}") from error
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


class _Placeholder(ModuleType):
    """A module in which every name is a class: it can be imported, called, derived from and caught."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []  # what makes it a package

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name.startswith("__"):
            raise AttributeError(name)
        value = type(name, (Exception,), {})
        setattr(self, name, value)
        return value


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop what is printed, warned or logged."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


@contextmanager
def _undone(model: nn.Module) -> Iterator[None]:
    """Put back what tools replace: functions of torch and of `functional`, methods of tensors, calls of modules."""
    places: list[Any] = [functional, torch, torch.Tensor]
    before = [dict(vars(place)) for place in places]
    classes = {type(module) for module in model.modules()}
    own = {each for each in classes if "__call__" in vars(each)}
    try:
        yield
    finally:
        for place, members in zip(places, before, strict=True):
            for name, member in members.items():
                if vars(place).get(name) is not member:
                    setattr(place, name, member)
        for name in vars(torch.Tensor).keys() - before[-1].keys():  # methods that it inherits, overridden
            delattr(torch.Tensor, name)
        for each in classes - own:
            if "__call__" in vars(each):
                with suppress(AttributeError):
                    del each.__call__
