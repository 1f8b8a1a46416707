"""Boxes in layers: none overlap, and edges lead down, on random graphs."""

import random
from itertools import pairwise

import pytest

from cnncalc.render.pictures.layered import GAP, place


@pytest.mark.parametrize("seed", range(40))
def test_boxes_do_not_overlap_and_edges_lead_down(seed):
    source = random.Random(seed)
    count = source.randint(1, 25)
    widths = [source.uniform(20, 200) for _ in range(count)]
    edges = {(source.randrange(target), target) for target in range(1, count) for _ in range(source.randint(1, 3))}
    layout = place(widths, sorted(edges))
    assert all(layout.ranks[a] < layout.ranks[b] for a, b in edges)
    spots = [(rank, middle, width) for rank, middle, width in zip(layout.ranks, layout.middles, widths, strict=True)]
    for (a, b), way in zip(sorted(edges), layout.ways, strict=True):
        assert len(way) == layout.ranks[b] - layout.ranks[a] - 1
        spots += [(layout.ranks[a] + step, middle, 0) for step, middle in enumerate(way, 1)]
    for rank in set(layout.ranks):
        row = sorted((middle, width) for each, middle, width in spots if each == rank)
        for (left, wide), (right, its) in pairwise(row):
            assert right - left >= (wide + its) / 2 + GAP - 1e-6


def test_a_chain_is_straight():
    layout = place([50, 120, 80, 60], [(0, 1), (1, 2), (2, 3)])
    assert max(layout.middles) - min(layout.middles) < 0.5
    assert layout.ranks == (0, 1, 2, 3)


def test_one_box():
    assert place([40], []).middles == (20,)
