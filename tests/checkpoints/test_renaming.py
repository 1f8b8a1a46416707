"""Renamings that are suggested: the networks load with them, and compute the same."""

import pytest

import cnncalc
from cnncalc.checkpoints.checkpoint import Checkpoint, Tensor
from cnncalc.checkpoints.comparison import compare
from cnncalc.checkpoints.renaming import MOST_NAMES, renamings, rules
from cnncalc.checkpoints.state import state_of

RESNET = cnncalc.load("resnet@18").analyze().graph
STATE = state_of(RESNET)
TORCHVISION = (("shortcut.downsample.conv1", "downsample.0"), ("shortcut.downsample.batchnorm1", "downsample.1"))


def torchvisions(name):
    for own, other in (*TORCHVISION, ("batchnorm", "bn"), ("linear1", "fc")):
        name = name.replace(own, other)
    return name


def renamed(change, kept=lambda name: True):
    """A checkpoint sorted by name, as safetensors sorts, and what is said of it."""
    tensors = {change(name): Tensor(each.shape, "F32") for name, each in sorted(STATE.items()) if kept(name)}
    tensors = dict(sorted(tensors.items()))
    return compare(RESNET, Checkpoint(("model",), {name: each for name, each in tensors.items() if "num" not in name}))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda name: f"module.{name}", [("module.*", "*")]),
        (lambda name: f"model.backbone.{name}", [("model.backbone.*", "*")]),
        (
            torchvisions,
            [
                ("bn1", "batchnorm1"), ("bn2", "batchnorm2"), ("downsample.0", "shortcut.downsample.conv1"),
                ("downsample.1", "shortcut.downsample.batchnorm1"), ("fc", "linear1"),
            ],
        ),
        (lambda name: f"module.{torchvisions(name)}", None),
    ],
)  # fmt: skip
def test_names_of_others(change, expected):
    found = renamed(change)
    assert found.alike
    assert all(change(new) == old for old, new in found.renamings.items())
    assert len(found.renamings) >= 83
    assert expected is None or rules(found.renamings) == expected


def test_levels_of_other_names_and_depth():
    """Every level has another name, and numbers beyond 9 are in their order."""

    def change(name):
        level, _, rest = torchvisions(name).partition(".")
        return f"net.{level.replace('layer', 'stages.1')}.{rest}"

    found = renamed(change)
    assert all(change(new) == old for old, new in found.renamings.items())
    assert not found.missing


def test_another_head_is_not_renamed():
    found = renamed(torchvisions, kept=lambda name: not name.startswith("linear1"))
    assert found.missing == ("linear1.weight", "linear1.bias")
    assert len(found.renamings) == 83  # all of the batchnorms and shortcuts


def test_a_few_equal_shapes_are_chance():
    other = state_of(cnncalc.load("vgg@16").analyze().graph)
    found = {f"x.{name}": Tensor(each.shape, "F32") for name, each in other.items()}
    assert not renamings(STATE, found)


def test_a_checkpoint_without_shapes_has_only_prefixes():
    assert not renamings(STATE, {torchvisions(name): Tensor() for name in STATE if "batchnorm" in name})
    assert len(renamings(STATE, {f"module.{name}": Tensor() for name in STATE})) == len(STATE)


def test_more_names_than_are_compared():
    assert not renamings(STATE, {f"{n}.weight": Tensor((1,), "F32") for n in range(MOST_NAMES + 1)})


def test_other_words_for_tensors():
    graph = cnncalc.parse("input: 3x8x8\nlayers:\n  - batchnorm\n").analyze().graph
    words = ("gamma", "beta", "moving_mean", "moving_variance")
    found = renamings(state_of(graph), {f"norm.{word}": Tensor((3,), "F32") for word in words})
    assert [new.rpartition(".")[2] for new in found.values()] == ["weight", "bias", "running_mean", "running_var"]
    assert rules(found) == [
        (f"norm.{word}", f"batchnorm1.{own}")
        for word, own in zip(words, ("weight", "bias", "running_mean", "running_var"), strict=True)
    ]


def test_a_network_loads_with_them_and_computes_the_same():
    torch = pytest.importorskip("torch")
    spec = cnncalc.load("mobilenet_v2").at(None)
    source, target = spec.to_torch().eval(), spec.to_torch().eval()
    names = {}
    for number, name in enumerate(dict.fromkeys(name.rpartition(".")[0] for name in source.state_dict())):
        names[name] = f"stem.{number}" if number < 2 else f"blocks.{number // 6}.{number % 6}"
    for module in source.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.bias)
    state = {
        f"{names[name.rpartition('.')[0]]}.{name.rpartition('.')[2]}": t for name, t in source.state_dict().items()
    }
    tensors = {name: Tensor(tuple(t.shape), "I64" if "num" in name else "F32") for name, t in sorted(state.items())}
    found = compare(spec.analyze().graph, Checkpoint(("model",), tensors))
    assert found.alike
    target.load_state_dict({found.renamings.get(name, name): tensor for name, tensor in state.items()})
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(source(x), target(x))
