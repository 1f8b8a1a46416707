"""A step of training as autograd runs it: what it keeps, and what is alive in every step forward and backward.

The model is PyTorch's: a network in training mode runs with its training heads; what the backward pass needs is kept;
that pass meets the layers in reverse order and frees what it has used; gradients of parameters appear on the way, for
`zero_grad` has set them to None. Not counted: the loss, and what an operation needs while it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cnncalc.analysis.memory.backward import Gradients, results, way_back
from cnncalc.analysis.memory.liveness import Load, Span
from cnncalc.analysis.memory.storage import Storages, storages
from cnncalc.graph import Graph, Node
from cnncalc.layers.saved import Saved, SavedTensor, Wanted
from cnncalc.records import NamedTuple


class KeptTensor(NamedTuple):
    """Something that the backward pass of a node needs: the memory of a tensor, or a tensor made for it alone."""

    name: str  # of the tensor in whose memory it lies, or of the node that makes it
    what: str  # nothing for the memory of a tensor
    load: Load


class Run(NamedTuple):
    """A step of training: what is alive when, and per node what it is the first to keep (None: not known)."""

    spans: list[Span]
    steps: int
    kept: Mapping[str, tuple[KeptTensor, ...] | None]
    storages: Storages


def training_run(graph: Graph, width: int) -> Run:
    """A step of training: n steps forward, and two backward for every node (`way_back`)."""
    nodes = graph.nodes
    found = storages(graph.inputs, nodes, training=True)
    wanted = gradients_wanted(graph)
    saved = {node.name: saved_by(node, wanted) for node in nodes}
    gradients = Gradients(graph, wanted, found, width)
    spans = _forward_spans(graph, saved, gradients.reached, found, width)
    return Run([*spans, *gradients.spans()], 3 * len(nodes), _first_keeper(nodes, saved, found, width), found)


def learning(nodes: Iterable[Node]) -> dict[str, bool]:
    """Whether a node has weights that are trained, be they another's."""
    frozen: dict[str, bool] = {}
    learns = {}
    for node in nodes:
        frozen[node.name] = frozen.get(node.shares, node.frozen) if node.shares else node.frozen
        learns[node.name] = bool(node.weights) and not frozen[node.name]
    return learns


def gradients_wanted(graph: Graph) -> dict[str, Wanted | None]:
    """For every node which gradients it must bring; None where none."""
    learns = learning(graph.nodes)
    needs = dict.fromkeys(graph.inputs, False)
    wanted: dict[str, Wanted | None] = {}
    for node in graph.nodes:
        read = node.inputs[: node.layer.values_of]
        inputs = tuple(needs[name] for name in read) + (False,) * (len(node.inputs) - len(read))
        wants = Wanted(inputs, learns[node.name])
        needs[node.name] = wants.weights or wants.any_input
        wanted[node.name] = wants if needs[node.name] else None
    return wanted


def saved_by(node: Node, wanted: Mapping[str, Wanted | None]) -> Saved | None:
    """What a node keeps for its backward pass; nothing where it has none."""
    wants = wanted[node.name]
    return Saved() if wants is None else node.layer.saved(node.shapes, node.output, wants)


def memories(node: Node, saved: Saved) -> list[str]:
    """The tensors among its inputs and outputs that a node keeps."""
    return [node.inputs[number] for number in saved.inputs] + ([node.name] if saved.output else [])


def own_load(kept: SavedTensor, width: int) -> Load:
    """The bytes of a tensor made for the backward pass."""
    size = kept.numbers * (kept.width or max(width, kept.least))
    return Load(each=size) if kept.each else Load(fixed=size)


def _forward_spans(
    graph: Graph, saved: Mapping[str, Saved | None], reached: Mapping[str, bool], found: Storages, width: int
) -> list[Span]:
    """The memory of inputs, activations and what is kept, over both passes."""
    nodes, owner = graph.nodes, found.owner
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
        back = way_back(len(nodes), step)
        for name in memories(node, keeps):
            last[owner[name]] = max(back, last[owner[name]])
        own += [Span(f"{node.name}: {kept.what}", own_load(kept, width), step, back) for kept in keeps.own]
    for name in results(graph):
        last[owner[name]] = end
    return [Span(name, Load(found.numbers[name] * width), first[name], last[name]) for name in first] + own


def _first_keeper(
    nodes: Sequence[Node], saved: Mapping[str, Saved | None], found: Storages, width: int
) -> dict[str, tuple[KeptTensor, ...] | None]:
    """Per node what it keeps that none before it kept: every tensor's memory counts once."""
    seen: set[str] = set()
    kept: dict[str, tuple[KeptTensor, ...] | None] = {}
    for node in nodes:
        keeps = saved[node.name]
        if keeps is None:
            kept[node.name] = None
            continue
        owners = [name for name in dict.fromkeys(found.owner[n] for n in memories(node, keeps)) if name not in seen]
        seen.update(owners)
        tensors = [KeptTensor(name, "", Load(found.numbers[name] * width)) for name in owners]
        tensors += [KeptTensor(node.name, own.what, own_load(own, width)) for own in keeps.own]
        kept[node.name] = tuple(tensors)
    return kept
