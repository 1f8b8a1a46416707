"""Reads `expect:`, the expectations of a spec on its network, which `cnncalc check` verifies.

A bound is exact (`60965224`), `at most 730M`, `at least 195`, or `4.09G +/- 1%` (also `±`, `<=`, `<`; `>=`, `>` if
quoted). A mapping gives a figure per variant (`default`: the spec without a variant), `output` and `receptive_field`
per output, `flops` per convention, `time` per device. Any other key names a layer or a block; `at` gives inputs other
than the spec's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from collections.abc import Mapping as MappingOf
from fractions import Fraction
from typing import Literal, TypeAlias

from cnncalc.document.inputs import read_shape
from cnncalc.document.reader import Reader, offset
from cnncalc.document.types import (
    At,
    Bound,
    Expectation,
    ExpectedField,
    ExpectedFit,
    ExpectedShape,
    ExpectedTime,
    Formula,
    Template,
    Where,
)
from cnncalc.names import CONVENTIONS
from cnncalc.quantities.amounts import AMOUNT, amount, in_bytes, nearest_amount, read_amount, without_bytes
from cnncalc.quantities.shapes import is_symbol, named_pieces
from cnncalc.source.reading import Mapping, Node, Scalar, Sequence
from cnncalc.source.traps import trap
from cnncalc.suggest import ask, nearest, suggest

OF_LAYERS = ("output", "params", "trainable", "macs", "flops", "receptive_field", "activation_memory", "fits")
FIGURES = (*OF_LAYERS[:-2], "peak_memory", *OF_LAYERS[-2:], "time")
BYTES = ("peak_memory", "activation_memory")
AT = "at"
PIXELS: Literal["pixels"] = "pixels"
DEFAULT = "default"  # the spec without a variant
TOOLS = tuple(dict.fromkeys(name.partition("@")[0] for name in CONVENTIONS))
_BOUND = r"(?P<sign>at most|at least|<=|>=|≤|≥|<|>)?\s*{}(?:\s*(?:\+/-|±)\s*(?P<spread>[0-9]+(?:\.[0-9]+)?)\s*%)?"
BOUND = _BOUND.format(AMOUNT)  # compiled on first use: most bounds are plain numbers
Inputs: TypeAlias = "MappingOf[str, tuple[Template, ...]]"
Must: TypeAlias = "Bound | ExpectedShape | ExpectedField | ExpectedFit | ExpectedTime"
LIKE = "write a number, 'at most 730M', 'at least 195' or '4.09G +/- 1%'"


def read_expectations(reader: Reader, node: Node, variants: Collection[str], inputs: Inputs) -> tuple[Expectation, ...]:
    """All expectations of a spec with these variants and inputs, in source order."""
    return tuple(_Expectations(reader, variants, inputs).of(node, Where(), "expect"))


class _Expectations:
    """The walk through `expect`; `what` in its messages is the path of keys."""

    def __init__(self, reader: Reader, variants: Collection[str], inputs: Inputs) -> None:
        self.reader = reader
        self.variants = variants
        self.inputs = inputs
        self.symbols = _symbols(reader, inputs)

    def of(self, node: Node, where: Where, what: str) -> Iterator[Expectation]:
        """The expectations on the network, on a layer, or at an input."""
        entries = self.reader.mapping(node, what, "{params: at most 5M, output: [1000]}")
        if isinstance(node, Mapping) and not entries:
            self.reader.fault(f"{what}: expected at least one figure", node.span, "add a figure: {params: at most 5M}")
        for name, (key, value) in entries.items():
            if name in (OF_LAYERS if where.layer else FIGURES):
                yield from self._figure(name, value, where, f"{what}: {name}")
            elif name == AT and where == Where():
                yield from self._at(value)
            elif where.layer is None and isinstance(value, Mapping) and _is_layer(value):
                yield from self.of(value, where._replace(layer=key), f"{what}: {name}")
            elif name in FIGURES:
                self.reader.fault(
                    f"{what}: {name} applies only to the whole network", key.span, "move it out of the layer"
                )
            else:
                self._report_unknown_figure(key, what)

    def _report_unknown_figure(self, key: Scalar, what: str) -> None:
        has = f"expect takes {', '.join(FIGURES)}, or the name of a layer"
        hint = suggest(key.text, (*FIGURES, AT), has)
        self.reader.fault(f"{what}: unknown figure '{key.text}'", key.span, hint)

    def _at(self, node: Node) -> Iterator[Expectation]:
        """`{3x227x227: {output: [1000]}}`: expectations at inputs of other sizes."""
        entries = self.reader.mapping(node, "expect: at", "{3x227x227: {output: [1000]}}")
        if isinstance(node, Mapping) and not entries:
            self.reader.fault(
                "expect: at: expected at least one input", node.span, "add an input: {3x227x227: {output: [1000]}}"
            )
        for text, (key, value) in entries.items():
            if inputs := self._inputs(key):
                self.symbols |= _symbols(self.reader, inputs)
                yield from self.of(value, Where(at=At(inputs, key)), f"expect: at {text}")

    def _inputs(self, key: Scalar) -> dict[str, tuple[Template, ...]]:
        """The input that a key gives: `3x227x227`, or `image=3x64x64, mask=1x64x64` for several."""
        names = list(self.inputs)
        pieces = list(named_pieces(key.text))
        if not pieces and len(names) > 1:
            like = ", ".join(f"{name}=3x64x64" for name in names)
            self.reader.fault("expect: at: the network has several inputs", key.span, f'name each: "{like}"')
            return {}
        if not pieces:
            return {names[0] if names else "input": read_shape(self.reader, key, "expect: at")}
        shapes = {}
        for name, (text, start) in pieces:
            if name not in names:
                hint = suggest(name, names, f"it has {', '.join(names)}")
                self.reader.fault(f"expect: at: no input named '{name}'", key.span, hint)
            span = offset(key, start, len(text))
            shapes[name] = read_shape(self.reader, Scalar(text, span, False, text), "expect: at")
        return shapes

    # --- one figure --------------------------------------------------------------------------------------------------

    def _figure(self, figure: str, node: Node, where: Where, what: str) -> Iterator[Expectation]:
        """The expectations on a figure: a value, or values by variant, output or convention, possibly nested."""
        if not isinstance(node, Mapping):
            must = self._time(node, where, what) if figure == "time" else self._expected_value(figure, node, what)
            if must is not None:
                yield Expectation(figure, must, where)
            return
        if not node.entries:
            like = "write {rtx4090: at most 2ms}" if figure == "time" else LIKE
            self.reader.fault(f"{what} has no value", node.span, like)
        for text, (key, value) in node.entries.items():
            inner = self._narrow(figure, key, where)
            if inner is None:
                self._report_unknown_key(figure, key, what)
            else:
                yield from self._figure(figure, value, inner, f"{what}: {text}")

    def _narrow(self, figure: str, key: Scalar, where: Where) -> Where | None:
        """`where` narrowed by a key below a figure; None if the key names nothing."""
        if where.variant is None and (key.text == DEFAULT or key.text in self.variants):
            return where._replace(variant=key.text)
        if figure == "time" and where.device is None:
            return where._replace(device=key)
        if figure == "flops" and where.convention is None and key.text.partition("@")[0] in TOOLS:
            return where._replace(convention=key)
        by_output = figure in ("output", "receptive_field") and where.layer is None
        if by_output and where.output is None and key.text not in self.variants and key.text != DEFAULT:
            return where._replace(output=key)  # outputs exist only for the whole network
        return None

    def _report_unknown_key(self, figure: str, key: Scalar, what: str) -> None:
        tools = TOOLS if figure == "flops" else ()
        known = (*self.variants, *tools)
        kinds = "variant or convention" if tools else "variant"
        hint = suggest(key.text, known, f"it has {', '.join(known) or 'none'}")
        self.reader.fault(f"{what}: no {kinds} named '{key.text}'", key.span, hint)

    def _expected_value(self, figure: str, node: Node, what: str) -> Must | None:
        if figure == "output":
            return self._shape(node, what)
        if figure == "fits":
            return ExpectedFit(self._fit(node, what), node.span)
        several = figure == "receptive_field" and isinstance(node, Sequence) and node.items
        bounds = [_bound(each) for each in (several or [node])]
        if None in bounds:
            also = ", or one per axis: [11, 5]" if figure == "receptive_field" else ""
            hint = LIKE + also + next(filter(None, map(_nearest_bound, several or [node])), "")
            self.reader.fault(f"{what}: expected a number or a bound", node.span, hint)
            return None
        if figure not in BYTES:
            for each in several or [node]:
                self._refuse_bytes(each, what)
        known = tuple(bound for bound in bounds if bound is not None)
        return ExpectedField(known, node.span) if figure == "receptive_field" else known[0]

    def _time(self, node: Node, where: Where, what: str) -> ExpectedTime | None:
        from cnncalc.document.expected_times import device_of, read_time

        if where.device is None:
            like = "name the device: {rtx4090: at most 2ms}"
            self.reader.fault(f"{what}: on which device?", node.span, like)
            return None
        device = device_of(self.reader, where.device, "expect: time")
        return None if device is None else read_time(self.reader, node, device, what)

    def _fit(self, node: Node, what: str) -> bool | Literal["pixels"]:
        if isinstance(node, Scalar) and not isinstance(node.value, bool) and trap(node) is None:
            if node.text != PIXELS:
                hint = suggest(node.text, (PIXELS,), "true: every stride fits exactly; pixels: none drops a pixel")
                self.reader.fault(f"{what}: expected true, false or {PIXELS}, got '{node.text}'", node.span, hint)
            return PIXELS
        return self.reader.flag(node, what)

    def _refuse_bytes(self, node: Node, what: str) -> None:
        """Report a unit of bytes for a figure that is not memory; a lone B most likely means billions."""
        text = node.text.strip() if isinstance(node, Scalar) else ""
        match = re.fullmatch(BOUND, text) if "B" in text else None
        if match and in_bytes(match["scale"]):
            end = match.end("scale")
            hint = f"write {without_bytes(text[:end], text[end:])}"
            self.reader.fault(f"{what}: expected a count, not bytes, got '{text}'", node.span, hint)

    def _shape(self, node: Node, what: str) -> ExpectedShape:
        """The sizes of an output, which may contain the symbols of the inputs."""
        shape = ExpectedShape(read_shape(self.reader.with_names(self.symbols), node, what), node.span)
        for size in shape.sizes:
            text = size.scalar.text if isinstance(size, Formula) else ""
            if is_symbol(text) and text not in self.symbols | self.reader.visible:
                hint = f"it has {', '.join(sorted(self.symbols))}" if self.symbols else "write a number"
                self.reader.fault(f"{what}: the input has no symbol {text}", size.span, hint)
        return shape


def _is_layer(node: Mapping) -> bool:
    """Whether a mapping below an unknown key may be the expectations on a layer: it names figures."""
    return not node.entries or any(key in FIGURES or nearest(key, FIGURES) for key in node.entries)


def _symbols(reader: Reader, inputs: Inputs) -> frozenset[str]:
    sizes = [size.scalar.text for shape in inputs.values() for size in shape if isinstance(size, Formula)]
    return frozenset(text for text in sizes if is_symbol(text) and text not in reader.visible)


def _nearest_bound(node: Node) -> str:
    """A suggestion with the nearest valid spelling of the bound; empty if there is none."""
    match = re.fullmatch(_BOUND.format("(?P<amount>.+?)"), node.text.strip()) if isinstance(node, Scalar) else None
    near = nearest_amount(match["amount"]) if match else None
    if match is None or near is None:
        return ""
    start, end = match.span("amount")
    return f": {ask(match.string[:start] + near + match.string[end:])}"


def _bound(node: Node) -> Bound | None:
    if not isinstance(node, Scalar) or len(node.text) > 80:
        return None
    text = node.text.strip()
    if text.isdecimal() and (plain := read_amount(text)):
        return Bound(plain, plain, node.span, text)
    match = re.fullmatch(BOUND, text)
    number = match and amount(match)
    if match is None or number is None:
        return None
    spread = number * Fraction(match["spread"] or 0) / 100
    sign = match["sign"] or ""
    low = None if sign in ("at most", "<=", "≤", "<") else number - spread
    high = None if sign in ("at least", ">=", "≥", ">") else number + spread
    if sign == ">":  # figures are integers: use the next one above, or below
        low = Fraction(number // 1 + 1)
    if sign == "<":
        high = Fraction(-(-number // 1) - 1)
    return Bound(low, high, node.span, text)
