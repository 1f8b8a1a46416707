"""Elaborates a whole network: parameters, inputs, layers, heads, outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cnncalc.budget import spend
from cnncalc.document.types import Document, Formula, Template
from cnncalc.document.words import Words
from cnncalc.elaborate.names import Place
from cnncalc.elaborate.scope import Scope, value_of
from cnncalc.elaborate.unknowns import FixedShapes, own_shapes
from cnncalc.elaborate.walk import Walk
from cnncalc.errors import ExpressionError, Fault, SpecError, UsageError
from cnncalc.expression.evaluation import evaluate
from cnncalc.graph import Graph, Instance, Iteration
from cnncalc.layers.layer import Shape
from cnncalc.quantities.numerals import LARGEST_SIZE
from cnncalc.quantities.shapes import is_symbol
from cnncalc.suggest import with_suggestion
from cnncalc.symbolic import Expr, Size, symbol

STEPS_PER_LAYER = 20
LETTER = r"[A-Za-z][0-9]*"


def elaborate(
    document: Document,
    variant: str | None = None,
    settings: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Shape] | None = None,
) -> Graph:
    """The graph of a document, for one variant, with parameters and inputs overridden.

    Raises:
        SpecError: the spec is invalid; the fault gives the place.
        UsageError: the variant, a parameter or an input does not exist.
    """
    scope = parameters(document, variant, dict(settings or {}))
    sizes = input_shapes(document, scope, inputs)
    own = None
    if inputs and document.inputs:
        own = own_shapes(document, lambda: elaborate(document, variant, settings))
    walk = Walk(document, scope, sizes, FixedShapes(own))
    first = tuple(sizes) if len(sizes) == 1 else ()
    last = walk.items(document.layers, scope.with_values(()), walk.names.top, first)
    outputs = _heads(walk)
    spend(len(walk.nodes.nodes) * STEPS_PER_LAYER, "expanding layers")
    outputs = _outputs(walk) or {**({"output": last[0]} if last else {}), **outputs}
    del walk.names.further  # it refers back; without it, memory is freed at once, without a collection of garbage
    return Graph(
        name=document.name,
        variant=variant,
        inputs=sizes,
        nodes=walk.nodes.in_order(),
        outputs=outputs,
        params=dict(scope),
        conditions=tuple(walk.nodes.conditions),
        written=document.written,
        instances={name: each for name, each in walk.instances if isinstance(each, Instance)},
        sized="in_size" in scope.flowing,
        left_out=walk.left_out.total,
        turns=tuple((name, each.last_after(name)) for name, each in walk.instances if isinstance(each, Iteration)),
    )


def parameters(document: Document, variant: str | None, settings: dict[str, Any]) -> Scope:
    """The spec's parameters: defaults, overridden by the variant, then by the caller; each may use earlier ones."""
    if variant is not None and variant not in document.variants:
        raise UsageError(_unknown_message("variant", variant, document.variants, document.name))
    for name in settings:
        if name not in document.params:
            raise UsageError(_unknown_message("parameter", name, document.params, document.name))
    chosen: dict[str, Template] = {**document.params, **document.variants.get(variant or "", {})}
    scope = Scope({}, Words(document.blocks))
    for name, template in chosen.items():
        scope.bind(
            name,
            _evaluate(name, settings[name], scope) if name in settings else value_of(template, scope, name),
        )
    return scope


def settings_text(document: Document, variant: str | None, given: Mapping[str, Any]) -> str:
    """The parameters of a variant as text: variants with equal texts are one network. Raises as `parameters`."""
    return repr(dict(parameters(document, variant, dict(given))))


class _Open(Scope):
    """A scope in which an otherwise undefined letter is a symbol: `--set width=w`."""

    __slots__ = ()

    def __missing__(self, name: str) -> object:
        try:
            return super().__missing__(name)
        except KeyError:
            if re.fullmatch(LETTER, name):
                return symbol(name)
            raise


def _evaluate(name: str, value: Any, scope: Scope) -> Any:  # noqa: ANN401
    """The value of a parameter set by the caller; text is an expression of earlier parameters."""
    if not isinstance(value, str):
        return value
    try:
        return evaluate(value, _Open(scope, scope.words))
    except ExpressionError as error:
        hint = f" ({error.hint})" if error.hint else ""
        raise UsageError(f"{name}={value}: {error.message}{hint}") from None


def input_shapes(document: Document, scope: Scope, given: Mapping[str, Shape] | None) -> dict[str, Shape]:
    """Input → shape: the spec's, or the caller's if given."""
    if not document.inputs and not given:
        raise UsageError("the spec has no 'input': give one with --input 3x224x224 (API: input=(3, 224, 224))")
    shapes = {
        name: _shape(templates, scope) for name, templates in document.inputs.items() if name not in (given or {})
    }
    shapes.update(given or {})
    return {name: shapes[name] for name in (document.inputs or shapes)}


def _shape(templates: tuple[Template, ...], scope: Scope) -> Shape:
    return tuple(_size(template, scope) for template in templates)


def _size(template: Template, scope: Scope) -> Size:
    text = template.scalar.text if isinstance(template, Formula) else ""
    if text not in scope and is_symbol(text):
        return symbol(text)
    value = value_of(template, scope, "input")
    if isinstance(value, Expr):
        return value
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST_SIZE:
        raise SpecError([Fault(f"input: expected sizes of at least 1, got {value}", template.span)])
    return value


def _heads(walk: Walk) -> dict[str, str]:
    """Walk the heads and return their outputs; training heads have none at inference."""
    outputs: dict[str, str] = {}
    names, top = walk.names, walk.names.top
    for head in walk.document.heads.values():
        scope = walk.scope.with_values(())
        source = names.resolve(head.source, scope, top)
        top.claim(head.name, head.span)
        walk.nodes.training = head.training
        last = walk.items(head.items, scope, top.child(head.name), source)
        walk.nodes.training = False
        names.define(Place(top, head.name, head.name, head.span), last[0])
        if not head.training:
            outputs[head.name] = last[0]
    return outputs


def _outputs(walk: Walk) -> dict[str, str]:
    outputs: dict[str, str] = {}
    for name, reference in walk.document.outputs.items():
        tensors = walk.names.resolve(reference, walk.scope, walk.names.top)
        outputs.update(
            {name: tensors[0]}
            if len(tensors) == 1 and reference.loop is None
            else {tensor: tensor for tensor in tensors}
        )
    return outputs


def _unknown_message(what: str, name: str, known: Mapping[str, object], spec: str) -> str:
    return with_suggestion(f"{spec} has no {what} '{name}'", name, known, f"it has {', '.join(known) or 'none'}")
