from cnncalc.render.tree import entries


def test_blocks_have_headers(report):
    tree = list(entries(report("resnet@18").layers))
    assert [entry.path for entry in tree[:8]] == [
        "conv1", "batchnorm1", "relu1", "maxpool1", "layer1", "layer1.0", "layer1.0.conv1", "layer1.0.batchnorm1",
    ]  # fmt: skip
    assert [entry.level for entry in tree[3:8]] == [0, 0, 1, 2, 2]
    assert tree[4].header
    assert tree[4].last.name == "layer1.1.relu2"


def test_every_layer_is_there_once(report):
    layers = report("googlenet").layers
    for depth in (None, 1, 2, 3):
        shown = [layer.name for entry in entries(layers, depth) if not entry.header for layer in entry.layers]
        assert shown == [layer.name for layer in layers]


def test_depth(report):
    layers = report("resnet@18").layers
    top = list(entries(layers, 1))
    assert {entry.level for entry in top} == {0}
    assert [len(entry.layers) for entry in top if entry.layer is None] == [14, 16, 16, 16]
    assert {entry.level for entry in entries(layers, 2)} == {0, 1}


def test_a_block_of_one_layer_is_no_layer(report):
    (entry,) = entries(report("input: 3x4x4\nblocks: {unit: [relu]}\nlayers: [unit]\n").layers, 1)
    assert entry.layer is None
    assert entry.path == "unit1"


def test_named_branches_fold_with_their_join(report):
    text = "input: 3x4x4\nlayers: [{branches: {merge: concat, paths: [[relu], [tanh]]}, name: both}, flatten]\n"
    layers = report(text).layers
    both, _ = entries(layers, 1)
    assert [layer.name for layer in both.layers] == ["both.branch1.relu1", "both.branch2.tanh1", "both"]
    assert both.layer is None
    assert both.last.output == (6, 4, 4)
    shown = [(entry.path, entry.level) for entry in entries(layers) if not entry.header]
    assert shown == [("both.branch1.relu1", 2), ("both.branch2.tanh1", 2), ("both", 0), ("flatten1", 0)]


def shown(report, text, depth):
    return [(entry.name, len(entry.layers)) for entry in entries(report(text).layers, depth) if not entry.header]


PAIR = "sequence: [{conv: {out_channels: 3, kernel_size: 1}}, relu], repeat: 3"


def test_an_unnamed_sequence_that_repeats_folds_by_turns(report):
    text = f"input: 3x4x4\nlayers: [{{{PAIR}}}, flatten]\n"
    turns = [("conv1 … relu1", 2), ("conv2 … relu2", 2), ("conv3 … relu3", 2)]
    assert shown(report, text, 1) == [*turns, ("flatten1", 1)]
    assert shown(report, text, 2) == shown(report, text, None)
    assert [name for name, _ in shown(report, text, None)] == [
        "conv1",
        "relu1",
        "conv2",
        "relu2",
        "conv3",
        "relu3",
        "flatten1",
    ]
    once = text.replace("repeat: 3", "repeat: 1")
    assert shown(report, once, 1) == [("conv1 … relu1", 2), ("flatten1", 1)]


def test_turns_within_turns(report):
    text = f"input: 3x4x4\nlayers: [{{sequence: [{{{PAIR}}}, tanh], repeat: {{j: 2}}}}]\n"
    assert shown(report, text, 1) == [("conv1 … tanh1", 7), ("conv4 … tanh2", 7)]
    inner = [(f"conv{number} … relu{number}", 2) for number in range(1, 7)]
    assert shown(report, text, 2) == [*inner[:3], ("tanh1", 1), *inner[3:], ("tanh2", 1)]
    assert shown(report, text, 3) == shown(report, text, None)


def test_turns_within_blocks_that_are_walked_once(report):
    """The second block is copied from the first."""
    text = f"input: 3x4x4\nblocks: {{unit: [{{{PAIR}}}, tanh]}}\nlayers: [unit, unit]\n"
    assert shown(report, text, 1) == [("unit1", 7), ("unit2", 7)]
    turns = [(f"conv{number} … relu{number}", 2) for number in (1, 2, 3)]
    assert shown(report, text, 2) == [*turns, ("tanh1", 1)] * 2
    paths = [entry.path for entry in entries(report(text).layers, 2) if not entry.header]
    assert paths[0] == "unit1.conv1 … relu1"
    assert paths[-2] == "unit2.conv3 … relu3"


def test_turns_that_consist_of_blocks_are_not_folded_again(report):
    text = "input: 3x4x4\nblocks: {unit: [relu, tanh]}\nlayers: [{sequence: [unit, unit], repeat: 2}]\n"
    assert shown(report, text, 1) == [("unit1", 2), ("unit2", 2), ("unit3", 2), ("unit4", 2)]


def test_residuals_and_branches_that_repeat_without_a_name(report):
    joined = "{residual: {body: [relu, tanh]}, repeat: 2}, {branches: {merge: add, paths: [[relu], []]}, repeat: 2}"
    text = f"input: 3x4x4\nlayers: [{joined}]\n"
    assert shown(report, text, 1) == [
        ("relu1 … add1", 3),
        ("relu2 … add2", 3),
        ("branch1 … add3", 2),
        ("branch3 … add4", 2),
    ]


def test_every_layer_of_every_network_is_there_once(report):
    for name in ("vgg@16", "unet", "densenet", "alexnet", "regnet", "retinanet"):
        layers = report(name).layers
        for depth in (1, 2, 3):
            found = [layer.name for entry in entries(layers, depth) if not entry.header for layer in entry.layers]
            assert found == [layer.name for layer in layers]
    stages = [entry.name for entry in entries(report("vgg@16").layers, 1)]
    assert stages[:5] == [f"conv{stage}_1 … pool{stage}" for stage in range(1, 6)]
