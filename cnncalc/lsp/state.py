"""What is known of an open document: its spec as last read, its networks, its findings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from cnncalc.analysis.report import Report
from cnncalc.budget import BudgetError, grant
from cnncalc.checks.levels import Choice
from cnncalc.checks.rule import Level
from cnncalc.checks.run import Checked, check_faulty, check_spec
from cnncalc.document import read_document
from cnncalc.document.kept import KeptItems
from cnncalc.document.recognition import holds_spec
from cnncalc.errors import CnncalcError, Fault, Source, SpecError
from cnncalc.importers import holds_model
from cnncalc.limits import LARGEST_SPEC
from cnncalc.lsp.items import Items
from cnncalc.lsp.symbols import Occurrence, Signature, occurrences, signatures
from cnncalc.lsp.text import Text
from cnncalc.source.nodes import Node
from cnncalc.source.splicing import LiveTree
from cnncalc.spec import Spec, parse_source


class Memory:
    """What the versions of one document have in common: the YAML tree and the items that no edit has touched.

    It is that of the newest version: the others are not to be asked any more.
    """

    def __init__(self, name: str) -> None:
        self.tree = LiveTree(name)
        self.items = KeptItems()


class State:
    """One version of a document. Nothing is computed before it is asked for; nothing raises."""

    def __init__(
        self,
        uri: str,
        name: str,
        text: Text,
        levels: Mapping[str, Level],
        variant: str | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.uri = uri
        self.name = name
        self._memory = memory or Memory(name)
        self.text = text
        self.variant = variant
        self.last_signatures: dict[str, Signature] = {}  # of the blocks, when the document could last be read
        self._levels = levels

    @cached_property
    def is_spec(self) -> bool:
        """Whether it is a spec at all, or a model that is read as one; other files are left in peace."""
        data = self.text.text.encode("utf-8", "replace")
        return len(data) <= LARGEST_SPEC and (holds_spec(data) or self.is_model)

    @cached_property
    def is_model(self) -> bool:
        """Whether it is a model file of Ultralytics', which has other words than a spec."""
        return holds_model(self.text.text)

    @cached_property
    def scanned(self) -> tuple[Source, Node | None, list[Fault]]:
        """The text under the name that messages use, its YAML tree, if there is one, and the faults in it."""
        return self._memory.tree.scan(self.text.text)

    @property
    def source(self) -> Source:
        """The text under the name that messages use."""
        return self.scanned[0]

    @property
    def root(self) -> Node | None:
        """The root of the YAML tree; None if the text has none."""
        return self.scanned[1] if self.is_spec else None

    @cached_property
    def read(self) -> Spec | SpecError | None:
        """The spec, or its faults; None if there is none, or if reading it is not worth the time."""
        if not self.is_spec:
            return None
        grant()
        try:
            if self.is_model:
                return parse_source(self.source, lambda fault: None)
            source, root, faults = self.scanned
            if root is None:
                return SpecError(faults)
            return Spec(read_document(source, root, faults, None if faults else self._memory.items))
        except SpecError as error:
            return error
        except (CnncalcError, BudgetError):
            return None

    @property
    def spec(self) -> Spec | None:
        """The spec, in the chosen variant; None if it cannot be read."""
        spec = self.read
        if not isinstance(spec, Spec):
            return None
        return spec.at(self.variant) if self.variant in spec.document.variants else spec

    @cached_property
    def report(self) -> Report | None:
        """The report on the network in the chosen variant; None if it cannot be built."""
        spec = self.spec
        grant()
        try:
            return spec.analyze() if spec is not None else None
        except (CnncalcError, BudgetError):
            return None

    @cached_property
    def items(self) -> Items | None:
        """The items of the document, by their places; None if it cannot be read."""
        return Items(self.spec.document) if self.spec is not None else None

    @cached_property
    def signatures(self) -> dict[str, Signature]:
        """Block → its signature."""
        return signatures(self.root) or self.last_signatures

    @cached_property
    def occurrences(self) -> list[Occurrence]:
        """All places of all names."""
        return occurrences(self.root)

    @cached_property
    def checked(self) -> Checked | None:
        """The findings of all rules in all variants, faults included; None if it is no spec."""
        grant()
        choice = Choice(self._levels)
        try:
            if isinstance(self.read, SpecError):
                return check_faulty(self.name, self.read, choice)
            return check_spec(self.read, choice) if self.read is not None else None
        except (CnncalcError, BudgetError):
            return None

    @property
    def first_fault(self) -> int | None:
        """The line of the first fault that keeps the network from being built, from 0; None if there is none."""
        if self.report is not None or self.checked is None:
            return None
        lines = [f.span.line - 1 for f in self.checked.findings if f.span and f.rule == "faulty-spec"]
        return min(lines, default=0)
