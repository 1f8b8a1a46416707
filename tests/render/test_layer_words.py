import pytest

import cnncalc
from cnncalc.render.layer_words import layer_words


@pytest.mark.parametrize(
    ("item", "size", "expected"),
    [
        ("conv: {out_channels: 96, kernel_size: 11, stride: 4}", "3x227x227", "conv 11×11, 96, stride 4"),
        (
            "conv: {out_channels: 8, kernel_size: [3, 5], padding: [1, 2], bias: false}",
            "3x9x9",
            "conv 3×5, 8, padding 1×2, no bias",
        ),
        ("conv: {out_channels: 8, kernel_size: 3, padding: same}", "3x9x9", "conv 3×3, 8, padding same"),
        (
            "conv: {out_channels: 8, kernel_size: 3, padding: [[0, 1], [2, 2]]}",
            "3x9x9",
            "conv 3×3, 8, padding [0, 1]×2",
        ),
        ("conv: {out_channels: 8, kernel_size: 3, padding: [[12, 0]]}", "3x9", "conv 3, 8, padding [12, 0]"),
        (
            "conv: {out_channels: 1, kernel_size: 1, connections: [[0, 1]]}",
            "3x9x9",
            "conv 1×1, 1, connections of 1 rows",
        ),
        ("maxpool: 2", "3x8x8", "maxpool 2×2"),
        ("maxpool: {kernel_size: 3, stride: 2, ceil_mode: true}", "3x8x8", "maxpool 3×3, stride 2, ceil_mode"),
        ("linear: 10", "8", "linear 10"),
        ("linear: {out_features: 10, bias: false}", "8", "linear 10, no bias"),
        ("dropout: 0.3", "8", "dropout 0.3"),
        ("dropout", "8", "dropout"),
        ("relu", "8", "relu"),
        ("batchnorm: {eps: 0.001}", "8", "batchnorm eps 0.001"),
        ("permute: [2, 1]", "8x9", "permute [2, 1]"),
        ("upsample: {scale_factor: 2, mode: bilinear}", "3x8x8", "upsample 2, mode bilinear"),
        ("adaptive_avgpool: 6", "3x8x8", "adaptive_avgpool 6×6"),
    ],
)
def test_what_it_is(item, size, expected):
    from cnncalc.spec import parse_item

    (layer,) = parse_item(item).analyze(input=tuple(map(int, size.split("x")))).layers
    assert layer_words(layer.node) == expected


def test_every_layer_of_every_shipped_network_has_words():
    from cnncalc import shipped

    for name in shipped.names():
        for layer in cnncalc.load(name).analyze().layers:
            assert layer_words(layer.node).startswith(layer.kind)
