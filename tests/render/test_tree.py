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
