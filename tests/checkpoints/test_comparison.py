"""A checkpoint beside a network: what fits, and each way in which it does not."""

import cnncalc
from cnncalc.checkpoints.checkpoint import Checkpoint, Tensor
from cnncalc.checkpoints.comparison import compare
from cnncalc.checkpoints.state import state_of

SPEC = """
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3}
  - batchnorm
  - relu
  - flatten
  - linear: 10
"""
GRAPH = cnncalc.parse(SPEC).analyze().graph


def whole(graph=GRAPH):
    return {
        name: Tensor(each.shape, "I64" if each.whole else "F32")
        for name, each in state_of(graph).items()
        if each.shares is None
    }


def compared(change=lambda tensors: None, graph=GRAPH, size=None):
    tensors = whole(graph)
    change(tensors)
    return compare(graph, Checkpoint(("model",), tensors, size))


def test_it_fits():
    found = compared()
    assert found.fits
    assert found.fitting == 9


def test_a_count_of_batches_may_be_absent():
    assert compared(lambda tensors: tensors.pop("batchnorm1.num_batches_tracked")).fits


def test_floating_point_of_any_width_fits_but_no_whole_numbers():
    assert compared(lambda tensors: tensors.update({"conv1.bias": Tensor((4,), "BF16")})).fits
    found = compared(lambda tensors: tensors.update({"conv1.bias": Tensor((4,), "I8")}))
    assert found.dtypes == {"conv1.bias": "I8"}
    assert not found.alike


def test_what_is_missing_superfluous_and_of_another_shape():
    def change(tensors):
        del tensors["conv1.bias"]
        tensors["linear1.weight"] = Tensor((10, 9), "F32")
        tensors["head.bias"] = Tensor((7,), "F32")

    found = compared(change)
    assert found.missing == ("conv1.bias",)
    assert found.superfluous == ("head.bias",)
    assert found.shapes == {"linear1.weight": (10, 9)}
    assert found.fitting == 7


def test_a_shared_tensor_is_saved_once_under_either_name():
    text = (
        "input: 8\nlayers:\n  - linear: {out_features: 8, name: a}\n  - linear: {out_features: 8, name: b, share: a}\n"
    )
    text = text.replace("{out_features: 8, name: a}", "8\n    name: a")
    graph = (
        cnncalc.parse(text.replace("{out_features: 8, name: b, share: a}", "8\n    name: b\n    share: a"))
        .analyze()
        .graph
    )
    assert [each.shares for each in state_of(graph).values()] == [None, None, "a.weight", "a.bias"]
    both = {f"{name}.{key}": Tensor((8, 8) if key == "weight" else (8,)) for name in "ab" for key in ("weight", "bias")}
    for kept in ("ab", "a", "b"):
        tensors = {name: each for name, each in both.items() if name[0] in kept}
        assert compare(graph, Checkpoint(("model",), tensors)).fits, kept


def test_names_alone_and_the_bytes_of_an_index():
    numbers = sum(each.shape[0] if each.shape else 0 for each in whole().values())
    assert numbers

    def names(tensors):
        tensors.update(dict.fromkeys(tensors, Tensor()))

    assert compared(names, size=4 * 1590).fits
    assert compared(names, size=100).wrong_bytes
    assert compared(names, size=10**9).wrong_bytes


def test_an_unknown_operation_may_have_any_tensors():
    text = "input: 3x8x8\nlayers:\n  - unknown: {op: Magic, shape: [4, 8, 8], params: 3}\n    name: magic\n  - relu\n"
    graph = cnncalc.parse(text).analyze().graph
    assert compare(graph, Checkpoint(("model",), {"magic.wand": Tensor((3,))})).fits


def test_renamed_tensors_are_compared_too():
    text = "input: 3x1x1\nlayers:\n  - conv: {out_channels: 4, kernel_size: 1}\n    name: head\n"
    graph = cnncalc.parse(text).analyze().graph
    tensors = {"fc.weight": Tensor((4, 3), "F32"), "fc.bias": Tensor((4,), "F32")}
    found = compare(graph, Checkpoint(("model",), tensors))
    assert found.renamings == {"fc.weight": "head.weight", "fc.bias": "head.bias"}
    assert found.shapes == {"head.weight": (4, 3)}
    assert found.guessed
