"""What is known of an open document: its spec as last read, its networks, its findings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import PurePath

from cnncalc.analysis.report import Report
from cnncalc.budget import BudgetError, grant
from cnncalc.checks.levels import Choice
from cnncalc.checks.rule import Level
from cnncalc.checks.run import Checked, check_faulty, check_spec
from cnncalc.document import read_document
from cnncalc.document.kept import KeptItems
from cnncalc.document.recognition import holds_spec
from cnncalc.document.spec import SECTIONS
from cnncalc.errors import CnncalcError, Fault, Source, SpecError
from cnncalc.importers import holds_model
from cnncalc.limits import LARGEST_SPEC
from cnncalc.lsp.foreign import FORMATS, Format, Network, format_of, read_network
from cnncalc.lsp.items import Items
from cnncalc.lsp.symbols import Occurrence, Signature, occurrences, signatures
from cnncalc.lsp.text import Text
from cnncalc.source.nodes import Node
from cnncalc.source.reading import top_keys
from cnncalc.source.splicing import LiveTree
from cnncalc.spec import Spec, parse_source

LARGEST_JSON = 1 << 18  # bytes of a JSON file that is parsed to see whether it is a spec
_OF_OTHERS = frozenset(each.suffix for each in FORMATS)


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
        language: str = "yaml",
    ) -> None:
        self.uri = uri
        self.name = name
        self._memory = memory or Memory(name)
        self.text = text
        self.variant = variant
        self.language = language
        self.last_signatures: dict[str, Signature] = {}  # of the blocks, when the document could last be read
        self._levels = levels

    @cached_property
    def is_spec(self) -> bool:
        """Whether it is a spec at all, or a model that is read as one; other files are left in peace."""
        data = self.text.text.encode("utf-8", "replace")
        if len(data) > LARGEST_SPEC:
            return False
        if self.is_foreign:
            return True
        suffix = PurePath(self.name).suffix.lower()
        if suffix == ".json" or self.language in ("json", "jsonc"):  # many tools have files with a key `layers`
            return len(data) <= LARGEST_JSON and {"input", "layers"} <= set(top_keys(self.text.text))
        return suffix not in _OF_OTHERS and holds_spec(data)

    @cached_property
    def is_model(self) -> bool:
        """Whether it is a model file of Ultralytics', which has other words than a spec."""
        return holds_model(self.text.text)

    @cached_property
    def format(self) -> Format | None:
        """The format, if it is a network of Caffe's, Darknet's or Keras's."""
        return format_of(self.name, self.language, self.text.text)

    @property
    def is_foreign(self) -> bool:
        """Whether it is a network in the words of another tool: it has hints and diagnostics, and nothing else."""
        return self.format is not None or self.is_model

    @cached_property
    def is_own(self) -> bool:
        """Whether it is a spec in our words."""
        return self.is_spec and not self.is_foreign

    @cached_property
    def may_become_spec(self) -> bool:
        """Whether it is a spec in our words, or as yet only has sections of one, the line being typed aside."""
        if self.is_spec or self.is_foreign or PurePath(self.name).suffix.lower() in _OF_OTHERS:
            return self.is_own
        keys = (re.match(r"([^\s#-][^:]*):", self.text.line(number)) for number in range(self.text.lines))
        return all(key[1] in SECTIONS for key in keys if key)

    @cached_property
    def scanned(self) -> tuple[Source, Node | None, list[Fault]]:
        """The text under the name that messages use, its YAML tree, if there is one, and the faults in it."""
        if self.format is not None:
            text = self.text.text.replace("\r\n", "\n")
            return Source(self.name, f" {text[1:]}" if text.startswith("\ufeff") else text), None, []
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
    def network(self) -> Network | SpecError | None:
        """What is read of a network in another format, or its faults; None of a spec, or if it takes too long."""
        if not self.is_spec or self.format is None:
            return None
        grant()
        try:
            return read_network(self.format.package, self.source)
        except SpecError as error:
            return error
        except (CnncalcError, BudgetError):
            return None

    @cached_property
    def read(self) -> Spec | SpecError | None:
        """The spec, or its faults; None if there is none, or if reading it is not worth the time."""
        if not self.is_spec:
            return None
        if self.format is not None:
            return self.network.spec if isinstance(self.network, Network) else self.network
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
    def lines_of_blocks(self) -> range:
        """The lines of the section of blocks."""
        numbers = range(self.text.lines)
        first = next((number for number in numbers if self.text.line(number).startswith("blocks")), None)
        if first is None:
            return range(0)
        below = numbers[first + 1 :]
        return range(first, next((number for number in below if re.match(r"\w", self.text.line(number))), len(numbers)))

    @property
    def first_fault(self) -> int | None:
        """The line of the first fault that keeps the network from being built, from 0; None if there is none."""
        if self.report is not None or self.checked is None:
            return None
        lines = [f.span.line - 1 for f in self.checked.findings if f.span and f.rule == "faulty-spec"]
        return min(lines, default=0)
