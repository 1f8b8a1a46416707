"""What an expression of a script of Torch7 may be: a number, a word, a module, a class of modules, or unread."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias, TypeGuard

from cnncalc.importers.layer_lists.tokens import Number, Token, Tokens

PACKAGES = ("nn", "cudnn", "inn", "cunn")
NOT_RUN = "a layer list is read as text, not run: write the layers out, one after another"


@dataclass(slots=True)
class Unread:
    """A value that the text does not say, and where it is."""

    token: Token


@dataclass(slots=True)
class Class:
    """A class of modules: `nn.ReLU`."""

    package: str
    name: str


@dataclass(slots=True, eq=False)
class Module:
    """A module as it is made: its class, its arguments, the modules added to it, the methods called on it."""

    package: str
    name: str
    arguments: list[Value]
    token: Token
    tokens: Tokens
    children: list[Module] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)


Value: TypeAlias = "Number | str | bool | Unread | Class | Module | None"


def is_number(value: Value) -> TypeGuard[Number]:
    """Whether a value is a number; true and false are not."""
    return isinstance(value, int | Fraction) and not isinstance(value, bool)
