"""The module that runs a graph: children under the spec's names, a step per node, tensors dropped after last use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn

from cnncalc.graph import Graph, Node
from cnncalc.layers.further import FurtherOutput

Outputs = Tensor | dict[str, Tensor]


class Step(NamedTuple):
    """One node to run: the path of its module, what it reads, and what no later step reads any more."""

    path: tuple[str, ...]
    name: str
    inputs: tuple[str, ...]
    dead: tuple[str, ...]


class Level(nn.Module):
    """One level of names (`layer1`, `layer1.0`); the network runs what it holds."""


class Network(nn.Module):
    """A graph as a module.

    Takes its inputs in the order of `input_names`; returns the tensor where there is one output, a dict of them by name
    where there are several. In training mode the training heads run too, and their outputs join the dict, under their
    names; in evaluation they do not run. Any layer or level may be replaced by a module of your own; one with further
    outputs returns a tuple, its output and then those in the order of its descriptor.
    """

    def __init__(self, graph: Graph, modules: dict[str, nn.Module]) -> None:
        super().__init__()
        self.input_names = tuple(graph.inputs)
        self.output_names = dict(graph.outputs)  # output name → tensor
        self.head_names = graph.training_heads()  # training head → tensor
        self._further = further(graph)
        self._shares = {node.name: node.shares for node in graph.nodes if node.shares is not None}
        for name, module in modules.items():
            _place(self, name, module)
        inference = [node for node in graph.nodes if not node.training]
        self._inference = steps(inference, self.output_names.values())
        self._training = steps(graph.nodes, [*self.output_names.values(), *self.head_names.values()])
        self._tie()

    def forward(self, *inputs: Tensor) -> Outputs:
        """[batch, …] per input to [batch, …] per output."""
        if len(inputs) != len(self.input_names):
            msg = f"expected {len(self.input_names)} inputs ({', '.join(self.input_names)}), got {len(inputs)}"
            raise TypeError(msg)
        training = self.training and bool(self.head_names)
        tensors = dict(zip(self.input_names, inputs, strict=True))
        for path, name, reads, dead in self._training if training else self._inference:
            module: Any = self
            for part in path:
                module = module._modules[part]
            made = module(*[tensors[read] for read in reads])
            if isinstance(made, tuple):  # the output, then the further ones
                tensors.update((part, made[place]) for part, place in self._further.get(name, ()))
                made = made[0]
            tensors[name] = made
            for unread in dead:
                del tensors[unread]
        if len(self.output_names) == 1 and not training:
            return tensors[next(iter(self.output_names.values()))]
        wanted = {**self.output_names, **self.head_names} if training else self.output_names
        return {name: tensors[tensor] for name, tensor in wanted.items()}

    def module(self, name: str) -> nn.Module:
        """The module of a node."""
        module: Any = self
        for part in name.split("."):
            module = module._modules[part]
        found: nn.Module = module
        return found

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:  # noqa: ANN401
        """As `nn.Module`; shared weights stay shared, also where the tensors are assigned."""
        found = super().load_state_dict(state_dict, strict, assign)
        self._tie()
        return found

    def _tie(self) -> None:
        """Give nodes that share weights and buffers those of their owner: the same objects."""
        for name, owner in self._shares.items():
            theirs, its = self.module(owner), self.module(name)
            its._parameters.update(
                {key: p for key, p in theirs._parameters.items() if its._parameters.get(key) is not None}
            )
            its._buffers.update({key: b for key, b in theirs._buffers.items() if its._buffers.get(key) is not None})

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Network:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._tie()
        return self


def further(graph: Graph) -> dict[str, list[tuple[str, int]]]:
    """Layer → its further outputs that are read: the node of each, and its place in what the layer's module returns."""
    layers = {node.name: node for node in graph.nodes}
    found: dict[str, list[tuple[str, int]]] = {}
    for node in graph.nodes:
        if isinstance(node.layer, FurtherOutput):
            maker = layers[node.inputs[0]]
            names = list(maker.layer.further(maker.shapes, maker.output))
            found.setdefault(maker.name, []).append((node.name, 1 + names.index(node.layer.name)))
    return found


def _reads(node: Node) -> tuple[str, ...]:
    """The tensors that a node's module is given; that of a further output, which its layer has made, that output."""
    return (node.name,) if isinstance(node.layer, FurtherOutput) else node.inputs


def steps(nodes: Iterable[Node], kept: Iterable[str]) -> list[Step]:
    """The nodes as steps; a tensor that nobody reads, and that is not kept, is dropped where it is made."""
    last: dict[str, str] = {}  # tensor → the step that reads it last
    nodes = list(nodes)
    for node in nodes:
        last.update(dict.fromkeys((*_reads(node), node.name), node.name))
    alive = set(kept)
    dying: dict[str, list[str]] = {}
    for tensor, step in last.items():
        if tensor not in alive:
            dying.setdefault(step, []).append(tensor)
    return [
        Step(tuple(node.name.split(".")), node.name, _reads(node), tuple(dying.get(node.name, ()))) for node in nodes
    ]


def _place(root: nn.Module, name: str, module: nn.Module) -> None:
    """Put a module under its dotted name. A join may hold the level that its own name opened before it."""
    *levels, last = name.split(".")
    for level in levels:
        found = root._modules.get(level)
        if found is None:
            found = root._modules[level] = Level()
        root = found
    opened = root._modules.get(last)
    if opened is not None:
        module._modules.update(opened._modules)
    root._modules[last] = module
