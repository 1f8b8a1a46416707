import re

import pytest

from cnncalc.explanations.formulas import formula, quotient
from cnncalc.layers.window import Window
from cnncalc.spec import parse_item


def shown(item: str, *size: int | str) -> str:
    (layer,) = parse_item(item).analyze(input=size).layers
    return formula(layer.node, layer.fit)


def test_quotient():
    assert quotient(Window(224, 11, 4)) == "(224 − 11 + 2·0)/4 + 1"
    assert quotient(Window(10, 3, 2, 1, 0)) == "(10 − 3 + 1 + 0)/2 + 1"
    assert quotient(Window(10, 3, 1, 2, 2, 2)) == "(10 − 2·(3 − 1) − 1 + 2·2)/1 + 1"


@pytest.mark.parametrize(
    ("item", "size", "expected"),
    [
        ("maxpool: {kernel_size: 3, stride: 2}", (3, 13, 13), "(13 − 3 + 2·0)/2 + 1 = 6"),
        ("maxpool: {kernel_size: 3, stride: 2}", (3, 14, 14), "⌊(14 − 3 + 2·0)/2⌋ + 1 = 6"),
        ("maxpool: {kernel_size: 3, stride: 2, ceil_mode: true}", (3, 14, 14), "⌈(14 − 3 + 2·0)/2⌉ + 1 = 7"),
        ("maxpool: {kernel_size: 1, stride: 2, ceil_mode: true}", (3, 4, 4), "⌈(4 − 1 + 2·0)/2⌉ + 1 − 1 = 2"),
        ("conv: {out_channels: 1, kernel_size: [3, 5]}", (3, 9, 9),
         "height (9 − 3 + 2·0)/1 + 1 = 7; width (9 − 5 + 2·0)/1 + 1 = 5"),
        ("conv_transpose: {out_channels: 1, kernel_size: 2, stride: 2}", (3, 28, 28), "2·(28 − 1) + 2 − 2·0 = 56"),
        ("conv_transpose: {out_channels: 1, kernel_size: 3, stride: 2, padding: 1, output_padding: 1, dilation: 2}",
         (3, 28),
         "2·(28 − 1) + 2·(3 − 1) + 1 − 2·1 + 1 = 58"),
        ("conv: {out_channels: 1, kernel_size: [3, 5, 5]}", (3, 4, 9, 9),
         "depth (4 − 3 + 2·0)/1 + 1 = 2; height, width (9 − 5 + 2·0)/1 + 1 = 5"),
        ("conv: {out_channels: 1, kernel_size: 3}", (3, "H"), "(H − 3 + 2·0)/1 + 1 = H − 2"),
        ("relu", (3, 4), ""),
    ],
)  # fmt: skip
def test_with_numbers(item, size, expected):
    assert shown(item, *size) == expected


def test_formulas_are_true():
    """What stands left of every equals sign is what stands right of it."""
    import cnncalc
    from cnncalc import shipped

    signs = str.maketrans({"−": "-", "·": "*"})
    for name in shipped.names():
        for layer in cnncalc.load(name).analyze().layers:
            for part in formula(layer.node, layer.fit).split("; "):
                if part and "⌈" not in part:
                    left, right = re.sub(r"^((depth|height|width)[, ]+)+", "", part).split(" = ")
                    left = left.translate(signs).replace("⌊", "floor(").replace("⌋", ")")
                    assert eval(left, {"floor": lambda x: x // 1}) == int(right), part
