"""A traced network as a person would write it: blocks for what is alike, residuals, branches, repeats.

levels ─▶ chains ─▶ elements ─▶ patterns ─▶ unify ─▶ parameters ─▶ conditions ─▶ blocks ─▶ compose ─▶ repeats
  names as parts      what forks and joins      what is alike          what differs           items
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from cnncalc.importers.structure.block import Block
from cnncalc.importers.structure.blocks import Blocks, parts_within
from cnncalc.importers.structure.chains import Unfit
from cnncalc.importers.structure.compose import Composer
from cnncalc.importers.structure.concats import shortened
from cnncalc.importers.structure.elements import Elements, Part
from cnncalc.importers.structure.guesses import Guesses
from cnncalc.importers.structure.levels import Levels
from cnncalc.importers.structure.patterns import Patterns
from cnncalc.importers.structure.titles import block_name, item_name
from cnncalc.importers.structure.trunk import Trunk
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.flat import input_names, layer_arguments, preface, tensor_shapes
from cnncalc.importers.writing.words import as_name
from cnncalc.layers import LAYERS
from cnncalc.writer import Data, write

__all__ = ["Unfit", "structured_spec"]

PAYS = 4  # lines that a guessed block has to save, and as many for everything in it that is not always there


def structured_spec(traced: Traced) -> dict[str, Data]:
    """The spec of a traced network, as plain data, without guessed blocks that do not pay.

    Raises:
        Unfit: what has been found cannot be written so.
        UsageError: something in it that a spec cannot say.
    """
    if any(not node.inputs for node in traced.nodes):
        raise Unfit  # a layer that reads nothing is in no chain
    best = _Structure(traced, frozenset())
    spec = best.spec()
    tried: set[frozenset[str]] = set()
    while (block := next((b for b in best.guessed() if b.places not in tried), None)) is not None:
        tried.add(block.places)
        without = _Structure(traced, best.dissolved | block.places)
        with suppress(Unfit):
            plainer = without.spec()
            if _lines(plainer) - _lines(spec) < PAYS + PAYS * block.switches:
                best, spec = without, plainer
    return spec


def _lines(spec: dict[str, Data]) -> int:
    return write(spec).count("\n")


class _Structure:
    """The network on its way; the places in `dissolved` are to be no blocks."""

    def __init__(self, traced: Traced, dissolved: frozenset[str]) -> None:
        self.traced = traced
        self.dissolved = dissolved
        self._shapes = tensor_shapes(traced)
        self._arguments = layer_arguments(traced)
        self._names = input_names(traced)
        self._taken: set[str] = {*self._names.values()}
        self._blocks = Blocks(traced.modules, self._title, dissolved)

    def guessed(self) -> Iterator[Block]:
        """The blocks that are no classes of the user's, those around others first."""
        return (block for block in reversed(self._blocks.found) if not block.places & self.traced.modules.keys())

    def spec(self) -> dict[str, Data]:
        """All of it."""
        nodes = shortened(self.traced.nodes)
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
        return self._written(trunk, sides, main[-1].name if main else "")

    def _elements(self, nodes: Sequence[TracedNode], leaving: Sequence[str]) -> Elements:
        return Levels(nodes, self._arguments, self._shapes).elements(leaving)

    def _readers(self, nodes: Sequence[TracedNode], leaving: Sequence[str]) -> Counter[str]:
        """How often every tensor is read, as an output or for its layer's weights too."""
        found = Counter(leaving)
        for node in nodes:
            found.update(node.inputs)
            if node.shares is not None:
                found[node.shares] += 2  # what is named stands by itself
        return found

    def _title(self, module: str, parts: Sequence[Part]) -> str:
        return block_name(module, parts, {block.name for block in self._blocks.found})

    def _written(self, trunk: Elements, sides: Mapping[str, Elements], last: str) -> dict[str, Data]:
        """The sections: composed once to learn what is referred to, and once more with the names for that."""
        once = Trunk(len(self.traced.nodes), self._unique, frozenset(sides))
        inputs = list(self.traced.inputs)
        main = once.patterns(trunk, inputs[0] if len(inputs) == 1 else "")
        starts = {name: elements[0].reads for name, elements in sides.items()}
        heads = {name: once.patterns(elements, starts[name]) for name, elements in sides.items()}
        composer = Composer(self._unique)
        self._sections(composer, main, heads, starts, last)
        composer.names.update(self._names)
        for found in (main, *heads.values()):
            composer.name(found)
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
        used = self._blocks.found
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
        return spec

    def _unique(self, path: str) -> str:
        name = item_name(path, self._taken, {*LAYERS, *(block.name for block in self._blocks.found)})
        self._taken.add(name)
        return name
