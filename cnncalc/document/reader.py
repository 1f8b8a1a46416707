"""The basic steps of reading a spec: collects faults, turns values into templates, and checks names."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from collections.abc import Mapping as MappingOf
from collections.abc import Set as SetOf
from functools import cache

from cnncalc.document.types import Constant, Formula, Listing, Reference, Template
from cnncalc.document.words import Words, is_identifier, is_name
from cnncalc.errors import ExpressionError, Fault, Span
from cnncalc.expression.evaluation import parse
from cnncalc.quantities.decimals import short_decimal
from cnncalc.quantities.numerals import read_percent
from cnncalc.records import EMPTY, Record, replace
from cnncalc.source.reading import Mapping, Node, Scalar, Sequence, trap
from cnncalc.suggest import ask, first_names, nearest

FLOWING = frozenset({"in_channels", "in_size"})
_GAP = r"\{([^{}]*)\}"


class Signature(Record):
    """The parameters of a block, and whether each is required; `readable` is false if its signature is invalid."""

    parameters: dict[str, bool]
    tensors: frozenset[str] = frozenset()  # those that are tensors
    readable: bool = True


class Reader(Record):
    """The context of reading: the faults so far (shared), and the names that an expression may use here."""

    faults: list[Fault]
    words: Words  # literals: kinds of layers, blocks, words of choice fields
    visible: SetOf[str] = frozenset()
    blocks: MappingOf[str, Signature] = EMPTY
    bound: frozenset[str] = frozenset()  # by the enclosing repeats of this block
    tensors: frozenset[str] = frozenset()  # the parameters of this block that are tensors
    defaults: MappingOf[str, Container[str]] = EMPTY  # kind of layer → the fields that `defaults` gives

    def fault(self, message: str, span: Span, hint: str | None = None) -> None:
        """Record one fault and continue."""
        self.faults.append(Fault(message, span, hint))

    def with_names(self, names: Iterable[str]) -> Reader:
        """A reader with more visible names."""
        return replace(self, visible=self.visible | frozenset(names))

    def with_tensors(self, names: Iterable[str]) -> Reader:
        """A reader with more parameters that are tensors, which expressions cannot use."""
        names = frozenset(names)
        return replace(self, visible=self.visible - names, tensors=self.tensors | names)

    def within_repeat(self, names: Iterable[str]) -> Reader:
        """A reader inside a repeat that binds these names."""
        names = frozenset(names)
        return replace(self, visible=self.visible | names, bound=self.bound | names)

    def unknown_names(self, names: frozenset[str]) -> list[str]:
        """The names that are not defined here, sorted."""
        return sorted(name for name in names - self.visible if name not in self.words)

    # --- values ------------------------------------------------------------------------------------------------------

    def template(self, node: Node, what: str, words: frozenset[str] = frozenset()) -> Template | None:
        """A value, or one of the `words` of its field; None, with a fault, if it is neither."""
        if isinstance(node, Sequence):
            entries = [self.template(entry, what, words) for entry in node.items]
            return Listing(tuple(e for e in entries if e is not None), node.span)
        if isinstance(node, Mapping):
            hint = (
                "YAML reads braces as a mapping: quote the expression, or write a list in brackets"
                if node.flow
                else None
            )
            self.fault(f"{what}: expected a value, got a mapping", node.span, hint)
            return None
        if not isinstance(node.value, str) or (node.text in words and node.text not in self.visible):
            return Constant(node.value, node.span)
        return self._formula(node, what)

    def _formula(self, scalar: Scalar, what: str) -> Template | None:
        trapped = None if scalar.quoted or scalar.text in self.visible else trap(scalar)
        if trapped:
            self.faults.append(misread_fault(trapped, scalar, what))
            return None
        if not scalar.text.strip():
            self.fault(f"{what} has no value", scalar.span)
            return None
        if scalar.text.endswith("%") and (share := read_percent(scalar.text)) is not None:
            hint = f"write {short_decimal(share)}"
            self.fault(f"{what}: expected a number, got {scalar.text}", scalar.span, hint)
            return None
        try:
            expression = parse(scalar.text)
        except ExpressionError as error:
            self.faults.append(locate(error, scalar, what))
            return None
        unknown = self.unknown_names(expression.names)
        for name in unknown if scalar.text not in unknown else ():
            self.unknown(name, scalar, what)
        return Formula(expression, scalar, scalar.text.count("(") + scalar.text.count("="))

    def check_bare(self, template: Template | None, what: str) -> None:
        """Report a lone unknown word, which only fields with words of their own may contain."""
        if isinstance(template, Listing):
            for entry in template.entries:
                self.check_bare(entry, what)
        elif isinstance(template, Formula):
            name = template.scalar.text
            if name in self.unknown_names(template.expression.names):
                self.unknown(name, template.scalar, what)

    def unknown(self, name: str, scalar: Scalar, what: str) -> None:
        """Report a name that is not defined here."""
        self.fault(f"{what}: unknown name '{name}'", span_of_name(scalar, name), self._suggest_visible(name))

    def _suggest_visible(self, name: str) -> str | None:
        if name in self.tensors:
            return f"'{name}' is a tensor, not a number: read it with from, concat, add or like"
        near = nearest(name, self.visible) or nearest(name, self.blocks)
        if near:
            return ask(near)
        return (
            f"known here: {first_names(sorted(self.visible))}" if self.visible else "declare the name in 'params' first"
        )

    def value(self, node: Node, what: str) -> Template | None:
        """A value in which every name is defined."""
        template = self.template(node, what)
        self.check_bare(template, what)
        return template

    # --- names and references ----------------------------------------------------------------------------------------

    def reference(self, node: Node, what: str) -> Reference | None:
        """The name of one earlier tensor, possibly with expressions in braces."""
        if isinstance(node, Scalar) and node.text.strip():
            return self._read_reference(node, what)
        hint = "quote a name with braces" if isinstance(node, Mapping) and node.flow else None
        self.fault(f"{what}: expected the name of an earlier layer", node.span, hint)
        return None

    def new_name(self, node: Node) -> Reference | None:
        """The name of an item: letters, digits, _ and -, or with `{expressions}`."""
        if not isinstance(node, Scalar) or not node.text.strip():
            hint = "quote a name with braces" if isinstance(node, Mapping) and node.flow else None
            self.fault("name: expected a name", node.span, hint)
            return None
        name = re.sub(_GAP, "0", node.text) if "{" in node.text else node.text
        if not is_name(name) and not ("{" in node.text) ^ ("}" in node.text):
            shown = node.text if len(node.text) <= 40 else node.text[:39] + "…"
            self.fault(
                f"name: '{shown}' is not a valid name: use letters, digits, _ and -",
                node.span,
                _suggest_identifier(node.text),
            )
            return None
        return self._read_reference(node, "name")

    def _read_reference(self, scalar: Scalar, what: str) -> Reference | None:
        text = scalar.text
        if "{" not in text and "}" not in text:
            return Reference(scalar)
        outside = re.sub(_GAP, lambda gap: " " * len(gap[0]), text)
        stray = max(outside.find("{"), outside.find("}"))
        if stray >= 0:
            self.fault(f"{what}: unmatched '{text[stray]}'", offset(scalar, stray, 1), "write '{expression}'")
            return None
        reads: frozenset[str] = frozenset()
        for gap in re.finditer(_GAP, text):
            try:
                names = parse(gap[1]).names
            except ExpressionError as error:
                error.offset += gap.start(1)
                self.faults.append(locate(error, scalar, what))
                return None
            for name in self.unknown_names(names):
                self.unknown(name, scalar, what)
            reads |= names
        return Reference(scalar, reads)

    def identifier(self, name: str, what: str, span: Span) -> bool:
        """Whether a name can be declared for use in expressions; reports a fault if not."""
        if name in reserved():
            self.fault(f"{what} '{name}': this name is reserved", span, "choose another name")
        elif not is_identifier(name):
            self.fault(
                f"{what} '{name}' is not a valid name: use ASCII letters, digits and _",
                span,
                _suggest_identifier(name, "_"),
            )
        else:
            return True
        return False

    # --- other shapes of nodes ---------------------------------------------------------------------------------------

    def text(self, node: Node, what: str) -> str:
        """Plain text; empty, with a fault, for anything else."""
        if isinstance(node, Scalar):
            return node.text
        self.fault(f"{what}: expected text", node.span, "quote it" if isinstance(node, Mapping) or node.flow else None)
        return ""

    def flag(self, node: Node, what: str) -> bool:
        """A literal true or false."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        if isinstance(node, Scalar) and (trapped := trap(node)):
            self.faults.append(misread_fault(trapped, node, what))
        else:
            self.fault(f"{what}: expected true or false", node.span)
        return False

    def mapping(self, node: Node, what: str, like: str) -> dict[str, tuple[Scalar, Node]]:
        """The entries of a mapping; for anything else, a fault with the example `like`."""
        if isinstance(node, Mapping):
            return node.entries
        if blank(node):
            self.fault(f"{what} has no value", node.span, f"for example {like}")
        else:
            self.fault(f"{what}: expected a mapping", node.span, f"for example {like}")
        return {}


