"""Writes a traced network as one flat list of layers, named by module paths where these add to the layer's kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from cnncalc.errors import UsageError
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.arguments import Arguments, written_arguments
from cnncalc.importers.writing.items import item
from cnncalc.importers.writing.manners import written_section
from cnncalc.importers.writing.words import as_name, has_weights, is_redundant, unique
from cnncalc.layers.layer import Shape
from cnncalc.quantities.shapes import is_symbol
from cnncalc.symbolic import Expr, Size, render
from cnncalc.writer import Data

ABOUT = ("source", "year", "task", "description")


def flat_spec(traced: Traced) -> dict[str, Data]:
    """The spec of a traced network, as plain data.

    Raises:
        UsageError: the network has something that a spec cannot express.
    """
    written = Flat(traced)
    main = [node for node in traced.nodes if not node.training]
    heads: dict[str, list[TracedNode]] = {}
    for node in traced.nodes:
        if node.training:
            heads.setdefault(node.name.partition(".")[0], []).append(node)
    names = unique_names([as_name(head) for head in heads], set(written.inputs.values()))
    written.name(main, names)
    spec = preface(traced)
    spec["layers"] = written.items(main, next(iter(traced.inputs)) if len(traced.inputs) == 1 else None)
    if heads:
        spec["heads"] = {name: written.head(name, nodes) for name, nodes in zip(names, heads.values(), strict=True)}
    last = main[-1].name if main else None
    if dict(traced.outputs) != {"output": last}:
        spec["outputs"] = {as_name(name): written.refer(tensor) for name, tensor in traced.outputs.items()}
    return {**spec, **written_section(traced.written)}


def preface(traced: Traced) -> dict[str, Data]:
    """Name, source and inputs: everything before the layers."""
    spec: dict[str, Data] = {"name": traced.name}
    spec.update((key, traced.about[key]) for key in ABOUT if key in traced.about)
    shapes = {name: _input(traced.inputs[tensor]) for tensor, name in input_names(traced).items()}
    spec["input"] = shapes if len(shapes) > 1 else next(iter(shapes.values()))
    return spec


def input_names(traced: Traced) -> dict[str, str]:
    """The names of the inputs in the spec: a single one is `input`."""
    if len(traced.inputs) == 1:
        return dict.fromkeys(traced.inputs, "input")
    return dict(zip(traced.inputs, unique_names(map(as_name, traced.inputs), set()), strict=True))


def unique_names(names: Iterable[str], taken: set[str]) -> list[str]:
    """The names, each made unique."""
    result: list[str] = []
    for name in names:
        result.append(unique(name, {*taken, *result}))
    return result


def tensor_shapes(traced: Traced) -> dict[str, Shape]:
    """The shape of every tensor, by name."""
    leaving = {name: tuple(shape) for node in traced.nodes for name, shape in node.tensors.items()}
    return {**traced.inputs, **leaving}


def layer_arguments(traced: Traced) -> dict[str, Arguments]:
    """The arguments to write for every layer, by its name."""
    shapes = tensor_shapes(traced)
    entering = {node.name: shapes[node.inputs[0]] if node.inputs else () for node in traced.nodes}
    return {
        node.name: written_arguments(node.name, node.kind, node.arguments, entering[node.name]) for node in traced.nodes
    }


def _input(shape: tuple[Size, ...]) -> Data:
    for size in shape:
        if isinstance(size, Expr) and not is_symbol(render(size)):
            msg = f"the input size {render(size)} is neither a number nor a symbol (capital letter, digits)"
            raise UsageError(msg)
    return "x".join(map(render, shape))


class Flat:
    """The items of a flat list, and the name of every tensor."""

    def __init__(self, traced: Traced) -> None:
        self.traced = traced
        self.arguments = layer_arguments(traced)
        self.inputs = input_names(traced)
        self.names: dict[str, str] = dict(self.inputs)
        self.given: dict[str, str | None] = {}
        self.further = traced.further

    def refer(self, tensor: str) -> str:
        """The name of a tensor in the spec."""
        layer, output = self.further.get(tensor, (tensor, ""))
        return f"{self.names[layer]}.{output}" if output else self.names[layer]

    def name(self, nodes: list[TracedNode], taken: Iterable[str], prefix: str = "") -> None:
        """Name the layers of one level: by their paths where these are informative, else by kind and ordinal."""
        taken = {*taken, *self.inputs.values()}
        wanted = {node.name: as_name(node.name.removeprefix(prefix)) for node in nodes if _is_named_by_path(node)}
        automatic = _automatic_names(nodes)
        for node in nodes:
            name = wanted.get(node.name)
            if name == automatic[node.name]:
                del wanted[node.name]
        taken |= {automatic[node.name] for node in nodes if node.name not in wanted}
        for node in nodes:
            name = wanted.get(node.name)
            if name is not None:
                name = unique(name, taken)
                taken.add(name)
            self.given[node.name] = name
            self.names[node.name] = name or automatic[node.name]

    def items(self, nodes: list[TracedNode], running: str | None) -> list[Data]:
        """The items of one level; each layer's output flows into the next."""
        items: list[Data] = []
        for node in nodes:
            items.append(item(node, self.arguments[node.name], self.refer, running, self.given[node.name]))
            running = node.name
        return items

    def head(self, name: str, nodes: list[TracedNode]) -> Mapping[str, Data]:
        """A training head, which begins at the input of its first layer."""
        start = nodes[0].inputs[0]
        prefix = nodes[0].name.partition(".")[0] + "."
        self.name(nodes, (), prefix)
        return {"from": self.refer(start), "training": True, "layers": self.items(nodes, start)}


def _is_named_by_path(node: TracedNode) -> bool:
    """Whether a layer is named by its path: if it has weights, or if the path says more than its kind."""
    return has_weights(node.kind) or not is_redundant(node.name.rpartition(".")[2], node.kind)


def _automatic_names(nodes: list[TracedNode]) -> dict[str, str]:
    counts: Counter[str] = Counter()
    names = {}
    for node in nodes:
        counts[node.kind] += 1
        names[node.name] = f"{node.kind}{counts[node.kind]}"
    return names
