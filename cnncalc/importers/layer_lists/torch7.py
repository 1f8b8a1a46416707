"""Turns the modules of Torch7 into a flat list of our layers: containers are walked, each module has its handler."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from cnncalc.errors import Fault, Source, SpecError
from cnncalc.importers.layer_lists.lua import read_modules
from cnncalc.importers.layer_lists.modules import HANDLERS, span, whole
from cnncalc.importers.layer_lists.tracing import INPUT, Tracing
from cnncalc.importers.layer_lists.values import Module
from cnncalc.importers.traced import Traced
from cnncalc.limits import DEEPEST_CONTAINERS, LARGEST_SCRIPT, MOST_SCRIPT_LAYERS
from cnncalc.quantities.shapes import Given, by_name
from cnncalc.source.files import read_file
from cnncalc.suggest import suggest

Flow: TypeAlias = "str | tuple[str, ...]"  # a tensor, or the table of tensors behind a ConcatTable

JOINS = {
    "CAddTable": "add",
    "CMulTable": "multiply",
    "CSubTable": "subtract",
    "CMaxTable": "maximum",
    "JoinTable": "concat",
}
CONTAINERS = ("Sequential", "Concat", "DepthConcat", "ConcatTable", "ParallelTable")


def read_lua(path: Path | str, inputs: Given | None = None) -> Traced:
    """Read the network that a script of Torch7 makes by `net:add(nn.…)`, as text.

    Args:
        path: path of the file.
        inputs: the input shape without the batch, which such a script does not say.

    Raises:
        UsageError: the file cannot be read.
        SpecError: no input is given, or the text has faults or control flow; the fault holds the place.
    """
    path = Path(path)
    text = read_file(path, LARGEST_SCRIPT, "a layer list").decode("utf-8-sig", "replace")
    return trace(Source(str(path), text), inputs)


def trace(source: Source, wanted: Given | None = None) -> Traced:
    """Trace the network of a text; raises as `read_lua` does."""
    network = read_modules(source)
    if wanted is None:
        hint = "Torch7 does not say it: give --input 3x224x224"
        raise SpecError([Fault("the size of the input is not known", span(network), hint)])
    (shape,) = by_name(wanted, [INPUT], source.name).values()
    walk = _Walk(Tracing(shape))
    output = walk.run(network, INPUT)
    if not isinstance(output, str) or not walk.trace.nodes:
        raise SpecError([Fault("the network ends with a table, or has no layers", span(network))])
    return walk.trace.whole(Path(source.name).stem, output, "From a layer list of Torch7.")


class _Walk:
    """Runs tensors through modules; a module that is added twice has one set of weights."""

    def __init__(self, trace: Tracing) -> None:
        self.trace = trace
        self.owners: dict[int, str] = {}
        self.depth = self.runs = 0

    def run(self, module: Module, flow: Flow) -> Flow:
        """What leaves a module."""
        self.runs += 1
        if self.runs > MOST_SCRIPT_LAYERS:
            raise SpecError([Fault(f"more than {MOST_SCRIPT_LAYERS:,} layers and containers", span(module))])
        self.depth += 1
        if self.depth > DEEPEST_CONTAINERS:
            message = f"containers nested more than {DEEPEST_CONTAINERS} deep"
            raise SpecError([Fault(message, span(module))])
        leaving = self._contain(module, flow) if module.name in CONTAINERS else self._layer(module, flow)
        self.depth -= 1
        return leaving

    def _contain(self, module: Module, flow: Flow) -> Flow:
        if module.name == "Sequential":
            for child in module.children:
                flow = self.run(child, flow)
            return flow
        if module.name == "ParallelTable":
            if isinstance(flow, str) or len(flow) != len(module.children):
                raise SpecError([Fault("ParallelTable needs one tensor for each of its modules", span(module))])
            parts = [self.run(child, part) for child, part in zip(module.children, flow, strict=True)]
        else:
            parts = [self.run(child, flow) for child in module.children]
        tensors = tuple(part for part in parts if isinstance(part, str))
        if len(tensors) != len(parts) or not tensors:
            raise SpecError([Fault(f"{module.name} needs modules that each give one tensor", span(module))])
        return tensors if module.name.endswith("Table") else self._join(module, "concat", tensors)

    def _join(self, module: Module, kind: str, tensors: tuple[str, ...]) -> str:
        """Tensors as one: a concatenation is of the channels, which are dimension 1, or 2 behind the batch."""
        if kind == "concat" and whole(module, 0) > 2:
            raise SpecError([Fault(f"{module.name}({whole(module, 0)}): only channels are joined", span(module))])
        return tensors[0] if len(tensors) == 1 else self.trace.add(span(module), kind, {}, *tensors)

    def _layer(self, module: Module, flow: Flow) -> str:
        if module.name in JOINS:
            if isinstance(flow, str):
                raise SpecError([Fault(f"{module.name} needs a table, such as that of ConcatTable", span(module))])
            return self._join(module, JOINS[module.name], flow)
        handler = HANDLERS.get(module.name)
        if handler is None:
            hint = suggest(module.name, (*HANDLERS, *JOINS, *CONTAINERS), "it is not among the modules that are read")
            raise SpecError([Fault(f"unknown module {module.package}.{module.name[:60]}", span(module), hint)])
        if not isinstance(flow, str):
            raise SpecError([Fault(f"{module.name} needs one tensor, but a table flows in", span(module))])
        return self._shared(module, handler(module, self.trace, flow))

    def _shared(self, module: Module, tensor: str) -> str:
        """Let the layer of a module that stands here again use the weights of the first."""
        nodes = self.trace.nodes
        if nodes and nodes[-1].name == tensor:
            owner = self.owners.setdefault(id(module), tensor)
            if owner != tensor:
                nodes[-1] = nodes[-1]._replace(shares=owner)
        return tensor
