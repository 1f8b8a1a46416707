"""The blocks of modules: valid, no word too many, and as large as the papers and the modules say."""

import pytest

import cnncalc
from cnncalc.errors import Source, SpecError
from cnncalc.importers import supply
from cnncalc.importers.ultralytics.library import blocks_of, library, read_blocks

from .models import rows


def params(*lines):
    report = cnncalc.parse(rows("[-1, 1, nn.Identity, []]", *lines)).analyze(input=(64, 64, 64))
    return report.params


CONV = 64 * 64 * 9 + 2 * 64  # a 3×3 convolution of 64 channels, normalized
POINT = 64 * 64 + 2 * 64
MODULES = {  # by hand, from 64 channels to 64
    "Conv, [64, 3]": CONV,
    "Conv, [64, 3, 1, None, 64]": 64 * 9 + 128,
    "DWConv, [64, 3]": 64 * 9 + 128,
    "Focus, [64, 3]": 4 * 64 * 64 * 9 + 128,
    "GhostConv, [64]": 64 * 32 + 64 + 32 * 25 + 64,
    "Bottleneck, [64]": 2 * (64 * 32 * 9) + 64 + 128,
    "C2f, [64]": POINT + 96 * 64 + 128 + 2 * (32 * 32 * 9 + 64),
    "C3, [64]": 2 * (64 * 32 + 64) + POINT + 32 * 32 + 64 + 32 * 32 * 9 + 64,
    "SPPF, [64, 5]": 64 * 32 + 64 + 128 * 64 + 128,
    "SPP, [64]": 64 * 32 + 64 + 128 * 64 + 128,
    "RepConv, [64]": CONV + POINT,
    "SCDown, [64, 3, 2]": POINT + 64 * 9 + 128,
    "AConv, [64]": CONV,
    "ADown, [64]": 32 * 32 * 9 + 64 + 32 * 32 + 64,
    "SPPELAN, [64, 32]": 64 * 32 + 64 + 128 * 64 + 128,
    "C2, [64]": POINT + POINT + 2 * (32 * 32 * 9 + 64),
    "MP, []": 0,
    "ReOrg, []": 0,
    "ConvTranspose, [64]": 64 * 64 * 4 + 128,
    "DWConvTranspose2d, [64, 2, 2]": 64 * 4 + 64,
    "CrossConv, [64, 3, 1, 1, 1.0, True]": 2 * (64 * 64 * 3 + 128),
    "C3SPP, [64]": 2 * (64 * 32 + 64) + POINT + 32 * 16 + 32 + 64 * 32 + 64,
    "nn.Conv2d, [64, 8, 1]": 64 * 8 + 8,
    "nn.ConvTranspose2d, [64, 2, 2]": 64 * 64 * 4 + 64,
}


@pytest.mark.parametrize("module", MODULES)
def test_parameters_by_hand(module):
    name, _, args = module.partition(", ")
    assert params(f"[-1, 1, {name}, {args}]") == MODULES[module]


def test_attention():
    """PSA's unit, of 32 channels: queries and keys of half the size of values, and a depthwise filter of the values."""
    half = 64
    attention = half * (half + 2 * 32) + 2 * (half + 64) + half * half + 2 * half + 9 * half + 2 * half
    feed = half * 2 * half + 4 * half + 2 * half * half + 2 * half
    text = rows("[-1, 1, Conv, [128]]", "[-1, 1, C2PSA, [128]]")
    report = cnncalc.parse(text).analyze(input=(64, 16, 16))
    ends = 2 * (128 * 128 + 256)
    assert report.params - (64 * 128 + 256) == ends + attention + feed


def test_heads_with_different_numbers_of_levels():
    """Each has blocks of its own number of tensors; the second is named after it."""
    convs = ["[-1, 1, Conv, [64]]", "[-1, 1, Conv, [64, 3, 2]]"]
    both = params(*convs, "[[1, 2], 1, Detect, [3]]", "[[2], 1, Detect, [3]]")
    two, one = (params(*convs, f"[{read}, 1, Detect, [3]]") for read in ("[1, 2]", "[2]"))
    assert both == two + one - params(*convs)
    made = blocks_of(["Detect"], [3, 2], {}, {})
    assert {key.partition("(")[0] for key in made} >= {"Detect", "Detect2", "Predict", "Predict2", "Decode"}


def test_a_head_with_readfor_training():
    convs = ["[-1, 1, Conv, [64]]", "[-1, 1, Conv, [64, 3, 2]]"]
    head = params(*convs, "[[1, 2, 1, 2], 1, IAuxDetect, [3, 3]]") - params(*convs)
    assert head == 4 * (64 * 24 + 24) + 2 * (64 + 24)
    with pytest.raises(SpecError, match="reads an even number of rows"):
        params(*convs, "[[1, 2, 1], 1, IAuxDetect, [3, 3]]")


def test_every_definition_is_read():
    names = list(library())
    assert len(names) > 70
    assert len(blocks_of(names, [3], {}, {"KERNELS": "[3, 3]"})) == len(names)


def test_only_what_is_called_is_in_a_spec():
    assert set(blocks_of(["C2f"], [3], {}, {})) == {
        "C2f(channels, repeats=1, shortcut=false, groups=1, expansion=0.5)",
        *blocks_of(["Bottleneck"], [3], {}, {}),
    }


def test_blocks_of_a_user(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "Mine(channels, repeats=1):\n"
        "  - conv: {out_channels: channels, kernel_size: 3, padding: 1}\n    repeat: repeats\n"
        "Join(tensor other):\n  - concat: other\n"
    )
    text = rows("[-1, 1, Conv, [64]]", "[-1, 3, Mine, [64]]", "[[-1, 0], 1, Join, []]")
    spec = cnncalc.parse
    with pytest.raises(SpecError, match="unknown module 'Mine'"):
        spec(text)
    supply([str(tmp_path / "mine.yaml")])
    try:
        report = spec(text).analyze(input=(3, 8, 8))
    finally:
        supply([])
    assert report.params == 3 * 64 + 128 + 3 * (64 * 64 * 9 + 64)
    assert report.outputs == {"output": (128, 8, 8)}


@pytest.mark.parametrize("text", ["[1, 2]", "A(:\n  - relu\n", "3", "C2f(channels):\n  - relu\n"])
def test_blocks_that_are_none(text):
    with pytest.raises(SpecError):
        read_blocks(Source("mine.yaml", text))
