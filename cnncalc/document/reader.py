"""The small steps of reading a spec: faults are collected, values become templates, names are held to what is visible."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cnncalc.document.types import Constant, Formula, Listing, Reference, Template
from cnncalc.errors import ExpressionError, Fault, Span
from cnncalc.expression import parse
from cnncalc.source import Mapping, Node, Scalar, Sequence, trap
from cnncalc.suggest import nearest

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
SYMBOL = re.compile(r"[A-Z][0-9]*")
FLOWING = frozenset({"in_channels", "in_size"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Where we are: the faults so far (shared), and the names that an expression may use here."""

    faults: list[Fault]
    words: frozenset[str]  # stand for themselves: kinds of layers, blocks, the words of choice fields
    visible: frozenset[str] = FLOWING
    blocks: dict[str, tuple[str, ...]] = field(default_factory=dict)  # block name → its parameters
    bound: frozenset[str] = frozenset()  # by the surrounding repeats of this block

    def fault(self, message: str, span: Span, hint: str | None = None) -> None:
        """Note one fault and go on."""
        self.faults.append(Fault(message, span, hint))

    def seeing(self, names: Iterable[str]) -> Reader:
        """The same, with more names visible."""
        return replace(self, visible=self.visible | frozenset(names))

    def repeating(self, names: Iterable[str]) -> Reader:
        """The same within a repeat that binds these names."""
        names = frozenset(names)
        return replace(self, visible=self.visible | names, bound=self.bound | names)

    def template(self, node: Node, what: str) -> Template | None:
        """A value; None (and a fault) for what is no value."""
        if isinstance(node, Sequence):
            entries = [self.template(entry, what) for entry in node.items]
            return Listing(tuple(e for e in entries if e is not None), node.span)
        if isinstance(node, Mapping):
            hint = "braces start a mapping in YAML: quote the expression" if node.flow else None
            self.fault(f"{what}: expected a value, got a mapping", node.span, hint)
            return None
        if not isinstance(node.value, str):
            return Constant(node.value, node.span)
        return self._formula(node, what)

    def _formula(self, scalar: Scalar, what: str) -> Template | None:
        trapped = None if scalar.quoted or scalar.text in self.visible else trap(scalar)
        if trapped:
            self.fault(f"{what}: {trapped}", scalar.span)
            return None
        if not scalar.text.strip():
            self.fault(f"{what} has no value", scalar.span)
            return None
        try:
            expression = parse(scalar.text)
        except ExpressionError as error:
            self.faults.append(located(error, scalar, what))
            return None
        unknown = sorted(expression.names - self.visible - self.words)
        for name in unknown if scalar.text not in unknown else ():
            self.fault(f"{what}: unknown name '{name}'", part(scalar, name), self._spelling(name))
        return Formula(expression, scalar)

    def check_bare(self, template: Template | None, what: str) -> None:
        """A lone unknown word, which some fields may read as a word of theirs, is a fault in any other place."""
        if isinstance(template, Formula) and template.scalar.text in template.expression.names - self.visible - self.words:
            name = template.scalar.text
            self.fault(f"{what}: unknown name '{name}'", template.span, self._spelling(name))

    def _spelling(self, name: str) -> str | None:
        found = nearest(name, self.visible)
        return f"did you mean '{found}'?" if found else f"visible here: {', '.join(sorted(self.visible))}"

    def value(self, node: Node, what: str) -> Template | None:
        """A value in which every name is visible."""
        template = self.template(node, what)
        self.check_bare(template, what)
        return template

    def references(self, node: Node, what: str) -> tuple[Reference, ...]:
        """One name or a list of names of earlier tensors."""
        nodes = node.items if isinstance(node, Sequence) else [node]
        found = [self.reference(entry, what) for entry in nodes]
        return tuple(r for r in found if r is not None)

    def reference(self, node: Node, what: str) -> Reference | None:
        """One name of an earlier tensor, or an expression in braces within it."""
        if isinstance(node, Scalar) and node.text.strip():
            return Reference(node.text, node.span)
        hint = "quote a name with braces" if isinstance(node, Mapping) and node.flow else None
        self.fault(f"{what}: expected the name of an earlier layer", node.span, hint)
        return None

    def new_name(self, node: Node, what: str) -> Reference | None:
        """A name that an item is given: letters, digits, _ and -, or with `{expressions}`."""
        reference = self.reference(node, what)
        if reference and "{" not in reference.text and not NAME.fullmatch(reference.text):
            self.fault(f"{what}: '{reference.text}' is no name: letters, digits, _ and - only", reference.span)
            return None
        return reference

    def text(self, node: Node, what: str) -> str:
        """Plain text."""
        if isinstance(node, Scalar):
            return node.text
        self.fault(f"{what}: expected text", node.span)
        return ""

    def flag(self, node: Node, what: str) -> bool:
        """true or false, as a literal."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        trapped = trap(node) if isinstance(node, Scalar) else None
        self.fault(f"{what}: {trapped or 'expected true or false'}", node.span)
        return False

    def mapping(self, node: Node, what: str, like: str) -> dict[str, tuple[Scalar, Node]]:
        """The entries of a mapping; anything else is a fault that shows what it should look like."""
        if isinstance(node, Mapping):
            return node.entries
        if not (isinstance(node, Scalar) and not node.text):
            self.fault(f"{what}: expected a mapping", node.span, f"for example {like}")
        else:
            self.fault(f"{what} has no value", node.span, f"for example {like}")
        return {}


def part(scalar: Scalar, name: str) -> Span:
    """Where a name stands in a scalar, as far as the text shows it plainly."""
    found = re.search(rf"\b{re.escape(name)}\b", scalar.text)
    return offset(scalar, found.start(), len(name)) if found else scalar.span


def offset(scalar: Scalar, start: int, width: int) -> Span:
    """A place within a scalar; the whole scalar where folding or escapes make it uncertain."""
    span = scalar.span
    line = span.source.line(span.line)
    begin = span.column - 1 + (1 if scalar.quoted else 0)
    if line[begin : begin + len(scalar.text)] != scalar.text:
        return span
    return Span(span.source, span.line, begin + start + 1, max(1, width))


def located(error: ExpressionError, scalar: Scalar, what: str) -> Fault:
    """An expression's fault at its place in the spec."""
    return Fault(f"{what}: {error.message}", offset(scalar, error.offset, error.width), error.hint)
