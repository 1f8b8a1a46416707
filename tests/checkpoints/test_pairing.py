"""Modules paired by their tensors, level by level."""

from cnncalc.checkpoints.pairing import Module, paired


def modules(**shapes):
    return [Module(path.replace("_", "."), {}, shape) for path, shape in shapes.items()]


def pairs(ours, theirs):
    return {own.path: other.path for own, other in paired(ours, theirs)}


def test_equal_levels_are_paired_before_modules():
    """The norm of the stem has the shape of those in the blocks; only its level tells them apart."""
    ours = modules(stem_norm="n", stem_conv="c", block_norm="n", block_fc="f")
    theirs = modules(a_1="n", a_2="f", z_1="c", z_2="n")
    assert pairs(ours, theirs) == {"stem.norm": "z.2", "stem.conv": "z.1", "block.norm": "a.1", "block.fc": "a.2"}


def test_equal_names_at_the_end_precede_the_order():
    assert pairs(modules(q="m", k="m", v="m"), modules(k="m", q="m", v="m")) == {"q": "q", "k": "k", "v": "v"}
    assert pairs(modules(a="m", b="m"), modules(x="m", y="m")) == {"a": "x", "b": "y"}


def test_different_numbers_are_left_alone():
    assert not pairs(modules(a="m", b="m"), modules(x="m"))


def test_deep_names():
    deep = [Module("a." * 5000 + name, {}, name) for name in "xyz"]
    assert len([*paired(deep, deep)]) == 3
