"""Compare our footprints with the gradients of the real network: a row per layer, a check per position."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from cnncalc.analysis.field.footprint import Footprint, footprints
from cnncalc.analysis.field.receptive_field import Fields, ReceptiveField, receptive_fields
from cnncalc.errors import SpecError, UsageError
from cnncalc.explanations.field_words import beside_text, is_joined
from cnncalc.graph import Graph, Node
from cnncalc.pytorch.requirements import require_numbers
from cnncalc.pytorch.verification.gradients import Gradients
from cnncalc.pytorch.verification.smaller import smaller
from cnncalc.pytorch.verification.verification import Check, Row, Verification
from cnncalc.quantities.sizes import listed

MOST = 1_000_000_000  # MACs of one run, or equivalent work; gradients come on top
HOW = "gradients in float64 with positive weights, means for maxima, and activations with a slope everywhere"
LOCAL = "local field"
Position = tuple[int, ...]
Claim = Callable[[str, Position], Mapping[str, Footprint]]


class Seen(NamedTuple):
    """What a position depends on in one input: first and last row per axis, and the number of pixels."""

    spans: tuple[tuple[int, int], ...]
    pixels: int

    def __str__(self) -> str:
        return " × ".join(f"{first}…{last}" for first, last in self.spans) + f", {self.pixels:,} px"


def verify_gradients(
    graph: Graph, claim: Claim | None = None, every: bool = False, shrink: bool = True
) -> Verification:
    """Compare the pixels that the middle and a corner of a layer see, for layers with a local field.

    Args:
        graph: without symbols.
        claim: our footprint of a position of a layer, instead of `footprints`.
        every: compare every layer with a local field, not only the last of each stride and the last whose field fits.
        shrink: use a smaller input if the graph's own would take long.

    Raises:
        UsageError: a size is still symbolic, or the network cannot be run with means for maxima.
    """
    require_numbers(graph)
    graph, notes = smaller(graph, MOST) if shrink else (graph, ())
    hidden = _find_hidden(graph)
    fields = receptive_fields(graph)
    local = {node.name: node for node in graph.nodes if _is_local(fields[node.name])}
    shown = {name: node for name, node in local.items() if name not in hidden}
    chosen = shown if every else {node.name: node for node in _select_last_of_each_stride(shown, fields)}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        try:
            rows = tuple(_rows(graph, chosen, claim or (lambda name, at: footprints(graph, name, at))))
            rows = _with_local(rows, graph, chosen, fields)
        except (SpecError, RuntimeError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            raise UsageError(f"{graph.name}: cannot run with means for maxima: {reason}") from error
    notes_of_run = (HOW, *notes, *_describe_omissions(graph, local, shown, chosen, hidden, fields))
    return Verification(graph.name, graph.variant, "cpu", True, rows, (), "gradients", notes_of_run)


def _rows(graph: Graph, chosen: Mapping[str, Node], claim: Claim) -> Iterator[Row]:
    if not chosen:
        return
    gradients = Gradients(graph, chosen)
    for name, node in chosen.items():
        output: Any = node.output
        if tuple(gradients.outputs[name].shape[1:]) != output:
            raise UsageError(f"{name}: a mean in place of a maximum has another shape")
        positions = {"middle": tuple(n // 2 for n in output[1:]), "corner": (0,) * len(output[1:])}
        checks: list[Check] = []
        for what, position in positions.items():
            checks += _checks(graph, what, claim(name, position), gradients.seen(name, position))
        yield Row(name, node.kind, tuple(checks))


def _with_local(
    rows: tuple[Row, ...], graph: Graph, chosen: Mapping[str, Node], fields: Mapping[str, Fields]
) -> tuple[Row, ...]:
    """Add a check of the local field in the middle to layers that also see all of an input, with that part cut off."""
    joined = {name: node for name, node in chosen.items() if any(map(_is_gated, fields[name].values()))}
    if not joined:
        return rows
    cut = {name for name, seen in fields.items() if seen and all(field.only_whole for field in seen.values())}
    cut |= {node.name for node in graph.nodes if node.layer.attends}
    gradients = Gradients(graph, joined, cut)
    checks: dict[str, tuple[Check, ...]] = {}
    for name, node in joined.items():
        output: Any = node.output
        middle = tuple(n // 2 for n in output[1:])
        claimed = footprints(graph, name, middle, cut)
        checks[name] = tuple(_checks(graph, LOCAL, claimed, gradients.seen(name, middle)))
    return tuple(replace(row, checks=(*row.checks, *checks.get(row.name, ()))) for row in rows)


def _is_gated(field: ReceptiveField) -> bool:
    return field.whole and is_joined(field)


def _checks(graph: Graph, what: str, claimed: Mapping[str, Footprint], masks: Mapping[str, Tensor]) -> Iterator[Check]:
    """Yield a check per input; if bounds and counts agree but pixels do not, also the number that differ."""
    for name, mask in masks.items():
        ours = pixels(claimed.get(name), graph.inputs[name])
        title = what if len(masks) == 1 else f"{what} of {name}"
        check = Check(title, _measure(ours), _measure(mask))
        yield check
        if check.ok and not torch.equal(ours, mask):
            yield Check(f"{title}, pixels elsewhere", 0, int((ours ^ mask).sum()))


def pixels(footprint: Footprint | None, shape: Any) -> Tensor:  # noqa: ANN401
    """Return a footprint as a mask over the spatial axes of an input."""
    mask = torch.zeros(shape[1:], dtype=torch.bool)
    if len(shape) == 1:
        return mask | (footprint is not None)
    for box in footprint.boxes if footprint else ():
        rows = (torch.tensor(sorted(range(n) if r is None else r)) for r, n in zip(box[1:], shape[1:], strict=True))
        mask[torch.meshgrid(*rows, indexing="ij")] = True
    return mask


def _measure(mask: Tensor) -> Seen | None:
    positions = mask.nonzero()
    if not len(positions):
        return None
    first, last = positions.amin(0).tolist(), positions.amax(0).tolist()
    return Seen(tuple(zip(first, last, strict=True)), len(positions))


def _is_local(fields: Fields) -> bool:
    return any(not field.only_whole and all(axis.known for axis in field.axes) for field in fields.values())


def _select_last_of_each_stride(nodes: Mapping[str, Node], fields: Mapping[str, Fields]) -> list[Node]:
    """Return the last layer of each stride, the last whose field is no larger than the input (few borders there), and
    the last that sees nothing beside its field.
    """
    last: dict[object, Node] = {}
    for name, node in nodes.items():
        seen = fields[name].items()
        last[tuple((tensor, field.stride, field.exceeds, is_joined(field)) for tensor, field in seen)] = node
    names = {node.name for node in last.values()}
    return [node for name, node in nodes.items() if name in names]


def _find_hidden(graph: Graph) -> dict[str, str]:
    """Map layers whose gradient is hidden to the kind that hides it: their own or one before them."""
    hidden: dict[str, str] = {}
    for node in graph.nodes:
        before = next((hidden[name] for name in node.inputs if name in hidden), None)
        own = "a dilated maximum" if node.kind == "maxpool" and _is_dilated(node.layer) else node.kind
        if node.layer.hides_gradient or own != node.kind:
            hidden[node.name] = own
        elif before or node.training:
            hidden[node.name] = before or "a training head"
    return hidden


def _is_dilated(layer: Any) -> bool:  # noqa: ANN401
    return any(step != 1 for step in layer.dilation or ())


def _describe_omissions(
    graph: Graph,
    local: Mapping[str, Node],
    shown: Mapping[str, Node],
    chosen: Mapping[str, Node],
    hidden: Mapping[str, str],
    fields: Mapping[str, Fields],
) -> Iterator[str]:
    by_kind: dict[str, list[str]] = {}
    for name in local:
        if name in hidden:
            by_kind.setdefault(hidden[name], []).append(name)
    for kind, names in by_kind.items():
        yield f"omitted, the gradient cannot show it ({kind}): {', '.join(names)}"
    whole = len(graph.nodes) - len(local)
    if whole:
        yield f"omitted, no field that depends on the position: {whole:,} of {len(graph.nodes):,} layers"
    yield from _describe_gates(chosen, fields)
    if len(chosen) < len(shown):
        yield f"compared: the last layers of each stride, {len(chosen):,} of {len(shown):,}; --every-layer compares all"


def _describe_gates(chosen: Mapping[str, Node], fields: Mapping[str, Fields]) -> Iterator[str]:
    """Name the layers that see all of an input beside their field, which the middle and the corner then include."""
    names: dict[str, list[str]] = {}
    for name in chosen:
        for tensor, field in fields[name].items():
            if is_joined(field):
                names.setdefault(beside_text(field, tensor), []).append(name)
    for beside, layers in names.items():
        yield f"{LOCAL} plus {beside}: {listed(layers)}"
