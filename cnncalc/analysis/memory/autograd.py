"""Models a training step under autograd: the saved tensors, and what is alive at every step forward and backward.

The model is PyTorch's: a network in training mode runs with its training heads and saves what the backward pass needs;
the backward pass visits layers in reverse order and frees what it has used; gradients of parameters are allocated on
the way, since `zero_grad` sets them to None. The loss and workspaces of operations are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cnncalc.analysis.memory.backward import Gradients, backward_step, training_outputs
from cnncalc.analysis.memory.liveness import Load, Span
from cnncalc.analysis.memory.storage import Storages, find_storages
from cnncalc.graph import Graph, Node
from cnncalc.layers.saved import Saved, SavedTensor, Wanted, save_copies
from cnncalc.records import NamedTuple


class KeptTensor(NamedTuple):
    """Memory that the backward pass of a node needs: that of an existing tensor, or of one made for this purpose."""

    name: str  # of the tensor that owns the memory, or of the node that makes it
    what: str  # empty for the memory of an existing tensor
    load: Load


class Run(NamedTuple):
    """A training step: the spans of all memory, and per node what it is the first to save (None if unknown)."""

    spans: list[Span]
    steps: int
    kept: Mapping[str, tuple[KeptTensor, ...] | None]
    storages: Storages


def training_run(graph: Graph, width: int) -> Run:
    """Model a training step: one step forward and two backward (`backward_step`) per node."""
    nodes = graph.nodes
    storages = find_storages(graph.inputs, nodes, training=True)
    wanted = wanted_gradients(graph)
    saved = {node.name: saved_by(node, wanted, storages) for node in nodes}
    gradients = Gradients(graph, wanted, storages, width)
    spans = _forward_spans(graph, saved, gradients.reached, storages, width)
    return Run([*spans, *gradients.spans()], 3 * len(nodes), _first_saved(nodes, saved, storages, width), storages)


def trainable_nodes(nodes: Iterable[Node]) -> dict[str, bool]:
    """Node → whether it has weights that are trained, shared ones included."""
    frozen: dict[str, bool] = {}
    learns = {}
    for node in nodes:
        frozen[node.name] = frozen.get(node.shares, node.frozen) if node.shares else node.frozen
        learns[node.name] = bool(node.weights) and not frozen[node.name]
    return learns


def wanted_gradients(graph: Graph) -> dict[str, Wanted | None]:
    """Node → the gradients that it must compute; None if it needs none."""
    learns = trainable_nodes(graph.nodes)
    needs = dict.fromkeys(graph.inputs, False)
    wanted: dict[str, Wanted | None] = {}
    for node in graph.nodes:
        read = node.inputs[: node.layer.values_of] if node.layer.differentiable else ()
        inputs = tuple(needs[name] for name in read) + (False,) * (len(node.inputs) - len(read))
        wants = Wanted(inputs, learns[node.name])
        needs[node.name] = wants.weights or wants.any_input
        wanted[node.name] = wants if needs[node.name] else None
    return wanted


def saved_by(node: Node, wanted: Mapping[str, Wanted | None], storages: Storages) -> Saved | None:
    """What a node saves for its backward pass (None if unknown); empty if it has no backward pass."""
    wants = wanted[node.name]
    if wants is None:
        return Saved()
    saved = node.layer.saved(node.shapes, node.output, wants)
    return saved and save_copies(saved, node.shapes, node.layer.copied(node.shapes, storages.orders_of(node.inputs)))


def saved_tensors(node: Node, saved: Saved) -> list[str]:
    """The inputs and outputs that a node saves."""
    return [node.inputs[number] for number in saved.inputs] + ([node.name] if saved.output else [])


def load_of(kept: SavedTensor, width: int) -> Load:
    """The bytes of a tensor that is made for the backward pass."""
    size = kept.numbers * (kept.width or max(width, kept.least))
    return Load(each=size) if kept.each else Load(fixed=size)


def _forward_spans(
    graph: Graph, saved: Mapping[str, Saved | None], reached: Mapping[str, bool], storages: Storages, width: int
) -> list[Span]:
    """The spans of inputs, activations and saved tensors, over both passes."""
    nodes, owner = graph.nodes, storages.owner
    end = 3 * len(nodes)
    first, last = dict.fromkeys(graph.inputs, 0), dict.fromkeys(graph.inputs, end)
    own: list[Span] = []
    for step, node in enumerate(nodes):
        first.setdefault(owner[node.name], step)
        for name in (node.name, *node.inputs):
            last[owner[name]] = max(step, last.get(owner[name], 0))
        keeps = saved[node.name]
        if keeps is None or not reached[node.name]:
            continue
        back = backward_step(len(nodes), step)
        for name in saved_tensors(node, keeps):
            last[owner[name]] = max(back, last[owner[name]])
        own += [Span(f"{node.name}: {kept.what}", load_of(kept, width), step, back) for kept in keeps.own]
    for name in training_outputs(graph):
        last[owner[name]] = end
    return [Span(name, Load(storages.numbers[name] * width), first[name], last[name]) for name in first] + own


def _first_saved(
    nodes: Sequence[Node], saved: Mapping[str, Saved | None], storages: Storages, width: int
) -> dict[str, tuple[KeptTensor, ...] | None]:
    """Node → what it saves that no earlier node saves, so that all memory counts once; None if unknown."""
    seen: set[str] = set()
    kept: dict[str, tuple[KeptTensor, ...] | None] = {}
    for node in nodes:
        keeps = saved[node.name]
        if keeps is None:
            kept[node.name] = None
            continue
        owners = [
            name for name in dict.fromkeys(storages.owner[n] for n in saved_tensors(node, keeps)) if name not in seen
        ]
        seen.update(owners)
        tensors = [KeptTensor(name, "", Load(storages.numbers[name] * width)) for name in owners]
        tensors += [KeptTensor(node.name, own.what, load_of(own, width)) for own in keeps.own]
        kept[node.name] = tuple(tensors)
    return kept
