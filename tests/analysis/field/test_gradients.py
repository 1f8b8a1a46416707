"""Fields and footprints against gradients: random networks whose every number is positive, in PyTorch.

For three positions of every network (a corner, the middle, any), and every
input, the pixels with a gradient are exactly those of the footprint; where no border clips the way, their first and
last rows are exactly those of the receptive field.
"""

import random
from collections.abc import Callable

import pytest
import torch

from cnncalc.analysis.field.extent import Extent
from cnncalc.analysis.field.footprint import footprints
from cnncalc.analysis.field.receptive_field import receptive_fields
from cnncalc.errors import SpecError
from cnncalc.graph import Graph
from cnncalc.layers.reading import Segment, Split
from cnncalc.pytorch.verification.fields import pixels
from cnncalc.pytorch.verification.gradients import Gradients

from ...examples import examples
from ..random_networks import random_graph
from ..random_tokens import random_token_graph

torch.set_num_threads(1)
NETWORKS = examples(2000)
TOKENS = examples(300)
CHUNK = max(1, NETWORKS // 20)
Position = tuple[int, ...]


def inside(graph: Graph, layer: str, position: Position) -> bool:
    """Whether, going back, no row outside its map is read, and none reads nothing; axis by axis, so too strict."""
    wanted = {layer: [{row} for row in position]}
    for node in reversed(graph.nodes):
        rows = wanted.get(node.name)
        for route in node.layer.reading(node.shapes) if rows else ():
            if any(axis.reading is None for axis in route.axes[1:]):
                return False
            if any(isinstance(axis.reading, Split) for axis in route.axes):
                return False
            joined = [(axis.reading, rows[axis.along - 1]) for axis in route.axes[1:] if type(axis.reading) is Segment]
            if any(not any(map(segment.rows, each)) for segment, each in joined):
                if len(route.axes) > 2:
                    return False  # along the other axes, a field is that of all concatenated tensors
                continue
            read = [[axis.reading.rows(row) for row in rows[axis.along - 1]] for axis in route.axes[1:]]
            sizes = node.shapes[route.source][1:]
            if any(not r or r[0] < 0 or r[-1] >= n for each, n in zip(read, sizes, strict=True) for r in each):
                return False
            known = wanted.setdefault(node.inputs[route.source], [set() for _ in sizes])
            for seen, each in zip(known, read, strict=True):
                seen.update(*each)
    return True


def claimed(extent: Extent, position: Position, axis: int) -> tuple[int, int] | None:
    """The first and last row that a field claims for an output position; None where it claims nothing for one row."""
    if not extent.known or extent.whole or extent.stride is None:
        return None
    row = position[axis if len(position) > 1 else 0]
    if extent.place is not None:
        row = extent.place.row(row)
    if row is None:
        return None
    turn, phase = divmod(row, len(extent.phases))
    low, high = extent.phases[phase]
    step = extent.stride * len(extent.phases)
    return step * turn + low, step * turn + high


@pytest.mark.parametrize("first", range(0, NETWORKS, CHUNK))
def test_positive_gradients_are_where_we_say(first: int) -> None:
    checked, interior = compare_networks(random_graph, range(first, min(first + CHUNK, NETWORKS)))
    assert checked > 2 * CHUNK
    assert interior > CHUNK // 10, "too few positions without a border"


def test_tokens_see_what_their_gradients_say() -> None:
    checked, interior = compare_networks(random_token_graph, range(TOKENS))
    assert checked > 2 * TOKENS
    assert interior > TOKENS // 4


def compare_networks(make: Callable[[int], Graph], seeds: range) -> tuple[int, int]:
    """The number of positions compared, and of those among them that no border clips."""
    checked = interior = 0
    for seed in seeds:
        torch.manual_seed(seed)
        graph = make(seed)
        try:
            gradients = Gradients(graph)
        except SpecError:  # a mean needs more room than the maximum that it stands for
            continue
        last = graph.nodes[-1]
        fields = receptive_fields(graph)[last.name]
        moved = {"flatten", "reshape", "permute"} & {node.kind for node in graph.nodes}
        for position in positions(last.output, random.Random(seed)):
            ours = footprints(graph, last.name, position)
            within = inside(graph, last.name, position)
            for name, mask in gradients.seen(last.name, position).items():
                checked += 1
                found = ours.get(name)
                where = f"seed {seed}, {last.name} at {position}, {name}"
                if found is None or found.exact:
                    assert torch.equal(pixels(found, graph.inputs[name]), mask), where
                else:
                    assert not (mask & ~pixels(found, graph.inputs[name])).any(), where
                assert found is None or name in fields, where
                if within and found is not None and (len(position) == 1 or not moved):
                    claims = [claimed(extent, position, axis) for axis, extent in enumerate(fields[name].axes)]
                    interior += None not in claims
                    for claim, span in zip(claims, found.spans, strict=True):
                        assert claim is None or claim == span, where
    return checked, interior


def positions(shape: tuple[int, ...], rng: random.Random) -> set[Position]:
    sizes = shape[1:]
    return {tuple(0 for _ in sizes), tuple(n // 2 for n in sizes), tuple(rng.randrange(n) for n in sizes)}
