"""Turns an `nn.Module` into a `Traced`: its layers, its outputs, and an account of every parameter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from torch import nn

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.batch import confirm, walk_capture
from cnncalc.importers.pytorch.exporting import stored_in
from cnncalc.importers.pytorch.heads import head_layers
from cnncalc.importers.pytorch.recording import record
from cnncalc.importers.pytorch.values import Sizes, Stored
from cnncalc.importers.pytorch.walk import Walk
from cnncalc.importers.traced import UNKNOWN, Traced, TracedNode

UNUSED = "unused"
MOST_NAMED = 5


def trace(module: nn.Module, inputs: Mapping[str, Sizes], name: str, about: Mapping[str, str] | None = None) -> Traced:
    """The layers of a network.

    Args:
        module: the network.
        inputs: the shape of every input, without the batch.
        name: the network's name.
        about: further metadata.

    Raises:
        UsageError: the network cannot be captured.
    """
    walk, nodes = layers_of(module, inputs)
    if not walk.outputs:
        raise UsageError(f"{name}: no output depends on the input")
    warnings = [*describe_unknown(nodes), *_describe_notes(walk, nodes)]
    missing = find_missing(module, walk.emission.owners)
    if any(stored.learnt for stored in missing):
        heads, owned = head_layers(module, inputs, walk, missing)
        nodes += heads
        missing = [stored for stored in missing if stored.key not in owned]
    if missing:
        nodes.append(as_head(missing, next(iter(inputs))))
        warnings.append(describe_unused(missing))
    return Traced(name, inputs, tuple(nodes), walk.outputs, about or {}, classes_in(module), tuple(warnings))


def layers_of(module: nn.Module, inputs: Mapping[str, Sizes]) -> tuple[Walk, list[TracedNode]]:
    """The walk over the capture of a network, and those of its layers that count.

    Raises:
        UsageError: it cannot be captured.
    """
    walk = walk_capture(module, inputs)
    alive = walk.emission.alive(walk.outputs.values())
    alive = record(alive, walk.emission.origins, dict(module.named_modules(remove_duplicate=False)))
    return walk, confirm(alive, module, inputs, walk.program.batch)


def classes_in(module: nn.Module) -> dict[str, str]:
    """Dotted path → the class of the module there; those that our own builder makes are no classes of the user's."""
    return {
        path: type(each).__name__
        for path, each in module.named_modules()
        if path and not type(each).__module__.startswith("cnncalc.")
    }


def find_missing(module: nn.Module, owners: Mapping[int, str]) -> list[Stored]:
    """The parameters and buffers that no layer owns."""
    return [stored for stored in stored_in(module) if stored.key not in owners]


def as_head(missing: Sequence[Stored], source: str) -> TracedNode:
    """The tensors that `forward` never uses, as a training head: counted separately, and no part of inference."""
    learnt = [stored for stored in missing if stored.learnt]
    numbers = sum(stored.numel for stored in learnt)
    kept = sum(stored.numel for stored in missing) - numbers
    arguments: dict[str, object] = {"op": UNUSED, "shape": [1], "params": numbers, "kept": kept}
    weights = {"params": (numbers,)} if numbers else {}
    frozen = bool(learnt) and all(stored.frozen for stored in learnt)
    return TracedNode(f"{UNUSED}.{UNUSED}", UNKNOWN, arguments, (source,), (1,), weights, None, frozen, training=True)


def describe_unused(missing: Sequence[Stored]) -> str:
    """The warning about tensors that the network does not use."""
    learnt = sum(stored.numel for stored in missing if stored.learnt)
    kept = sum(stored.numel for stored in missing) - learnt
    counted = [f"{learnt:,} parameters"] * bool(learnt) + [f"{kept:,} buffer values"] * bool(kept)
    return (
        f"{' and '.join(counted)} are used by no layer ({_first_few([stored.name for stored in missing])}): "
        f"counted apart, as the training head '{UNUSED}'"
    )


def describe_unknown(nodes: Sequence[TracedNode]) -> list[str]:
    """The warning about operations that no layer describes; none where there are none."""
    counts = Counter(str(node.arguments["op"]) for node in nodes if node.kind == UNKNOWN)
    if not counts:
        return []
    named = [f"{number} {op}" for op, number in counts.most_common()]
    total = sum(counts.values())
    which = "operation has no equivalent layer and is" if total == 1 else "operations have no equivalent layers and are"
    return [f"{total} {which} 'unknown': {_first_few(named)}; totals over them say \"at least\""]


def _describe_notes(walk: Walk, nodes: Sequence[TracedNode]) -> list[str]:
    alive = {node.name for node in nodes}
    noted = {what: [name for name in names if name in alive] for what, names in walk.emission.notes.items()}
    return [f"{_first_few(names)}: {what}" for what, names in noted.items() if names]


def _first_few(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
