"""A checkpoint that does not fit, in words."""

import re

import pytest

import cnncalc

from ...checkpoints.files import save, save_index

SPEC = """input: 3x8x8
params: {width: 4}
variants: {wide: {width: 8}}
layers:
  - conv: {out_channels: width, kernel_size: 3}
  - batchnorm
  - flatten
  - linear: 10
"""


def tensors(width=4):
    norm = {f"batchnorm1.{key}": (width,) for key in ("weight", "bias", "running_mean", "running_var")}
    conv = {"conv1.weight": (width, 3, 3, 3), "conv1.bias": (width,)}
    return {**conv, **norm, "linear1.weight": (10, 36 * width), "linear1.bias": (10,)}


def said(tmp_path, monkeypatch, content, name="model.safetensors", **options):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / name, content)
    spec = cnncalc.parse(SPEC, "net")
    checked = cnncalc.check(spec, weights=name, select=["weights-mismatch"], **options)
    return checked, [
        (finding.span and finding.span.line, finding.message, finding.fix and finding.fix.words)
        for finding in checked.findings
    ]


def test_it_fits(tmp_path, monkeypatch):
    checked, found = said(tmp_path, monkeypatch, tensors())
    assert not found
    assert checked.weights.fits


def test_another_variant(tmp_path, monkeypatch):
    _, found = said(tmp_path, monkeypatch, tensors(8))
    assert found == [(None, "model.safetensors is a checkpoint of another variant", "it fits the variant wide")]
    renamed = {name.replace("conv1", "stem"): shape for name, shape in tensors(8).items()}
    _, ((_, _, fix),) = said(tmp_path, monkeypatch, renamed)
    assert fix == "it fits the variant wide, but for the names of its tensors"


def test_layers_and_what_belongs_to_none(tmp_path, monkeypatch):
    wrong = {**tensors(), "linear1.weight": (144, 10), "conv1.bias": ((4,), "I8"), "head.bias": (7,)}
    for name in [*wrong]:
        if name.startswith("batchnorm1"):
            del wrong[name]
    _, found = said(tmp_path, monkeypatch, wrong)
    assert found == [
        (None, "1 tensor of model.safetensors belongs to no layer: head.bias", None),
        (5, "bias holds floating-point numbers, in model.safetensors I8", None),
        (6, "model.safetensors lacks its tensors", None),
        (8, "weight is 10×144, in model.safetensors 144×10, transposed", None),
    ]


def test_other_names(tmp_path, monkeypatch):
    renamed = {f"module.{name.replace('batchnorm1', 'bn')}": shape for name, shape in tensors().items()}
    _, found = said(tmp_path, monkeypatch, renamed)
    assert found == [
        (
            None,
            "8 tensors of model.safetensors have other names",
            "by shape and order, rename module.* to *, bn.* to batchnorm1.*",
        )
    ]


def test_nothing_in_common(tmp_path, monkeypatch):
    _, ((_, message, _),) = said(tmp_path, monkeypatch, {"\x1b[31m": (99,)})
    assert message == "model.safetensors has no tensor of this network (1 tensor of other names and shapes)"


def test_an_index_of_an_impossible_size(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_index(tmp_path / "x.index.json", dict.fromkeys(tensors(), "x.bin"), total_size=7)
    checked = cnncalc.check(cnncalc.parse(SPEC), weights=["x.index.json"], select=["weights-mismatch"])
    assert [finding.message for finding in checked.findings] == [
        "x.index.json states 7 bytes, which these tensors cannot have"
    ]


def test_levels_apply(tmp_path, monkeypatch):
    checked, found = said(tmp_path, monkeypatch, {}, levels={"weights-mismatch": "note"})
    assert [finding.level for finding in checked.findings] == ["note"] * len(found) != []
    assert cnncalc.check(cnncalc.parse(SPEC), weights="model.safetensors", ignore=["all"]).findings == ()


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(cnncalc.UsageError, match=re.escape("gone.safetensors: no such file")):
        cnncalc.check(cnncalc.parse(SPEC), weights=tmp_path / "gone.safetensors")


def test_one_file_of_several(tmp_path, monkeypatch):
    """What the other files hold is not called missing."""
    content = {name: shape for name, shape in tensors().items() if not name.startswith("linear1")}
    content["conv1.bias"] = (5,)
    _, found = said(tmp_path, monkeypatch, content, "model-00001-of-00002.safetensors")
    assert found == [
        (
            None,
            "model-00001-of-00002.safetensors is 1 of 2 files",
            "name their index, or --weights for each of them",
        ),
        (5, "bias is 4, in model-00001-of-00002.safetensors 5", None),
    ]
