"""An `nn.Module` as a `Traced`: its layers, its outputs, and every parameter of it accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from torch import nn

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.exporting import Stored, capture, stored_in
from cnncalc.importers.pytorch.heads import head_layers
from cnncalc.importers.pytorch.values import Sizes
from cnncalc.importers.pytorch.walk import Walk
from cnncalc.importers.traced import UNKNOWN, Traced, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer

UNUSED = "unused"
MOST_NAMED = 5


def traced(module: nn.Module, inputs: Mapping[str, Sizes], name: str, about: Mapping[str, str] | None = None) -> Traced:
    """The layers of a network.

    Args:
        module: the network.
        inputs: the shape of every input, without the batch.
        name: what the network is called.
        about: what else is known of it.

    Raises:
        UsageError: it cannot be captured.
    """
    walk = Walk(capture(module, inputs), inputs)
    outputs = _outputs(walk, name)
    nodes = _alive(list(walk.emission.nodes.values()), set(outputs.values()))
    warnings = [*_of_unknown(nodes), *_noted(walk, nodes)]
    missing = _missing(module, walk.emission.owners)
    if any(stored.learnt for stored in missing):
        heads, owned = head_layers(module, inputs, walk, missing)
        nodes += heads
        missing = [stored for stored in missing if stored.key not in owned]
    if missing:
        nodes.append(_unused(missing, next(iter(inputs))))
        warnings.append(_without_part(missing))
    modules = {
        path: type(each).__name__
        for path, each in module.named_modules()
        if path and not type(each).__module__.startswith("cnncalc.")  # the levels that we build are of nobody's class
    }
    return Traced(name, inputs, tuple(nodes), outputs, about or {}, modules, tuple(warnings))


def _outputs(walk: Walk, name: str) -> dict[str, str]:
    outputs = {}
    for output, operation in walk.program.outputs.items():
        tensor = walk.tensor(operation)
        if tensor is not None:
            outputs[output] = tensor.name
    if not outputs:
        raise UsageError(f"{name}: no output depends on the input")
    return outputs


def _alive(nodes: Sequence[TracedNode], read: set[str]) -> list[TracedNode]:
    """The layers without those that nobody reads; one that weighs something runs all the same, and stays."""
    found = []
    for node in reversed(nodes):
        descriptor = LAYERS[node.kind]
        weighs = descriptor.weights is not Layer.weights or node.kind == "matmul"
        if node.name in read or (weighs and (node.kind != UNKNOWN or node.weights)):
            found.append(node)
            read.update(node.inputs)
    return found[::-1]


def _missing(module: nn.Module, owners: Mapping[int, str]) -> list[Stored]:
    """What the network keeps, and no layer has."""
    return [stored for stored in stored_in(module) if stored.key not in owners]


def _unused(missing: Sequence[Stored], source: str) -> TracedNode:
    """What no forward reaches, as a training head: it is counted, apart, and has no part in inference."""
    learnt = [stored for stored in missing if stored.learnt]
    numbers = sum(stored.numbers for stored in learnt)
    kept = sum(stored.numbers for stored in missing) - numbers
    arguments: dict[str, object] = {"op": UNUSED, "shape": [1], "params": numbers, "kept": kept}
    weights = {"params": (numbers,)} if numbers else {}
    frozen = bool(learnt) and all(stored.frozen for stored in learnt)
    return TracedNode(f"{UNUSED}.{UNUSED}", UNKNOWN, arguments, (source,), (1,), weights, None, frozen, training=True)


def _without_part(missing: Sequence[Stored]) -> str:
    learnt = sum(stored.numbers for stored in missing if stored.learnt)
    kept = sum(stored.numbers for stored in missing) - learnt
    counted = [f"{learnt:,} parameters"] * bool(learnt) + [f"{kept:,} buffer values"] * bool(kept)
    return (
        f"{' and '.join(counted)} do not affect the output ({_few([stored.name for stored in missing])}): "
        f"counted apart, as the training head '{UNUSED}'"
    )


def _of_unknown(nodes: Sequence[TracedNode]) -> list[str]:
    counts = Counter(str(node.arguments["op"]) for node in nodes if node.kind == UNKNOWN)
    if not counts:
        return []
    named = [f"{number} {op}" for op, number in counts.most_common()]
    total = sum(counts.values())
    which = "operation has no equivalent layer and is" if total == 1 else "operations have no equivalent layers and are"
    return [f"{total} {which} 'unknown': {_few(named)}; totals over them say \"at least\""]


def _noted(walk: Walk, nodes: Sequence[TracedNode]) -> list[str]:
    alive = {node.name for node in nodes}
    noted = {what: [name for name in names if name in alive] for what, names in walk.emission.notes.items()}
    return [f"{_few(names)}: {what}" for what, names in noted.items() if names]


def _few(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
