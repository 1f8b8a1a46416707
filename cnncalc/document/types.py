"""The spec as written: immutable records, nothing expanded or evaluated.

A value in a spec is a `Template`: a constant, an expression, or a list of those; it is evaluated in a scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from cnncalc.document.reads import names_in_values, names_read
from cnncalc.errors import Fault, Source, Span
from cnncalc.expression.evaluation import Expression
from cnncalc.graph import Manner
from cnncalc.records import EMPTY, NamedTuple, Record, once
from cnncalc.source.reading import Scalar


class Constant(Record):
    """A value that needs no scope: a number, true or false."""

    value: object
    span: Span


class Formula(Record):
    """An expression, and the scalar it was written as; `effort` estimates how often it processes a list."""

    expression: Expression
    scalar: Scalar
    effort: int = 0

    @property
    def span(self) -> Span:
        """The place of the scalar."""
        return self.scalar.span


class Listing(Record):
    """A list of templates."""

    entries: tuple[Template, ...]
    span: Span


Template: TypeAlias = "Constant | Formula | Listing"


class Reference(Record):
    """The name of a tensor as written: dotted, possibly with `{expressions}`, which read names, or a glob.

    In a list of references, `loop` computes several names.
    """

    scalar: Scalar
    reads: frozenset[str] = frozenset()
    loop: Loop | None = None

    @property
    def text(self) -> str:
        """The text as written."""
        return self.scalar.text

    @property
    def span(self) -> Span:
        """The place of the scalar."""
        return self.scalar.span


class Repeat(Record):
    """The repetition of an item: `names` bound to 0 … count − 1 (if `over` is a number) or to the rows of a list."""

    names: tuple[str, ...]
    over: Template
    span: Span


class Loop(Record):
    """A name with `{expressions}` for every turn of a repeat: `skip{i} for i in 20`."""

    name: str
    repeat: Repeat


class LayerCall(Record):
    """A layer with its arguments, or a join of named tensors (`joined`, cropped first if `crop`)."""

    kind: str
    arguments: dict[str, Template]
    references: Mapping[str, Reference] = EMPTY  # `like: name`
    joined: tuple[Reference, ...] = ()
    crop: bool = False

    @once
    def reads(self) -> tuple[str, ...] | None:
        """The names whose values decide its fields, sorted; None if more does: the sizes of the map, whose reading is
        noted, or a reference that an expression makes.
        """
        names = names_in_values(self.arguments.values())
        if "in_size" in names or any(reference.reads for reference in self.references.values()):
            return None
        return names


class BlockCall(Record):
    """A call of a block by name, or by the parameter that names it (`$unit`); a lone value is its natural argument."""

    name: str
    arguments: dict[str, Template]
    natural: Template | None = None
    tensors: Mapping[str, tuple[Reference, ...]] = EMPTY  # the arguments of tensor parameters

    @property
    def indirect(self) -> bool:
        """Whether a parameter names the block or layer."""
        return self.name.startswith("$")

    @property
    def given(self) -> bool:
        """Whether it has arguments other than tensors."""
        return bool(self.arguments) or self.natural is not None


class Group(Record):
    """`sequence`: items under one name, `when` or `repeat`."""

    items: tuple[Item, ...]

    @once
    def reads(self) -> tuple[str, ...]:
        """The names that its expressions read, at any depth."""
        return names_read(self.items)


class Residual(Record):
    """`residual`: body + shortcut (the identity if omitted); only the body if `skip` is false."""

    body: tuple[Item, ...]
    shortcut: tuple[Item, ...]
    skip: Template | None


class Path(Record):
    """One path of `branches`: its layers (the identity if there are none), and the condition of the whole path."""

    items: tuple[Item, ...]
    span: Span
    when: Template | None = None


class Branches(Record):
    """`branches`: every path reads the same input; the layer `merge` joins their outputs."""

    merge: LayerCall
    paths: tuple[Path, ...]


Body: TypeAlias = "LayerCall | BlockCall | Group | Residual | Branches"


class Item(Record):
    """One entry of a list of layers: its body and its modifiers."""

    body: Body
    span: Span  # of its key or word
    name: Reference | None = None
    source: tuple[Reference, ...] = ()  # `from`
    repeat: Repeat | None = None
    when: Template | None = None
    share: Reference | None = None
    frozen: Template | None = None
    written: Manner | None = None


class Parameter(Record):
    """A parameter of a block, and its default; a tensor has none, unless it is the one that flows into the block."""

    name: str
    default: Template | None
    tensor: bool = False
    entering: bool = False  # `tensor x=in`


class Block(Record):
    """A named function from a tensor to a tensor."""

    name: str
    parameters: tuple[Parameter, ...]
    items: tuple[Item, ...]
    span: Span


class Head(Record):
    """A side list of layers that starts at a named tensor; a training head is not part of inference."""

    name: str
    source: Reference
    items: tuple[Item, ...]
    training: bool
    span: Span


class Bound(Record):
    """The numbers from `low` to `high`; None: unbounded on that side."""

    low: Fraction | None
    high: Fraction | None
    span: Span
    text: str = ""  # as written

    def holds(self, figure: int) -> bool:
        """Whether a figure is within the bounds."""
        return (self.low is None or figure >= self.low) and (self.high is None or figure <= self.high)


class ExpectedShape(Record):
    """The expected output sizes, without the batch."""

    sizes: tuple[Template, ...]
    span: Span


class ExpectedField(Record):
    """The expected receptive field: one bound per axis, or one for all."""

    bounds: tuple[Bound, ...]
    span: Span


class ExpectedFit(Record):
    """Whether every stride is expected to fit exactly; `pixels`: to drop no pixel, whatever else goes unread."""

    fits: bool | Literal["pixels"]
    span: Span


class ExpectedTime(Record):
    """The most seconds that a batch of one may take on a shipped device."""

    device: str
    seconds: float
    span: Span
    text: str  # as written


class At(NamedTuple):
    """Inputs that replace the spec's, by name."""

    inputs: Mapping[str, tuple[Template, ...]]
    key: Scalar


