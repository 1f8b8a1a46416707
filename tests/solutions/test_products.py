"""Conditions on the product of two sizes, against every pair of sizes tried."""

from random import Random

import pytest

import cnncalc
from cnncalc.solutions.conditions import validity
from cnncalc.solutions.products import solve_product
from cnncalc.symbolic import Relation, Residues, symbol

TOKENS = """
input: 3x224x224
layers:
  - conv: {out_channels: 192, kernel_size: 16, stride: 16}
  - flatten
  - reshape: [192, 196]
"""
H, W = symbol("H"), symbol("W")
LARGEST = 120  # size tried
FAR = 10_000


@pytest.mark.parametrize("seed", range(40))
def test_every_pair_tried(seed):
    draw = Random(seed)
    sides = {}
    for name, size in (("H", H), ("W", W)):
        less = draw.choice([0, 0, 1, 2])
        sides[name] = draw.choice([1, 3, 7]) * ((size + draw.choice([0, 1, 5])) // draw.choice([1, 2, 4, 7]) - less)
    number = draw.choice([1, 6, 12, 36, 49, 196, 21, 63, 147])
    members = {}
    for name, side in sides.items():
        first = next(size for size in range(1, FAR) if side.evaluate({name: size}) >= 1)
        members[name] = Residues(name, start=max(first, draw.choice([1, 1, 3, 20])))
    found = solve_product(Relation(sides["H"] * sides["W"], "==", number), members)
    assert found is not None
    for name, other in ("HW", "WH"):
        values = {sides[other].evaluate({other: size}) for size in range(members[other].start, 3000)}
        right = [
            size
            for size in range(members[name].start, LARGEST)
            if any(sides[name].evaluate({name: size}) * value == number for value in values if value <= number)
        ]
        assert [size for size in found.solutions[name].scattered if size < LARGEST] == right


@pytest.mark.parametrize(
    ("left", "op", "right"),
    [
        (H * W + H, "==", W),  # both sides depend on symbols
        (H * W + 1, "==", 12),  # not a product
        (H * W, "<=", 12),
        (H * symbol("A") * W, "==", 12),
        (H + W, "==", 12),
    ],
)
def test_other_conditions_are_left_alone(left, op, right):
    members = {name: Residues(name) for name in "AHW"}
    assert solve_product(Relation(left, op, right), members) is None


def test_tokens_of_a_fixed_number():
    solution = cnncalc.solve(cnncalc.parse(TOKENS))
    height, width = solution.axes
    assert height.fitting.finite == width.fitting.finite == (16, 32, 64, 112, 224, 448, 784, 1568, 3136)
    assert (239 in height.valid, 240 in height.valid, height.valid.largest) == (True, False, 3151)
    assert solution.accepts({"H": 448, "W": 112})
    assert not solution.accepts({"H": 448, "W": 224})
    assert [product.text for product in solution.products] == ["⌊H/16⌋·⌊W/16⌋ = 196"]
    assert validity(cnncalc.parse(TOKENS).graph("3xHxW")) == ["⌊H/16⌋·⌊W/16⌋ = 196"]
    (square,) = cnncalc.solve(cnncalc.parse(TOKENS), "3xHxH").axes
    assert (str(square.valid), str(square.fitting)) == ("224 ≤ H ≤ 239", "H = 224")


def test_where_no_size_satisfies_it_the_layer_is_named():
    """Padding makes both factors at least 2, and 5 is a prime."""
    text = TOKENS.replace("stride: 16}", "stride: 16, padding: 16}").replace("196", "5")
    axes = cnncalc.solve(cnncalc.parse(text)).axes
    assert not any(axis.valid or axis.fitting for axis in axes)
    assert [requirement.node for axis in axes for requirement in axis.contradiction] == ["reshape1", "reshape1"]
