"""Puts the parts of a network together; what lies between them is `unknown`, with the shapes of one run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from torch import Tensor, nn

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.exporting import leaves_of, name_output
from cnncalc.importers.pytorch.importing import as_head, classes_in, describe_unknown, describe_unused, find_missing
from cnncalc.importers.pytorch.parts.calls import note_calls, run
from cnncalc.importers.pytorch.parts.capturing import Part, find_parts
from cnncalc.importers.pytorch.parts.flow import Flow, Origin, follow
from cnncalc.importers.pytorch.values import Sizes, Stored
from cnncalc.importers.traced import UNKNOWN, Traced, TracedNode

BY_PARTS = "it cannot be captured as a whole"


def trace_parts(
    module: nn.Module, inputs: Mapping[str, Sizes], name: str, about: Mapping[str, str], why: UsageError
) -> Traced:
    """The layers of a network that cannot be captured as a whole.

    Args:
        module: the network, with numbers in its weights: it is run twice, on one image.
        inputs: the shape of every input, without the batch.
        name: its name.
        about: further metadata.
        why: what the capture of the whole network said.

    Raises:
        UsageError: it does not run, or no part of it with weights can be captured; then it is `why`.
    """
    if any(tensor.is_meta for tensor in (*module.parameters(), *module.buffers())):
        raise why
    calls = note_calls(module, inputs)
    parts = find_parts(module, calls)
    if not any(node.weights for calls in parts.values() for part in calls for node in part.nodes):
        raise why
    assembly = Assembly(module, inputs, parts)
    warnings = [f"{BY_PARTS}: {why}", *describe_unknown(assembly.nodes), *assembly.remarks()]
    missing = assembly.own_between(find_missing(module, assembly.owners), {"", *(call.path for call in calls)})
    if missing:
        assembly.nodes.append(as_head(missing, next(iter(inputs))))
        warnings.append(describe_unused(missing))
    outputs, nodes = assembly.outputs, tuple(assembly.nodes)
    return Traced(name, inputs, nodes, outputs, about, classes_in(module), tuple(warnings))


class Assembly:
    """The layers, in the order of one run."""

    def __init__(self, module: nn.Module, inputs: Mapping[str, Sizes], parts: Mapping[str, Sequence[Part]]) -> None:
        self.nodes: list[TracedNode] = []
        self.owners: dict[int, str] = {}
        self.outputs: dict[str, str] = {}
        self._module = module
        self._shapes: dict[str, Sizes] = dict(inputs)
        self._waiting = {path: list(calls) for path, calls in parts.items()}
        self._entering: dict[str, list[str]] = {}  # path → what the call that runs there reads
        self._calls: dict[str, int] = {}
        self._empty: list[str] = []
        self._run(inputs, parts)

    def remarks(self) -> list[str]:
        """What the reader should know about regions and outputs."""
        if not self._empty:
            return []
        return [f"{', '.join(self._empty)}: nothing was left to act on in that run; the figures are for one region"]

    def _run(self, inputs: Mapping[str, Sizes], parts: Mapping[str, Sequence[Part]]) -> None:
        with follow(self._module, self._enter, self._leave, parts) as flow:
            self._flow: Flow = flow
            output = run(self._module, inputs, self._start)
            leaves = [(path, leaf) for path, leaf in leaves_of(output) if isinstance(leaf, Tensor)]
            images = {path[0] for path, _ in leaves if len(path) > 1} == {"1"} and isinstance(output, list)
            for path, leaf in leaves:
                name = name_output(path[1:] if images else path)  # a list with an entry per image has one entry
                self.outputs[name] = self._source(leaf, shape_in_spec(leaf.shape))

    def _start(self, tensors: Mapping[str, Tensor]) -> None:
        """Note the inputs of the network."""
        for name, tensor in tensors.items():
            self._flow.set_origin(tensor, Origin((name,), tuple(tensor.shape)))

    def _enter(self, path: str, tensors: Sequence[Tensor]) -> None:
        """Note what a part reads when it is called."""
        part = self._waiting[path][0]
        wanted = part.inputs.values()
        self._entering[path] = [self._source(*each) for each in zip(tensors, wanted, strict=True)]

    def _leave(self, path: str, tensors: Sequence[Tensor]) -> None:
        """Append the layers of a part, and note what it returns."""
        part = self._waiting[path].pop(0)
        call = self._calls[path] = self._calls.get(path, 0) + 1
        names = dict(zip(part.inputs, self._entering.pop(path), strict=True))
        names |= {node.name: node.name if call == 1 else f"{node.name}_call{call}" for node in part.nodes}
        for node in part.nodes:
            owner = node.shares or (node.name if call > 1 and node.weights else None)
            read = tuple(names[name] for name in node.inputs)
            self._append(node._replace(name=names[node.name], inputs=read, shares=owner))
        for key, owner in part.owners.items():
            self.owners.setdefault(key, owner)
        if part.regions == 0:
            self._empty.append(path)
        for tensor, name in zip(tensors, part.outputs, strict=True):
            self._flow.set_origin(tensor, Origin((names[name],), tuple(tensor.shape)))

    def _append(self, node: TracedNode) -> None:
        self.nodes.append(node)
        self._shapes[node.name] = tuple(map(int, node.output))  # type: ignore[arg-type] # numbers, as the inputs are

    def _source(self, tensor: Tensor, wanted: Sizes) -> str:
        """The name of a tensor: what it is, or an `unknown` that computes it from what it depends on."""
        origin = self._flow.origin(tensor)
        if origin.shape == tuple(tensor.shape) and self._shapes[origin.sources[0]] == wanted:
            return origin.sources[0]
        sources = origin.sources or tuple(self._shapes)[:1]
        module = self._module.get_submodule(origin.place)
        name = self._unused_name(origin.place, type(module).__name__)
        arguments = {
            "op": type(module).__name__,
            "shape": list(wanted),
            "seen": list(self._shapes[sources[0]]),
            "params": 0,
        }
        self._append(TracedNode(name, UNKNOWN, arguments, sources, wanted))
        self._flow.set_origin(tensor, Origin((name,), tuple(tensor.shape)))
        return name

    def _unused_name(self, place: str, op: str) -> str:
        """A name for what a module computes between parts: its path, unless that is a level of others."""
        parts = (*self._waiting, *self._shapes)
        level = not place or any(path.startswith(f"{place}.") for path in parts)
        name = first = f"{place}.{op}".lstrip(".") if level else place
        number = 1
        while name in self._shapes:
            number += 1
            name = f"{first}_{number}"
        return name

    def own_between(self, missing: Sequence[Stored], ran: Collection[str]) -> list[Stored]:
        """Count the tensors of modules that ran between the parts, for the first `unknown`; the others are left."""
        mine = [stored for stored in missing if stored.name.rpartition(".")[0] in ran]
        places = [number for number, node in enumerate(self.nodes) if node.kind == UNKNOWN and not node.weights]
        if not mine or not places:
            return list(missing)
        node = self.nodes[places[0]]
        learnt = sum(stored.numel for stored in mine if stored.learnt)
        kept = sum(stored.numel for stored in mine) - learnt
        arguments = {**node.arguments, "params": learnt} | ({"kept": kept} if kept else {})
        self.nodes[places[0]] = node._replace(arguments=arguments, weights={"params": (learnt,)} if learnt else {})
        return [stored for stored in missing if stored not in mine]


def shape_in_spec(seen: Sequence[int]) -> Sizes:
    """The shape of a tensor that a run returned, without the axis of its only image; at least 1 everywhere."""
    shape = tuple(seen[1:] if len(seen) > 1 and seen[0] == 1 else seen)
    return tuple(max(size, 1) for size in shape) or (1,)
