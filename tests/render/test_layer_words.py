import pytest

import cnncalc
from cnncalc.render.layer_words import WIDEST_JOINED, layer_words, row_words


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


JOINED = """input: {image: 3x8x8, mask: 3x8x8}
blocks:
  unit:
    - residual:
        body:
          - conv: {out_channels: 3, kernel_size: 1}
          - relu
        shortcut: [batchnorm]
layers:
  - add:
    from: [image, mask]
  - unit
  - concat: [image, mask, add1]
  - branches: {merge: multiply, paths: [[relu], [tanh]]}
    name: gate
  - global_avgpool
  - upsample: {like: gate}
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("add1", "add of image, mask"),
        ("unit1.add1", "add of relu1, shortcut.batchnorm1"),
        ("concat1", "concat of unit1.add1, image, mask, add1"),
        ("gate", "multiply of branch1.relu1, branch2.tanh1"),
        ("unit1.relu1", "relu"),
        ("upsample1", "upsample like gate"),
    ],
)
def test_a_row_names_what_it_joins(name, expected):
    assert row_words(cnncalc.parse(JOINED).analyze()[name].node) == expected


def test_many_names_are_cut():
    items = "[" + ", ".join(["relu"] * 9) + ", concat: [" + ", ".join(f"relu{n}" for n in range(1, 9)) + "]]"
    assert row_words(cnncalc.load(items).analyze(input=(3, 4, 4))["concat1"].node) == (
        "concat of relu9, relu1, relu2, relu3 and 5 more"
    )
    long = [row_words(layer.node) for layer in cnncalc.load("googlenet").analyze() if layer.kind == "concat"]
    assert long[0] == "concat of branch1.unit1.relu1, branch2.unit2.relu1 and 2 more"
    assert all(len(text) <= len("concat of ") + WIDEST_JOINED for text in long)


@pytest.mark.parametrize("command", ["shapes", "flops", "memory", "summary", "rf"])
@pytest.mark.parametrize("form", ["table", "markdown"])
def test_every_table_of_layers_shows_it(capsys, command, form):
    from cnncalc.cli.main import main

    assert main([command, "resnet@18", "--format", form]) == 0
    assert "add of batchnorm2, layer1.0.relu2" in capsys.readouterr().out


def test_csv_names_all_inputs(capsys):
    import csv
    import io

    from cnncalc.cli.main import main

    main(["shapes", "googlenet", "--format", "csv"])
    rows = {row["layer"]: row["from"].split() for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert rows["conv1.conv1"] == ["input"]
    assert len(rows["inception3a.concat1"]) == 4


def test_a_table_in_which_nothing_joins_is_as_it_was(capsys):
    from cnncalc.cli.main import main

    main(["shapes", "alexnet"])
    assert " of " not in capsys.readouterr().out.partition("layer  ")[2]
