import pytest
import torch  # noqa: F401 - without it this file is left out

from cnncalc.pytorch.bench.roofline.datasheet import sheet_note, sheet_rate


@pytest.mark.parametrize(
    ("name", "dtype", "tera"),
    [
        ("NVIDIA H200", "bf16", 989.5),
        ("NVIDIA H200 NVL", "bf16", 835.5),
        ("NVIDIA H100 80GB HBM3", "tf32", 494.7),
        ("NVIDIA H100 PCIe", "fp32", 51),
        ("NVIDIA A100-SXM4-80GB", "fp16", 312),
        ("NVIDIA A100-PCIE-40GB", "fp32", 19.5),
        ("NVIDIA L4", "bf16", 121),
        ("NVIDIA L40S", "bf16", 362),
        ("NVIDIA GeForce RTX 4090", "fp32", 82.6),
        ("Tesla V100-SXM2-16GB", "fp16", 125),
        ("Tesla T4", "fp16", 65),
    ],
)
def test_rates_by_the_names_that_drivers_give(name, dtype, tera):
    assert sheet_rate({"device": name}, dtype) == tera * 1e12


@pytest.mark.parametrize(
    ("facts", "dtype"),
    [
        ({"device": "Imaginary 100"}, "fp32"),
        ({"device": "Tesla T4"}, "bf16"),
        ({"device": "Tesla V100-SXM2-16GB"}, "tf32"),
        ({"device": "NVIDIA A100-SXM4-80GB MIG 3g.40gb"}, "fp32"),
        ({"device": "NVIDIA H200", "mig": "on"}, "fp32"),
        ({}, "fp32"),
    ],
)
def test_what_has_no_sheet(facts, dtype):
    assert sheet_rate(facts, dtype) is None
    assert sheet_note(facts, dtype) == []


def test_a_sheet_says_what_of_it_was_compared():
    (note,) = sheet_note({"device": "NVIDIA GeForce RTX 2080 Ti"}, "fp16")
    assert note.startswith("data sheet of rtx2080ti: NVIDIA Turing GPU Architecture")
    assert note.endswith("; not checked against the document")
    (note,) = sheet_note({"device": "NVIDIA H200"}, "bf16")
    assert note.endswith(": memory, bandwidth, fp32, fp16")
    assert sheet_note({"device": "NVIDIA H100 80GB HBM3"}, "bf16") == []
