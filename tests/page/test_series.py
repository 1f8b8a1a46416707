"""Which graphs fit in lanes: hand-made ones, and random ones that the page then places without a library."""

import random
from pathlib import Path

import pytest

import cnncalc
from cnncalc.page.html import is_drawn_in_lanes
from cnncalc.page.series import fits_in_lanes

from .asking import NODE, ask

LANES = Path(__file__).with_name("lanes.mjs")


@pytest.mark.parametrize(
    ("sources", "fits"),
    [
        ([[], [0], [1]], True),
        ([[], [0], [0], [1, 2]], True),
        ([[], [0], [0], [0], [1, 2, 3]], True),
        ([[], [0], [1], [2, 0], [3, 0]], True),  # a skip around a skip
        ([[], [0], [1, 0], [2], [3, 1]], False),  # two skips that cross
        ([[], [0], [0], [1, 2], [1, 2], [3, 4]], False),  # everything reads everything
        ([[], [0], [0], [1], [1], [3, 4], [2, 5]], False),  # a branch that holds a branch
        ([[], []], True),  # two networks side by side
        ([], True),
    ],
)
def test_by_hand(sources, fits):
    assert fits_in_lanes(sources) == fits


@pytest.mark.parametrize(("name", "fits"), [("resnet@50", True), ("vit", True), ("googlenet", False), ("fpn", False)])
def test_networks(name, fits):
    spec = cnncalc.load(name)
    assert is_drawn_in_lanes(spec.view().document) == fits
    assert spec.view().html.count("<script>") == (1 if fits else 2)


def grow(source, sources, at, depth, length):
    """Adds a random chain behind a node, with skips and, `depth` deep, branches; returns its last node."""
    for _ in range(length):
        ends = {at}
        if depth and source.random() < 0.5:
            ends = {grow(source, sources, at, depth - 1, source.randint(0, 2)) for _ in range(source.randint(2, 4))}
        sources.append(sorted(ends))
        at = len(sources) - 1
    return at


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_page_places_them_itself():
    source, graphs = random.Random(18), []
    for _ in range(400):
        sources = [[]]
        grow(source, sources, 0, source.choice((1, 2, 2)), 5)
        graphs.append({"sources": sources, "wide": [source.choice((60, 140, 196)) for _ in sources]})
    asked = ask(LANES, graphs)
    fits = [fits_in_lanes(each["sources"]) for each in graphs]
    assert not any(need for need, alone in zip(asked, fits, strict=True) if alone)
    assert any(asked)
    assert 100 < sum(fits) < len(fits)
