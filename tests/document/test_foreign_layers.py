"""The layers of other tools: every word leads to layers of ours, and the way to write them is one that a spec takes."""

from __future__ import annotations

import re

import pytest

import cnncalc
from cnncalc.document.foreign_layers import EXPLAINED, LAYER_WORDS, explanation, known_layer, plain_word
from cnncalc.document.words import GROUPS
from cnncalc.errors import SpecError
from cnncalc.layers import LAYERS
from cnncalc.shipped import path_of

KNOWN = (*LAYERS, *GROUPS)


def complaint(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        cnncalc.parse(text, "net.yaml")
    return str(caught.value)


@pytest.mark.parametrize("word", LAYER_WORDS)
def test_words_of_one_layer(word):
    meant = LAYER_WORDS[word]
    assert meant in KNOWN
    assert word == plain_word(word) not in {plain_word(kind) for kind in KNOWN} | EXPLAINED.keys()
    said = complaint(f"input: 3x8x8\nlayers:\n  - {word}")
    assert f"unknown layer '{word}'" in said or "trap" in said or "no such value" in said
    assert meant in said or word in ("activation", "none")


@pytest.mark.parametrize("word", EXPLAINED)
def test_words_of_several_layers_or_none(word):
    said = complaint(f"input: 3x8x8\nlayers:\n  - {word}: 2")
    assert f"unknown layer '{word}'" in said
    assert EXPLAINED[word] in said
    for written in re.findall(r"`(\w+)[^`]*`", EXPLAINED[word]):
        assert written in (*KNOWN, "input"), written
    for network in re.findall(r"cnncalc show (\w+)", EXPLAINED[word]):
        assert path_of(network)


WORDS = {
    "conv": "Conv1d Conv2D nn.Conv3d torch.nn.Conv2d Convolution2D Conv Convolution convolutional",
    "linear": "Linear Dense fc InnerProduct Gemm connected LazyLinear",
    "maxpool": "MaxPool2d MaxPooling2D max_pool2d MaxPool",
    "avgpool": "AvgPool2d AveragePooling2D AveragePool average_pool",
    "global_avgpool": "GlobalAveragePooling2D GlobalAveragePool global_avg_pool GAP",
    "adaptive_avgpool": "AdaptiveAvgPool2d adaptive_avg_pool2d",
    "batchnorm": "BatchNorm2d BatchNormalization SyncBatchNorm bn batch_norm",
    "scale": "layer_scale LayerScale Scale",
    "conv_transpose": "ConvTranspose2d Conv2DTranspose Deconvolution deconv",
    "leaky_relu": "LeakyReLU leaky leaky_relu_",
    "pixel_shuffle": "PixelShuffle DepthToSpace depth_to_space",
    "concat": "Concatenate cat route Concat",
    "slice": "split Split chunk StridedSlice",
    "flatten": "squeeze Squeeze",
    "glu": "SwiGLU GEGLU GatedLinearUnit",
    "branches": "se SEModule squeeze_excite SqueezeExcitation",
    "reshape": "unsqueeze ExpandDims Unflatten",
    "deform_conv": "DeformConv2d DCNv2",
    "grid_sample": "GridSample grid_sampler",
    "nms": "NonMaxSuppression",
    "unknown": "LSTMCell EmbeddingBag MaxUnpool2d",
    "attention": "MultiheadAttention SelfAttention",
    "lstm": "LSTM nn.LSTM BiLSTM Bidirectional",
    "rnn": "SimpleRNN",
    "pad": "ReflectionPad2d ZeroPad2d ZeroPadding2D",
    "hardtanh": "Clip clamp",
    "a loss": "CrossEntropyLoss BCEWithLogitsLoss SoftmaxWithLoss",
}


@pytest.mark.parametrize(("meant", "word"), [(meant, word) for meant in WORDS for word in WORDS[meant].split()])
def test_names_of_other_tools_lead_to_our_layer(meant, word):
    hint = complaint(f"input: 3x8x8\nlayers:\n  - {word}").partition("^ ")[2]
    assert f"'{meant}'" in hint or meant in hint


def test_a_block_of_the_spec_comes_before_other_tools():
    assert known_layer("SE", [*KNOWN, "se"]) == "se"
    assert known_layer("conv_block", [*KNOWN, "ConvBlock"]) == "ConvBlock"


def test_a_number_behind_a_word():
    assert "`slice`" in complaint("input: 3x8x8\nlayers:\n  - split_2")
    assert explanation("round2") is None
