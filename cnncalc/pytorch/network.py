"""The module that runs a graph: submodules under the spec's names, a step per node, tensors freed after last use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn

from cnncalc.graph import Graph, Node
from cnncalc.layers.further import FurtherOutput
from cnncalc.pytorch.recipes.recipe import with_input

Outputs = Tensor | dict[str, Tensor]


class Step(NamedTuple):
    """One node to run: the path of its module, its inputs, and the tensors that no later step reads."""

    path: tuple[str, ...]
    name: str
    inputs: tuple[str, ...]
    dead: tuple[str, ...]


class Level(nn.Module):
    """One name level (`layer1`, `layer1.0`), a container; the network runs its members."""


class Network(nn.Module):
    """A graph as a module.

    Takes its inputs in the order of `input_names`; returns the tensor if there is one output, a dict by name if there
    are several. In training mode the training heads run too, and their outputs join the dict, under their
    names; in evaluation they do not run. Any layer or level may be replaced by a module of your own; one with further
    outputs returns a tuple, its output and then those in the order of its descriptor.
    """

    def __init__(self, graph: Graph, modules: dict[str, nn.Module]) -> None:
        super().__init__()
        self.input_names = tuple(graph.inputs)
        self.output_names = dict(graph.outputs)  # output name → tensor
        self.head_names = graph.training_heads()  # training head → tensor
        self._further = find_further_outputs(graph)
        self._shares = {node.name: node.shares for node in graph.nodes if node.shares is not None}
        for name, module in modules.items():
            _register(self, name, module)
        nodes = [with_input(node, self.input_names[0]) for node in graph.nodes]
        inference = [node for node in nodes if not node.training]
        self._inference = steps(inference, self.output_names.values())
        self._training = steps(nodes, [*self.output_names.values(), *self.head_names.values()])
        self._tie()

    def forward(self, *inputs: Tensor) -> Outputs:
        """Run the network: a [batch, …] tensor per input to a [batch, …] tensor per output."""
        if len(inputs) != len(self.input_names):
            msg = f"expected {len(self.input_names)} inputs ({', '.join(self.input_names)}), got {len(inputs)}"
            raise TypeError(msg)
        training = self.training and bool(self.head_names)
        tensors = dict(zip(self.input_names, inputs, strict=True))
        for path, name, reads, dead in self._training if training else self._inference:
            module: Any = self
            for part in path:
                module = module._modules[part]
            output = module(*[tensors[read] for read in reads])
            if isinstance(output, tuple):  # the output, then the further outputs
                tensors.update((part, output[place]) for part, place in self._further.get(name, ()))
                output = output[0]
            tensors[name] = output
            for unread in dead:
                del tensors[unread]
        if len(self.output_names) == 1 and not training:
            return tensors[next(iter(self.output_names.values()))]
        wanted = {**self.output_names, **self.head_names} if training else self.output_names
        return {name: tensors[tensor] for name, tensor in wanted.items()}

    def module(self, name: str) -> nn.Module:
        """Return the module of a node."""
        module: Any = self
        for part in name.split("."):
            module = module._modules[part]
        node_module: nn.Module = module
        return node_module

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:  # noqa: ANN401
        """As `nn.Module`; shared weights stay shared, also where the tensors are assigned."""
        keys = super().load_state_dict(state_dict, strict, assign)
        self._tie()
        return keys

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


def find_further_outputs(graph: Graph) -> dict[str, list[tuple[str, int]]]:
    """Map a layer to its further outputs that are read: (node, index in the tuple that the layer's module returns)."""
    layers = {node.name: node for node in graph.nodes}
    places: dict[str, list[tuple[str, int]]] = {}
    for node in graph.nodes:
        if isinstance(node.layer, FurtherOutput):
            layer_node = layers[node.inputs[0]]
            names = list(layer_node.layer.further(layer_node.shapes, layer_node.output))
            places.setdefault(layer_node.name, []).append((node.name, 1 + names.index(node.layer.name)))
    return places


def _reads(node: Node) -> tuple[str, ...]:
    """Return the tensors that a node's module takes; the identity of a further output takes that output itself."""
    return (node.name,) if isinstance(node.layer, FurtherOutput) else node.inputs


def steps(nodes: Iterable[Node], kept: Iterable[str]) -> list[Step]:
    """Return the nodes as steps; a tensor that is neither read nor kept is freed by the step that computes it."""
    last: dict[str, str] = {}  # tensor → the step that reads it last
    nodes = list(nodes)
    for node in nodes:
        last.update(dict.fromkeys((*_reads(node), node.name), node.name))
    alive = set(kept)
    last_uses: dict[str, list[str]] = {}
    for tensor, step in last.items():
        if tensor not in alive:
            last_uses.setdefault(step, []).append(tensor)
    return [
        Step(tuple(node.name.split(".")), node.name, _reads(node), tuple(last_uses.get(node.name, ())))
        for node in nodes
    ]


def _register(root: nn.Module, name: str, module: nn.Module) -> None:
    """Register a module under its dotted name; a merge node takes over the members of a level of the same name."""
    *levels, last = name.split(".")
    for level in levels:
        child = root._modules.get(level)
        if child is None:
            child = root._modules[level] = Level()
        root = child
    existing = root._modules.get(last)
    if existing is not None:
        module._modules.update(existing._modules)
    root._modules[last] = module