class Where(NamedTuple):
    """The scope of an expectation; None: the whole network, every variant, the spec's own input."""

    layer: Scalar | None = None
    variant: str | None = None
    output: Scalar | None = None
    convention: Scalar | None = None
    device: Scalar | None = None
    at: At | None = None


class Expectation(NamedTuple):
    """One figure and its expected value."""

    figure: str
    must: Bound | ExpectedShape | ExpectedField | ExpectedFit | ExpectedTime
    where: Where


Level: TypeAlias = Literal["error", "warning", "note", "off"]


class Document(Record):
    """A spec as written."""

    source: Source
    name: str
    about: dict[str, str]  # source, year, task, description, shown by `list` and `show`
    inputs: dict[str, tuple[Template, ...]]
    layers: tuple[Item, ...]
    params: Mapping[str, Template] = EMPTY
    variants: Mapping[str, dict[str, Template]] = EMPTY
    defaults: Mapping[str, Mapping[str, Template]] = EMPTY  # kind of layer → the fields that calls leave out
    blocks: Mapping[str, Block] = EMPTY
    heads: Mapping[str, Head] = EMPTY
    outputs: Mapping[str, Reference] = EMPTY
    written: Mapping[str, Manner] = EMPTY  # kind of layer → how the model's source writes it
    expect: tuple[Expectation, ...] = ()
    check: Mapping[str, Level] = EMPTY  # rule → its level in this spec
    aside: tuple[Fault, ...] = ()  # the faults of `expect` and `check`, which the network itself does not need

    @once
    def remembered(self) -> dict[str, Any]:
        """What elaboration keeps for the next elaboration of the same document."""
        return {}
