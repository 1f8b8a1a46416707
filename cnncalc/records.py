"""Frozen records and named tuples that are cheap to declare.

`dataclass` and `typing.NamedTuple` generate and compile code for every class; for the hundred classes that a command
loads, that takes as long as everything else it does. Here the declarations are only read, and code is compiled for a
named tuple when the first instance is made, for a record when there are so many instances that it pays. Type checkers
see a dataclass and a named tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

if TYPE_CHECKING:
    from functools import cached_property
    from typing import NamedTuple as NamedTuple

    from typing_extensions import dataclass_transform

    once = cached_property
else:
    from collections import _tuplegetter as field_at

    def dataclass_transform(**_: object) -> Any:  # noqa: ANN401
        """Do nothing: the decorator only informs type checkers."""
        return lambda cls: cls

    class once:  # noqa: N801
        """`functools.cached_property` without its lock, which costs more than most of what is computed here."""

        def __init__(self, compute: Callable[[Any], object]) -> None:
            self.compute = compute
            self.__doc__ = compute.__doc__

        def __get__(self, instance: object, owner: type) -> object:
            if instance is None:
                return self
            value = instance.__dict__[self.compute.__name__] = self.compute(instance)
            return value

    class _Named(type):
        """Metaclass that makes a named tuple of a class: one property per annotated field."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            """Create the class."""
            fields = tuple(namespace.get("__annotations__", ()))
            namespace["_field_defaults"] = {field: namespace[field] for field in fields if field in namespace}
            namespace.update((field, field_at(index, None)) for index, field in enumerate(fields))
            namespace.update(__slots__=(), _fields=fields, __match_args__=fields)
            return super().__new__(cls, name, bases, namespace)

    class NamedTuple(tuple, metaclass=_Named):
        """Equivalent of `typing.NamedTuple` whose `__new__` is compiled when it is first called."""

        def __new__(cls, *values: object, **named: object) -> NamedTuple:
            """Compile the constructor of the class, then create the first instance."""
            cls.__new__ = _maker(cls)
            return cls(*values, **named)

        @classmethod
        def _make(cls, values: Iterable[object]) -> NamedTuple:
            return cls(*values)

        def _replace(self, **changes: object) -> NamedTuple:
            made = self._make(map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"{type(self).__name__} has no field {', '.join(changes)}")
            return made

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            fields = (f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({', '.join(fields)})"

    def _maker(cls: type[NamedTuple]) -> Callable[..., NamedTuple]:
        """The `__new__` of a named tuple: all fields in order, those with defaults last."""
        code = _template(len(cls._fields)).replace(co_varnames=("cls", *cls._fields))
        return FunctionType(code, {"new": tuple.__new__}, "__new__", tuple(cls._field_defaults.values()))

    @cache
    def _template(fields: int) -> CodeType:
        """The code of a `__new__` with so many fields: to rename its parameters is faster than to compile another."""
        names = ", ".join(f"field{index}" for index in range(fields))
        return eval(f"lambda cls, {names}: new(cls, ({names},))").__code__


R = TypeVar("R", bound="Record")
EMPTY: Mapping[Any, Any] = {}  # default for mapping fields
_MISSING: Any = object()
_COMPILED_AFTER = 64  # instances, which together cost as much as compiling a constructor


@dataclass_transform(frozen_default=True)
class Record:
    """Base class of the frozen records. Defaults are shared by all instances and must not be mutated."""

    _fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, object]] = {}
    _made: ClassVar[list[int]] = [0]  # how many instances the general constructor has made

    def __init_subclass__(cls) -> None:
        own = [name for name, kind in cls.__annotations__.items() if not kind.startswith("ClassVar")]
        cls._fields = (*cls._fields, *own)
        cls._defaults = {name: getattr(cls, name) for name in cls._fields if hasattr(cls, name)}
        cls._made = [0]
        if cls.__init__ is not Record.__init__ and "__init__" not in cls.__dict__:
            cls.__init__ = Record.__init__  # type: ignore[method-assign]  # not one compiled for the base class

    def __init__(self, *values: object, **named: object) -> None:
        own = self.__dict__
        own.update(zip(self._fields, values, strict=False))
        own.update(named)
        if len(own) != len(self._fields) or len(values) + len(named) != len(own):
            _complete(self, len(values) + len(named))
        made = self._made
        made[0] += 1
        if made[0] == _COMPILED_AFTER and type(self).__init__ is Record.__init__:
            type(self).__init__ = _compile_constructor(type(self))  # type: ignore[method-assign]

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


def _compile_constructor(cls: type[Record]) -> Callable[..., None]:
    """The constructor of one class of records, several times as fast as the general one."""
    fields = [f"{name}=defaults[{name!r}]" if name in cls._defaults else name for name in cls._fields]
    lines = [f"def __init__(self, {', '.join(fields)}):", "own = self.__dict__"]
    lines += [f"own[{name!r}] = {name}" for name in cls._fields]
    namespace: dict[str, Any] = {"defaults": cls._defaults, "__builtins__": {}}
    exec("\n    ".join(lines), namespace)
    made: Callable[..., None] = namespace["__init__"]
    return made


def _complete(record: Record, given: int) -> None:
    """Fill in the defaults of the fields that were omitted.

    Raises:
        TypeError: a field without a default is missing, a field is given twice, or it does not exist.
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
    """A copy of the record with some fields changed.

    Raises:
        TypeError: the record has no such field.
    """
    own = record.__dict__
    return type(record)(**{**{name: own[name] for name in record._fields}, **changes})