def misread_fault(trapped: str, scalar: Scalar, what: str) -> Fault:
    """The fault of a text that YAML or Python would read as another value; `trapped` is such as `yes: write true`."""
    problem, _, hint = trapped.removeprefix(f"{scalar.text}: ").rpartition(": ")
    hint = hint or problem
    if problem:
        return Fault(f"{what}: {scalar.text}: {problem}", scalar.span, hint)
    expected = "true or false" if hint in ("write true", "write false") else "a number"
    return Fault(f"{what}: expected {expected}, got {scalar.text}", scalar.span, hint)


def blank(node: Node | None) -> bool:
    """Whether a value is omitted."""
    return node is None or (isinstance(node, Scalar) and not node.text.strip())


def span_of_name(scalar: Scalar, name: str) -> Span:
    """The place of a name in a scalar, if its text contains it literally; else the whole scalar."""
    match = re.search(rf"\b{re.escape(name)}\b", scalar.text)
    return offset(scalar, match.start(), len(name)) if match else scalar.span


def offset(scalar: Scalar, start: int, width: int) -> Span:
    """A place within a scalar; the whole scalar if folding or escapes make it uncertain."""
    span = scalar.span
    line = span.source.line(span.line)
    begin = span.column - 1 + (1 if scalar.quoted else 0)
    if line[begin : begin + len(scalar.text)] != scalar.text:
        return span
    return Span(span.source, span.line, begin + start + 1, max(1, width))


def locate(error: ExpressionError, scalar: Scalar, what: str) -> Fault:
    """An expression's error as a fault at its place in the spec."""
    return Fault(f"{what}: {error.message}", offset(scalar, error.offset, error.width), error.hint)


@cache
def reserved() -> frozenset[str]:
    """The names that have a meaning in expressions, and so cannot be declared."""
    from cnncalc.expression.functions import SIGNATURES

    return FLOWING | SIGNATURES.keys() | {"and", "or", "not", "if", "else", "true", "false"}


def _suggest_identifier(text: str, joint: str = "-") -> str | None:
    """The nearest valid name, as a hint; None if there is none."""
    tidy = re.sub(r"[^A-Za-z0-9_]+", joint, text).strip(joint)
    return (
        f"for example {tidy}" if tidy and len(tidy) <= 40 and not tidy[0].isdigit() and tidy not in reserved() else None
    )
