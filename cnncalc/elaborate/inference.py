"""Evaluates one layer at its place: its fields, its shapes, its conditions.

Results are cached, since deep networks repeat the same layer on the same shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from cnncalc.document.types import Constant, Document, Formula, LayerCall, Listing, Template
from cnncalc.elaborate.scope import Scope, item_hint, value_of
from cnncalc.errors import Fault, LayerError, Span, SpecError
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer, Shape, Weights
from cnncalc.limits import LARGEST_NUMBER
from cnncalc.records import EMPTY, NamedTuple
from cnncalc.symbolic import Expr, Relation, Size, Undecidable

Condition = tuple[Relation, str]
IMPOSSIBLE = "a size would be 2^63 or more, which no tensor has"
_MOST_REMEMBERED = 10_000  # calls, layers and inferences that are kept for the next elaboration
_COMPARED = frozenset({int, bool, str, Fraction, Expr})


class Given(NamedTuple):
    """The fields that `defaults` gives to a kind, with their values; `steady` if these are the same for every call."""

    values: Mapping[str, object] = EMPTY
    templates: Mapping[str, Template] = EMPTY
    steady: bool = True


NOTHING_GIVEN = Given()


class Inferred(NamedTuple):
    """The result of inferring a layer on its inputs, with their shapes: one object for all nodes that are equal."""

    shapes: tuple[Shape, ...]
    output: Shape
    weights: Weights
    buffers: Weights
    further: Mapping[str, Shape]
    conditions: tuple[Condition, ...]


class Inference:
    """Creates descriptors and infers shapes, caching both."""

    def __init__(self) -> None:
        self._layers: dict[object, Layer] = {}  # by kind, rank and fields
        self._read: dict[object, Layer] = {}  # by call, rank and the values of the names that it reads
        self._inferred: dict[tuple[int, tuple[Shape, ...]], Inferred] = {}
        self._alive: list[object] = []  # objects whose ids are keys above, kept alive

    @classmethod
    def of(cls, document: Document) -> Inference:
        """That of earlier elaborations of a document: variants and other inputs have most of their layers in common."""
        known = document.remembered.get("inference")
        if known is None or len(known._alive) + len(known._layers) > _MOST_REMEMBERED:
            known = document.remembered["inference"] = cls()
        return known

    def layer(
        self,
        call: LayerCall,
        scope: Scope,
        names: Mapping[str, str],
        rank: int | None,
        where: str,
        span: Span,
        given: Given = NOTHING_GIVEN,
    ) -> Layer:
        """The descriptor of a call, with its fields evaluated in a scope; `names` gives the fields that name
        tensors, `given` those that the spec gives to every call that leaves them out.
        """
        key = _key(call, scope, rank, given)
        known = self._read.get(key)
        if known is not None:
            return known
        values = dict(given.values)
        for name, template in call.arguments.items():
            values[name] = template.value if type(template) is Constant else value_of(template, scope, name, where)
        values.update(names)
        templates = {**given.templates, **call.arguments} if given.values else call.arguments
        layer = self.make(call.kind, values, rank, where, span, templates)
        if key is not None:
            self._read[key] = layer
            self._alive.append(call)
        return layer

    def make(
        self,
        kind: str,
        values: Mapping[str, object],
        rank: int | None,
        where: str,
        span: Span,
        templates: Mapping[str, Template],
    ) -> Layer:
        """The descriptor of a kind for evaluated fields; faults point at the field."""
        key = (kind, rank, *values, *map(_hashable, values.values()))
        layer = self._layers.get(key)
        if layer is None:
            try:
                layer = LAYERS[kind].make(values, rank)
            except LayerError as error:
                template = templates.get(error.field or "")
                error.hint = error.hint or _hint(kind, error, template, values.get(error.field or ""))
                raise fault(where, error, template.span if template else span) from None
            self._layers[key] = layer
        return layer

    def infer(self, layer: Layer, shapes: tuple[Shape, ...]) -> Inferred:
        """The output shape, weights and conditions of a layer for these input shapes.

        Raises:
            LayerError: the layer rejects them.
        """
        key = (id(layer), shapes)
        inferred = self._inferred.get(key)
        if inferred is None:
            inferred = self._inferred[key] = _infer(layer, shapes)
            self._alive.append(layer)
        return inferred


def _key(call: LayerCall, scope: Scope, rank: int | None, given: Given) -> object:
    """What decides the fields of a call: the values of the names that it reads; None if more does, or a list."""
    reads = call.reads
    if reads is None or not given.steady:
        return None
    if not reads and not given.values:
        return (id(call), rank)
    try:
        values = [*given.values.values(), *[scope[name] for name in reads]]
    except KeyError:  # evaluating it says what is wrong
        return None
    types = [type(value) for value in values]
    if not _COMPARED.issuperset(types):  # to compare a list costs as much as to evaluate it
        return None
    return (id(call), rank, *types, *values)


def _hint(kind: str, error: LayerError, template: Template | None, value: object) -> str | None:
    """A suggestion for an expression whose value its field rejects."""
    if listed := _list_in_place_of_number(error, template, value):
        return listed
    if not isinstance(template, Formula):
        return None
    text = template.scalar.text
    if "/" in text and "whole number, got" in error.message:
        return "write '//' to round down"
    if text in LAYERS[kind].accepted()[error.field or ""].words:
        return f"a parameter named '{text}' hides that keyword: rename it"
    return None


def _list_in_place_of_number(error: LayerError, template: Template | None, value: object) -> str | None:
    """A suggestion to index a list that stands where a number is expected: `in_size[0]` for `in_size`."""
    if not isinstance(value, list) or "number, got [" not in error.message:
        return None
    axes = list(zip(template.entries, value, strict=True)) if isinstance(template, Listing) else [(template, value)]
    for index, (axis, of_axis) in enumerate(axes):
        pairs = zip(axis.entries, of_axis, strict=True) if isinstance(axis, Listing) else [(axis, of_axis)]
        for entry, each in pairs:
            if isinstance(each, list) and isinstance(entry, Formula) and entry.scalar.text.isidentifier():
                return item_hint(entry.scalar.text, index)
    return None


def _infer(layer: Layer, shapes: tuple[Shape, ...]) -> Inferred:
    conditions: list[Condition] = []

    def require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
        if holds is True:
            return
        if isinstance(holds, Relation):
            conditions.append((holds, why().message))
        else:
            raise why()

    layer.require_bounds(require)
    _check_arity(layer, len(shapes))
    try:
        output = layer.output(shapes, require)
        weights, buffers = layer.weights(shapes, output), layer.buffers(shapes, output)
        further = layer.further(shapes, output)
    except Undecidable as error:
        raise LayerError(f"{layer.kind}: {error}", hint="give the symbol a value") from None
    for shape in (output, *weights.values(), *buffers.values(), *further.values()):
        if not all(map(is_possible, shape)):
            raise LayerError(f"{layer.kind}: {IMPOSSIBLE}")
    return Inferred(shapes, output, weights, buffers, further, tuple(conditions))


def is_possible(size: Size) -> bool:
    """Whether a size is below 2^63; of a closed form, whether its factors are."""
    if isinstance(size, Expr):
        return all(abs(factor) < LARGEST_NUMBER for factor in size.terms.values())
    return size < LARGEST_NUMBER


def _check_arity(layer: Layer, count: int) -> None:
    fewest, most = layer.takes
    if count and most == 0:
        raise LayerError(f"{layer.kind} takes no input, got {count}", hint="leave its 'from' out")
    if count < fewest:
        hint = "name the tensors to join: 'from: [x, y]'"
        raise LayerError(f"{layer.kind} needs at least {fewest} inputs, got {count}", hint=hint)
    if most is not None and count > most:
        reads = "one input" if most == 1 else f"at most {most} inputs"
        raise LayerError(f"{layer.kind} takes {reads}, got {count}", hint="join them first: concat or add")


def fault(where: str, error: LayerError, span: Span | None) -> SpecError:
    """A layer's error as a fault at its place: `conv1: …`, without repeating the kind."""
    kind, colon, rest = error.message.partition(": ")
    message = rest if colon and kind in LAYERS else error.message
    return SpecError([Fault(f"{where}: {message}", span, error.hint)])


def _hashable(value: object) -> object:
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    return value if type(value) is int else (type(value).__name__, value)  # 1, True and 1.0 are one key otherwise
