"""Other tools' words: every one leads to a word of ours that exists, and stays a word of messages only."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.document.spec import SECTIONS
from cnncalc.document.vocabulary import (
    COMPUTED,
    FIELD_WORDS,
    LAYER_WORDS,
    MODIFIER_WORDS,
    OWN_LAYER,
    SECTION_WORDS,
)
from cnncalc.document.words import GROUPS, MODIFIERS
from cnncalc.errors import SpecError
from cnncalc.layers import LAYERS

FIELDS = {name for layer in LAYERS.values() for name in layer.accepted()}


def complaint(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        cnncalc.parse(text, "net.yaml")
    return str(caught.value)


@pytest.mark.parametrize("word", LAYER_WORDS)
def test_layer_words(word):
    meant = LAYER_WORDS[word]
    assert meant in LAYERS or meant in GROUPS
    assert word not in LAYERS
    said = complaint(f"input: 3x8x8\nlayers:\n  - {word}")
    assert f"unknown layer '{word}'" in said or "trap" in said or "no such value" in said
    assert meant in said or word in ("activation", "none")


@pytest.mark.parametrize("word", ["Conv2d", "Conv2D", "MaxPool2d", "MaxPooling2D", "BatchNorm2d", "Dense", "FC", "LRN"])
def test_capital_letters_make_no_difference(word):
    meant = LAYER_WORDS.get(word.lower(), word.lower())
    assert f"did you mean '{meant}'?" in complaint(f"input: 3x8x8\nlayers:\n  - {word}")


@pytest.mark.parametrize("word", FIELD_WORDS)
def test_field_words(word):
    assert set(FIELD_WORDS[word]) <= FIELDS
    kind = next(
        kind
        for meant in FIELD_WORDS[word]
        for kind, layer in LAYERS.items()
        if meant in layer.accepted() and word not in layer.accepted()
    )
    said = complaint(f"input: 3x8x8\nlayers:\n  - {kind}: {{{word}: 2}}")
    assert f"unknown field '{word}' of {kind}" in said
    assert "did you mean '" in said or word in OWN_LAYER


@pytest.mark.parametrize("word", sorted(COMPUTED))
def test_what_is_computed_is_left_out(word):
    assert "leave it out" in complaint(f"input: 3x8x8\nlayers: [conv: {{out_channels: 3, kernel_size: 1, {word}: 3}}]")


@pytest.mark.parametrize("word", SECTION_WORDS)
def test_section_words(word):
    assert SECTION_WORDS[word] in SECTIONS
    assert f"did you mean '{SECTION_WORDS[word]}'?" in complaint(f"input: 3x8x8\nlayers: [relu]\n{word}: x")


@pytest.mark.parametrize("word", MODIFIER_WORDS)
def test_modifier_words(word):
    assert MODIFIER_WORDS[word] in MODIFIERS
    said = complaint(f"input: 3x8x8\nlayers:\n  - relu:\n    {word}: x")
    assert f"did you mean '{MODIFIER_WORDS[word]}'?" in said
