"""The blocks that modules are: `modules/*.yaml`, in the language of specs, of which a network gets those it calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from cnncalc.document.blocks import declare_blocks
from cnncalc.document.reader import Reader
from cnncalc.document.words import Words
from cnncalc.errors import Fault, LibrarySource, Source, SpecError
from cnncalc.importers import supplied
from cnncalc.records import NamedTuple
from cnncalc.source.nodes import Mapping as MappingNode
from cnncalc.source.nodes import Node, Scalar
from cnncalc.source.reading import parse, read

FOLDER = Path(__file__).parent / "modules"
PARTS = "parts_"  # files of blocks that only others call
REPEATS, CHANNELS = "repeats", "channels"  # the parameters that take the row's number and a scaled number of channels

_DEFINITION = r"(?m)^([A-Za-z]\w*)(?:\((.*)\))?:\n((?: .*\n|\n)*)"
_WORD = r"[A-Za-z_]\w*"
_LEVELS = "LEVELS"


class Definition(NamedTuple):
    """One block: its signature and its body as text, where they are this package's own, else as nodes."""

    name: str
    parameters: tuple[str, ...]
    tensors: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    text: str = ""
    node: tuple[Scalar, Node] | None = None

    levelled: bool = False  # whether it reads one tensor a level, of however many there are
    part: bool = False  # whether only other blocks call it, and no row
    keyed: tuple[str, ...] = ()  # of such a block: the parameters that keys of the file give

    @property
    def arguments(self) -> tuple[str, ...]:
        """The parameters that a row's arguments give, in their order."""
        return tuple(name for name in self.parameters if name not in (REPEATS, *self.tensors, *self.keyed))


@cache
def library() -> Mapping[str, Definition]:
    """Name → definition, of all modules that are known."""
    found: dict[str, Definition] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for match in re.finditer(_DEFINITION, path.read_text(encoding="utf-8")):
            name, signature, body = match.groups()
            head = name if signature is None else f"{name}({signature})"
            before, levels, after = (signature or "").partition(_LEVELS)
            names = [part.strip().partition("=") for part in _parameters(before)]
            keyed = tuple(part.strip().partition("=")[0] for part in _parameters(after))
            required = tuple(name for name, equals, _ in names if not equals)
            parameters = (*(name for name, _, _ in names), *keyed)
            text = f"{head}:\n{body.rstrip()}\n"
            found[name] = Definition(
                name, parameters, (), required, text, None, bool(levels), path.stem.startswith(PARTS), keyed
            )
    return found


def module(name: str) -> Definition | None:
    """The definition of a module that a row may name; None if there is none."""
    definition = library().get(name)
    return None if definition is None or definition.part else definition


def _parameters(signature: str) -> list[str]:
    """The parts of a signature between commas that are in no brackets."""
    return [part for part in re.split(r",\s*(?![^(\[]*[)\]])", signature) if part.strip()]


def supplied_blocks() -> dict[str, Definition]:
    """The blocks in the files that were supplied; raises as `read_blocks` and `read` do."""
    return {name: block for file in supplied() for name, block in read_blocks(read(file)).items()}


def read_blocks(source: Source) -> dict[str, Definition]:
    """The blocks of a file that a user supplies: a mapping of signatures and lists of layers, or a spec with `blocks`.

    Raises:
        SpecError: it is not YAML, or a signature is not valid.
    """
    root = parse(source)
    if isinstance(root, MappingNode) and isinstance(inner := root.get("blocks"), MappingNode):
        root = inner
    if not isinstance(root, MappingNode):
        raise SpecError(
            [Fault("expected blocks: a mapping of signatures and layers", root.span, "{Unit(channels): […]}")]
        )
    reader = Reader([], Words())
    declared = declare_blocks(reader, root.entries)
    if reader.faults:
        raise SpecError(reader.faults)
    found = {}
    taken = [block.key for name, block in declared.items() if name in library()]
    if taken:
        message = f"'{taken[0].text.partition('(')[0]}' is a module that is known"
        raise SpecError([Fault(message, taken[0].span, "choose another name, in the model too")])
    for name, block in declared.items():
        signature = block.signature
        required = tuple(each for each, needed in signature.parameters.items() if needed)
        parameters, tensors = tuple(signature.parameters), tuple(sorted(signature.tensors))
        found[name] = Definition(name, parameters, tensors, required, node=(block.key, block.body))
    return found


def of_levels(name: str, count: int, counts: Sequence[int]) -> str:
    """The name of a block that reads so many tensors, of heads that read `counts`: the first have their own names."""
    return name if count == counts[0] else f"{name}{count}"


def blocks_of(
    names: Iterable[str], levels: Sequence[int], given: Mapping[str, Definition], values: Mapping[str, str]
) -> dict[str, tuple[Scalar, Node]]:
    """The blocks with these names and those that they call, as the entries of `blocks` in a spec.

    Args:
        names: of the blocks that rows call.
        levels: how many tensors heads read; blocks with one tensor a level are repeated for each number.
        given: blocks that a user supplies, which take precedence.
        values: words of the library that stand for others: `KERNELS` for those of bottlenecks of YOLOv5 or of YOLOv8.
    """
    known = library()
    needed: dict[str, Definition] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        definition = given.get(name) or known.get(name)
        if definition is None or name in needed:
            continue
        needed[name] = definition
        words = _words(definition)
        waiting += [word for word in words if word in known or word in given]
    own = [each for name, each in known.items() if each.text and needed.get(name) is each]
    texts = [each.text for each in own if not each.levelled]
    levelled = {each.name for each in own if each.levelled}
    for count in levels:
        renamed = {name: of_levels(name, count, levels) for name in levelled}
        texts += [_with_levels(each.text, count, renamed) for each in own if each.levelled]
    entries = _parsed("\n".join(_filled(text, values) for text in texts)) if texts else {}
    entries.update({name: each.node for name, each in needed.items() if each.node})
    return {key.text: (key, body) for key, body in entries.values()}


def _words(definition: Definition) -> list[str]:
    if definition.node is None:
        return re.findall(_WORD, definition.text)
    body = definition.node[1]
    words: list[str] = []
    waiting: list[Node] = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            words += re.findall(_WORD, node.text)
        elif isinstance(node, MappingNode):
            words += node.entries
            waiting += [value for _, value in node.entries.values()]
        else:
            waiting += node.items
    return words


def _with_levels(text: str, levels: int, renamed: Mapping[str, str]) -> str:
    own = [f"tensor p{level}" + "=in" * (level == 0) for level in range(levels)]
    text = text.replace(_LEVELS, ", ".join([*own, f"levels={levels}"]), 1)
    text = re.sub(r"\bPASS\b", ", ".join(f"p{level}: p{level}" for level in range(levels)), text)
    changed = {old: new for old, new in renamed.items() if old != new}
    return re.sub(_WORD, lambda found: changed.get(found[0], found[0]), text) if changed else text


def _filled(text: str, values: Mapping[str, str]) -> str:
    for word, value in values.items():
        text = text.replace(word, value)
    return text


def _parsed(text: str) -> dict[str, tuple[Scalar, Node]]:
    root = parse(LibrarySource("a block of cnncalc", text))
    assert isinstance(root, MappingNode)
    return dict(root.entries)
