"""Frozen records: fields declared as in a dataclass, and compared, hashed, printed and refused like those of one.

`dataclass` writes and compiles the methods of every class that it makes, which for the fifty that a command loads takes
as long as everything else that it does; reading the declarations takes nothing. Type checkers see a dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> object:
        """Say nothing: what it says is for type checkers."""
        return lambda cls: cls


R = TypeVar("R", bound="Record")
EMPTY: Mapping[Any, Any] = {}  # the default of a mapping
_MISSING: Any = object()


@dataclass_transform(frozen_default=True)
class Record:
    """Base of the frozen records. A default is shared by all records that leave the field out: it must not change."""

    _fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, object]] = {}

    def __init_subclass__(cls) -> None:
        own = [name for name, kind in cls.__annotations__.items() if not kind.startswith("ClassVar")]
        cls._fields = (*cls._fields, *own)
        cls._defaults = {name: getattr(cls, name) for name in cls._fields if hasattr(cls, name)}

    def __init__(self, *values: object, **named: object) -> None:
        own = self.__dict__
        own.update(zip(self._fields, values, strict=False))
        own.update(named)
        if len(own) != len(self._fields) or len(values) + len(named) != len(own):
            _complete(self, len(values) + len(named))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        _refuse(self, name)

    def __delattr__(self, name: str) -> NoReturn:
        _refuse(self, name)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        mine, its = self.__dict__, other.__dict__
        return all(mine[name] == its[name] for name in self._fields)

    def __hash__(self) -> int:
        return hash((type(self), *(self.__dict__[name] for name in self._fields)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={self.__dict__[name]!r}' for name in self._fields)})"


def _complete(record: Record, given: int) -> None:
    """Give the fields left out their defaults.

    Raises:
        TypeError: a field without a default is left out, one is given twice, or there is no such field.
    """
    own, fields, defaults = record.__dict__, record._fields, record._defaults
    missing = [name for name in fields if name not in own and name not in defaults]
    if missing or given != len(own) or not own.keys() <= set(fields):
        raise TypeError(f"{type(record).__name__} takes {', '.join(fields)}; got {given} values: {', '.join(own)}")
    for name in fields:
        own.setdefault(name, defaults.get(name, _MISSING))


def _refuse(record: Record, name: str) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"{type(record).__name__} is frozen: cannot change {name}")


def replace(record: R, **changes: Any) -> R:  # noqa: ANN401
    """The record with other values in some of its fields.

    Raises:
        TypeError: it has no such field.
    """
    own = record.__dict__
    return type(record)(**{**{name: own[name] for name in record._fields}, **changes})
