"""The spec as written: frozen types, nothing expanded and nothing evaluated.

A value that a spec writes is a `Template`: a constant, an expression, or a list of those; a scope gives it its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, TypeAlias

from cnncalc.errors import Source, Span
from cnncalc.expression.evaluation import Expression
from cnncalc.graph import Written
from cnncalc.records import EMPTY, NamedTuple, Record
from cnncalc.source.reading import Scalar


class Constant(Record):
    """A value that needs no scope: a number, true or false."""

    value: object
    span: Span


class Formula(Record):
    """An expression, and the scalar it was written as; `effort` is how often it may go through a list."""

    expression: Expression
    scalar: Scalar
    effort: int = 0

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.scalar.span


class Listing(Record):
    """A list of templates."""

    entries: tuple[Template, ...]
    span: Span


Template: TypeAlias = "Constant | Formula | Listing"


class Reference(Record):
    """The name of a tensor as written: dotted, with `{expressions}` that read some names, perhaps a glob."""

    scalar: Scalar
    reads: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The text as written."""
        return self.scalar.text

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.scalar.span


class Repeat(Record):
    """How often an item stands: `names` bound to 0 … count − 1 (`over` is a number) or to the rows of a list."""

    names: tuple[str, ...]
    over: Template
    span: Span


class LayerCall(Record):
    """A layer with its arguments, or a join of named tensors (`joined`, one of them perhaps cropped first)."""

    kind: str
    arguments: dict[str, Template]
    references: Mapping[str, Reference] = EMPTY  # `like: name`
    joined: tuple[Reference, ...] = ()
    crop: bool = False


class BlockCall(Record):
    """A block by name, or by the parameter that names it (`$unit`); a lone value goes to the natural argument."""

    name: str
    arguments: dict[str, Template]
    natural: Template | None = None

    @property
    def indirect(self) -> bool:
        """Whether a parameter names the block or layer."""
        return self.name.startswith("$")

    @property
    def given(self) -> bool:
        """Whether it has any argument."""
        return bool(self.arguments) or self.natural is not None


class Group(Record):
    """`sequence`: items under one name, `when` or `repeat`."""

    items: tuple[Item, ...]


class Residual(Record):
    """`residual`: body + shortcut (the identity where left out); the body alone where `skip` is false."""

    body: tuple[Item, ...]
    shortcut: tuple[Item, ...]
    skip: Template | None


class Branches(Record):
    """`branches`: every path reads the same input; `merge` joins what leaves them."""

    merge: str
    arguments: dict[str, Template]
    paths: tuple[tuple[Item, ...], ...]


Body: TypeAlias = "LayerCall | BlockCall | Group | Residual | Branches"


class Item(Record):
    """One entry of a list of layers: what it is, and the modifiers beside it."""

    body: Body
    span: Span  # of the key or word that says what it is
    name: Reference | None = None
    source: tuple[Reference, ...] = ()  # `from`
    repeat: Repeat | None = None
    when: Template | None = None
    share: Reference | None = None
    frozen: Template | None = None


class Parameter(Record):
    """A parameter of a block, with its default."""

    name: str
    default: Template | None


class Block(Record):
    """A named function from a tensor to a tensor."""

    name: str
    parameters: tuple[Parameter, ...]
    items: tuple[Item, ...]
    span: Span


class Head(Record):
    """A side list of layers that starts at a named tensor; a training head has no part in inference."""

    name: str
    source: Reference
    items: tuple[Item, ...]
    training: bool
    span: Span


class Bound(Record):
    """The numbers from `low` to `high`; None: no bound on that side."""

    low: Fraction | None
    high: Fraction | None
    span: Span
    text: str = ""  # as written

    def holds(self, figure: int) -> bool:
        """Whether a figure is within the bounds."""
        return (self.low is None or figure >= self.low) and (self.high is None or figure <= self.high)


class ExpectedShape(Record):
    """The sizes that must leave, without the batch."""

    sizes: tuple[Template, ...]
    span: Span


class ExpectedField(Record):
    """What a receptive field must be: a bound per axis, or one for all."""

    bounds: tuple[Bound, ...]
    span: Span


class ExpectedFit(Record):
    """Whether every stride must fit exactly."""

    fits: bool
    span: Span


class At(NamedTuple):
    """Inputs in place of the spec's, by name."""

    inputs: Mapping[str, tuple[Template, ...]]
    key: Scalar


class Where(NamedTuple):
    """What an expectation speaks of; None: of the whole network, in every variant, at the input of the spec."""

    layer: Scalar | None = None
    variant: str | None = None
    output: Scalar | None = None
    convention: Scalar | None = None
    at: At | None = None


class Expectation(NamedTuple):
    """One figure, and what it must be."""

    figure: str
    must: Bound | ExpectedShape | ExpectedField | ExpectedFit
    where: Where


Level: TypeAlias = Literal["error", "warning", "note", "off"]


class Document(Record):
    """A spec as written."""

    source: Source
    name: str
    about: dict[str, str]  # source, year, task, description: what `list` and `show` tell
    inputs: dict[str, tuple[Template, ...]]
    layers: tuple[Item, ...]
    params: Mapping[str, Template] = EMPTY
    variants: Mapping[str, dict[str, Template]] = EMPTY
    blocks: Mapping[str, Block] = EMPTY
    heads: Mapping[str, Head] = EMPTY
    outputs: Mapping[str, Reference] = EMPTY
    written: Mapping[str, Written] = EMPTY  # kind of layer → how the model's source has it
    expect: tuple[Expectation, ...] = ()
    check: Mapping[str, Level] = EMPTY  # rule → its level in this spec
