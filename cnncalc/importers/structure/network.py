"""One way to structure a network: its levels, the parts that become blocks, and the sections of the spec."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from cnncalc.importers.structure.block import Block
from cnncalc.importers.structure.blocks import CONTAINERS, Blocks, parts_within
from cnncalc.importers.structure.compose import Composer
from cnncalc.importers.structure.concats import shorten_concats
from cnncalc.importers.structure.elements import Elements, Part
from cnncalc.importers.structure.guesses import Guesses
from cnncalc.importers.structure.levels import Levels
from cnncalc.importers.structure.patterns import Patterns
from cnncalc.importers.structure.titles import block_name, item_name
from cnncalc.importers.structure.trunk import Trunk
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.flat import input_names, layer_arguments, preface, tensor_shapes
from cnncalc.importers.writing.manners import written_section
from cnncalc.importers.writing.words import as_name
from cnncalc.layers import LAYERS
from cnncalc.records import NamedTuple
from cnncalc.writer import Data


class Choices(NamedTuple):
    """What a structure may differ in, as module paths: parts that do not become blocks, levels that may have several
    inputs or outputs; and whether parts of containers (`nn.Sequential`) may become blocks.
    """

    dissolved: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()
    containers: bool = False


class Structure:
    """A network while it is structured, by these choices."""

    def __init__(self, traced: Traced, choices: Choices) -> None:
        self.traced = traced
        self.choices = choices
        self.refused: set[str] = set()  # levels with several inputs or outputs that the choices do not allow
        self._shapes = tensor_shapes(traced)
        self._arguments = layer_arguments(traced)
        self._names = input_names(traced)
        self._taken: set[str] = {*self._names.values()}
        self._blocks = Blocks(traced.modules, self._title, choices.dissolved, choices.containers)

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks, inner ones first."""
        return self._blocks.blocks

    def guessed(self) -> Iterator[Block]:
        """The blocks that are not classes of the user's, outer ones first."""
        modules = self.traced.modules
        classes = {path for path, name in modules.items() if name not in CONTAINERS}
        return (block for block in reversed(self._blocks.blocks) if not block.places & classes)

    def spec(self) -> dict[str, Data]:
        """The whole spec, as plain data."""
        nodes = shorten_concats(self.traced.nodes)
        main = [node for node in nodes if not node.training]
        heads: dict[str, list[TracedNode]] = {}
        for node in nodes:
            if node.training:
                heads.setdefault(node.name.partition(".")[0], []).append(node)
        leaving = [*self.traced.outputs.values(), *(nodes[0].inputs[0] for nodes in heads.values())]
        trunk = self._elements(main, leaving)
        sides = {as_name(name): self._elements(nodes, [nodes[-1].name]) for name, nodes in heads.items()}
        self._taken.update(sides)
        if not any(True for elements in (trunk, *sides.values()) for _ in parts_within(elements)):
            guesses = Guesses(self._readers(nodes, leaving))
            trunk, sides = guesses.parts(trunk), {name: guesses.parts(elements) for name, elements in sides.items()}
        self._blocks.make([part for elements in (trunk, *sides.values()) for part in parts_within(elements)])
        return self._compose(trunk, sides, main[-1].name if main else "")

    def _elements(self, nodes: Sequence[TracedNode], leaving: Sequence[str]) -> Elements:
        levels = Levels(nodes, self._arguments, self._shapes, self.choices.several)
        elements = levels.elements(leaving)
        self.refused |= levels.refused
        return elements

    def _readers(self, nodes: Sequence[TracedNode], leaving: Sequence[str]) -> Counter[str]:
        """How often every tensor is read, including as an output or for its layer's weights."""
        readers = Counter(leaving)
        for node in nodes:
            readers.update(node.inputs)
            for named in (*filter(None, [node.shares]), *[node.name] * bool(node.further)):
                readers[named] += 2  # a layer that is named must not be part of a guessed block
        return readers

    def _title(self, module: str, parts: Sequence[Part]) -> str:
        return block_name(module, parts, {block.name for block in self._blocks.blocks})

    def _compose(self, trunk: Elements, sides: Mapping[str, Elements], last: str) -> dict[str, Data]:
        """The sections, composed twice: first to learn which tensors are referred to, then with names for these."""
        trunk_builder = Trunk(len(self.traced.nodes), self._unique, frozenset(sides))
        inputs = list(self.traced.inputs)
        main = trunk_builder.patterns(trunk, inputs[0] if len(inputs) == 1 else "")
        starts = {name: elements[0].reads for name, elements in sides.items()}
        heads = {name: trunk_builder.patterns(elements, starts[name]) for name, elements in sides.items()}
        composer = Composer(self._unique, self.traced.further)
        self._sections(composer, main, heads, starts, last)
        composer.names.update(self._names)
        for section in (main, *heads.values()):
            composer.name(section)
        return self._sections(composer, main, heads, starts, last)

    def _sections(
        self,
        composer: Composer,
        main: Patterns,
        heads: Mapping[str, Patterns],
        starts: Mapping[str, str],
        last: str,
    ) -> dict[str, Data]:
        outputs = self.traced.outputs
        spec = preface(self.traced)
        layers = composer.items(main, next(iter(self.traced.inputs)) if len(self.traced.inputs) == 1 else None)
        used = self._blocks.blocks
        if used:
            spec["blocks"] = {block.head: block.items for block in used}
        spec["layers"] = layers
        if heads:
            spec["heads"] = {
                name: {
                    "from": composer.refer(starts[name], ()),
                    "training": True,
                    "layers": composer.items(head, starts[name], (name,)),
                }
                for name, head in heads.items()
            }
        if dict(outputs) != {"output": last}:
            spec["outputs"] = {as_name(name): composer.refer(tensor, ()) for name, tensor in outputs.items()}
        return {**spec, **written_section(self.traced.written)}

    def _unique(self, path: str) -> str:
        name = item_name(path, self._taken, {*LAYERS, *(block.name for block in self._blocks.blocks)})
        self._taken.add(name)
        return name
