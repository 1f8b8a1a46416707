"""The base class of layer descriptors: frozen fields, from which shapes, weights and costs follow.

A shape is a tuple without the batch: `(channels, *spatial)` for a map, `(features,)` for a vector. Dimension numbers in
fields (`dim`, `dims`) are PyTorch's: 0 is the batch, 1 the channels, −1 the last axis.

A descriptor declares its fields like a frozen dataclass, and compares, hashes and prints like one. It is not one
because `dataclass` compiles methods for every class, which for sixty descriptors takes 40 ms of every start; reading
the declarations takes one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn, TypeVar

from cnncalc.errors import LayerError
from cnncalc.layers.facts import Facts
from cnncalc.layers.fields import Field
from cnncalc.layers.operations import Operations
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import by_windows, unknown
from cnncalc.layers.saved import Reuse, Saved, Wanted
from cnncalc.layers.window import Window
from cnncalc.symbolic import Expr, Relation, Size
from cnncalc.symbolic import Shape as Shape

Weights = dict[str, Shape]
Require = Callable[[bool | Relation, Callable[[], LayerError]], None]
"""Called with a requirement: raises the error if it is false, records a condition if it depends on a symbol."""

Self = TypeVar("Self", bound="Layer")
NO_WEIGHTS: Weights = {}
NO_TENSORS: Mapping[str, Shape] = MappingProxyType({})
MISSING: Any = object()


class Argument:
    """A declared field of a descriptor: what it accepts, and its default as written in a spec."""

    __slots__ = ("accepts", "default")

    def __init__(self, accepts: Field, default: object) -> None:
        self.accepts = accepts
        self.default = default


def arg(accepts: Field, default: object = MISSING) -> Any:  # noqa: ANN401
    """Declare a field of a descriptor; it is required unless it has a default. The default None means "not given"."""
    return Argument(accepts, default)


class Layer(Facts):
    """Base class of the descriptors. Help and schema show the first line of a descriptor's docstring."""

    kind: ClassVar[str]
    natural: ClassVar[str | None] = None  # the field set by a lone value: `linear: 4096`
    inputs: ClassVar[tuple[int, int | None]] = (1, 1)  # fewest and most inputs; None: no upper bound
    joins: ClassVar[bool] = False  # its value may name the tensors to join: `concat: [x, y]`
    saves: ClassVar[Saved | None] = None  # the result of `saved` if it is constant; None: unknown
    reuse: ClassVar[Reuse] = "none"
    late_gradients: ClassVar[frozenset[str]] = frozenset()  # weights of which others are made: their gradients follow
    arguments: ClassVar[Mapping[str, Argument]] = MappingProxyType({})
    _defaults: ClassVar[dict[int | None, dict[str, object]]]  # by rank, filled in on demand
    _bounded: ClassVar[tuple[tuple[str, int], ...]]  # the fields whose numbers have a lower bound

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in cls.__dict__.items() if isinstance(value, Argument)}
        cls.arguments = MappingProxyType({**cls.arguments, **own})
        cls._defaults = {}
        bounds = ((name, argument.accepts.least) for name, argument in cls.arguments.items())
        cls._bounded = tuple((name, least) for name, least in bounds if least is not None)

    def __init__(self, **values: object) -> None:
        """Take normalized values; `make` converts the values of a spec."""
        if values.keys() != self.arguments.keys():
            msg = f"{type(self).__name__} takes {', '.join(self.arguments) or 'nothing'}; got {', '.join(values)}"
            raise TypeError(msg)
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = f"{type(self).__name__} is frozen: cannot set {name}"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        msg = f"{type(self).__name__} is frozen: cannot delete {name}"
        raise AttributeError(msg)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *(self.__dict__[name] for name in self.arguments)))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self.arguments)
        return f"{type(self).__name__}({values})"

    def unfused(self) -> Layer | None:
        """The same layer as the operations that a fused kernel replaces; None if it has none."""
        return None

    @property
    def takes(self) -> tuple[int, int | None]:
        """The fewest and the most inputs with these fields; `inputs` bounds them for any fields."""
        return self.inputs

    @property
    def weights_known(self) -> bool:
        """Whether `weights` lists all trainable parameters."""
        return True

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The output shape for these input shapes; conditions are passed to `require`."""
        raise NotImplementedError

    def further(self, inputs: Sequence[Shape], output: Shape) -> Mapping[str, Shape]:
        """Further outputs by name, with their shapes: `h_n` is read as `from: memory.h_n`."""
        return NO_TENSORS

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """Trainable tensors by PyTorch's name, with their shapes."""
        return NO_WEIGHTS

    def buffers(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """Stored but untrained tensors by PyTorch's name, with their shapes."""
        return NO_WEIGHTS

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations | None:
        """The operations for one sample at inference, by kind; None if unknown."""
        return None

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved | None:
        """The tensors that autograd saves, given which gradients are wanted; None if unknown."""
        return self.saves

    def reuses(self, training: bool) -> Reuse:
        """Whose memory the output lies in."""
        return "in place" if self.__dict__.get("inplace") else self.reuse

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis of a sliding layer; empty for any other."""
        return ()

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Which rows of its inputs an output row reads: by its windows, if it has any."""
        windows = self.windows(inputs)
        return by_windows(windows, mixed=True) if windows else unknown(inputs)

    def require_bounds(self, require: Require) -> None:
        """Require of symbolic fields the bounds that `make` checks for numbers: `kernel_size: k - 2` needs k ≥ 3."""
        for name, least in self._bounded:
            value = self.__dict__[name]
            if type(value) is not int:
                for size in _symbolic(value):
                    require(size >= least, partial(_too_small, name, size, least))

    @classmethod
    def accepted(cls) -> Mapping[str, Field]:
        """Field name → field, in declaration order."""
        return {name: argument.accepts for name, argument in cls.arguments.items()}

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """The names of the fields without a default."""
        return tuple(name for name, argument in cls.arguments.items() if argument.default is MISSING)

    @classmethod
    def usage(cls, value: Callable[[Field], str] = lambda field: "…") -> str:
        """The shortest way to write the layer, `linear: …`; `value` gives other values of its fields."""
        names = cls.required() or tuple(cls.arguments)[:1] * ("like" in cls.arguments)  # crop needs one of its fields
        if not names:
            return f"{cls.kind}: …" if cls.joins else cls.kind
        values = {name: value(cls.arguments[name].accepts) for name in names}
        fields = ", ".join(f"{name}: {text}" for name, text in values.items())
        return f"{cls.kind}: {values[names[0]]}" if names == (cls.natural,) else f"{cls.kind}: {{{fields}}}"

    @classmethod
    def make(cls: type[Self], arguments: Mapping[str, object], rank: int | None) -> Self:
        """The descriptor for evaluated arguments, over `rank` spatial axes.

        Raises:
            LayerError: a value is invalid (`field` names it), or a field is unknown or missing.
        """
        values = cls._defaults_for(rank).copy()
        for name, value in arguments.items():
            values[name] = _convert(cls, name, value, rank)
        missing = [name for name in cls.arguments if name not in values]
        if missing:
            raise LayerError(f"{cls.kind} needs {' and '.join(missing)}")
        layer = cls.__new__(cls)
        layer.__dict__.update({name: values[name] for name in cls.arguments})
        return layer

    @classmethod
    def _defaults_for(cls, rank: int | None) -> dict[str, object]:
        """The normalized defaults; None ("not given") is kept."""
        known = cls._defaults.get(rank)
        if known is None:
            known = {
                name: None if argument.default is None else argument.accepts.convert(argument.default, rank)
                for name, argument in cls.arguments.items()
                if argument.default is not MISSING
            }
            cls._defaults[rank] = known
        return known


def _too_small(name: str, value: Expr, least: int) -> LayerError:
    return LayerError(f"{name}: expected a whole number of at least {least}, got {value}", field=name)


def _symbolic(value: object) -> list[Expr]:
    """The symbolic sizes in a field's value, at any depth."""
    if isinstance(value, tuple):
        return [size for entry in value if type(entry) is not int for size in _symbolic(entry)]
    return [value] if isinstance(value, Expr) else []


def _convert(cls: type[Layer], name: str, value: object, rank: int | None) -> object:
    argument = cls.arguments.get(name)
    if argument is None:
        raise LayerError(f"unknown field '{name}' of {cls.kind}", field=name)
    try:
        return argument.accepts.convert(value, rank)
    except LayerError as error:
        raise LayerError(f"{name}: {error.message}", field=name, hint=error.hint) from None


def rank_of(inputs: Sequence[Shape]) -> int | None:
    """The number of spatial axes of the first input; None if there is no input."""
    return len(inputs[0]) - 1 if inputs else None


def single(inputs: Sequence[Shape]) -> Shape:
    """The input shape of a layer with one input."""
    return inputs[0]


def text(shape: Shape) -> str:
    """A shape as printed in messages: [96, 55, 55]."""
    return f"[{', '.join(map(str, shape))}]"


def map_of(kind: str, shape: Shape) -> tuple[Size, Shape]:
    """Channels and spatial sizes of a map with one to three axes; raises LayerError for any other shape."""
    if not 2 <= len(shape) <= 4:
        raise LayerError(f"{kind} needs a map (channels and one to three spatial axes), got {text(shape)}")
    return shape[0], shape[1:]
