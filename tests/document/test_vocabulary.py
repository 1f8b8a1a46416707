"""Other tools' words: every one leads to a word of ours that exists, and stays a word of messages only."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.document.spec import SECTIONS
from cnncalc.document.vocabulary import COMPUTED, FIELD_WORDS, MODIFIER_WORDS, OWN_LAYER, SECTION_WORDS
from cnncalc.document.words import MODIFIERS
from cnncalc.errors import SpecError
from cnncalc.layers import LAYERS

FIELDS = {name for layer in LAYERS.values() for name in layer.accepted()}


def complaint(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        cnncalc.parse(text, "net.yaml")
    return str(caught.value)


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


INSIDE = {  # layers, joins, groups and blocks with a key in the wrong place: what names them in the hint
    "conv: {out_channels: 3, kernel_size: 1, KEY}": "conv",
    "relu: {KEY}": "relu",
    "add: {with: input, KEY}": "add",
    "sequence: {KEY}": "sequence",
    "residual: {body: [relu], KEY}": "residual",
    "branches: {merge: add, paths: [[relu], []], KEY}": "branches",
    "unit: {width: 3, KEY}": "unit",
}


@pytest.mark.parametrize("item", INSIDE)
@pytest.mark.parametrize("key", ["name: foo", "from: input", "repeat: 2", "when: true", "share: foo", "frozen: true"])
def test_a_structural_key_inside_a_layer_belongs_beside_it(item, key):
    text = (
        f"input: 3x8x8\nblocks: {{unit(width): [conv: {{out_channels: width, kernel_size: 1}}]}}\nlayers:\n  - {item}"
    )
    word = key.partition(":")[0]
    assert f"put `{word}` on its own line beside {INSIDE[item]}" in complaint(text.replace("KEY", key))


@pytest.mark.parametrize("value", ["unit", "conv"])
def test_a_structural_key_inside_a_layer_that_a_parameter_names(value):
    text = (
        f"input: 3x8x8\nparams: {{op: {value}}}\nblocks: {{unit(out_channels): [conv: {{out_channels: out_channels, "
        "kernel_size: 1}]}\nlayers:\n  - $op: {out_channels: 3, name: foo}"
    )
    with pytest.raises(SpecError, match="put `name` on its own line beside"):
        cnncalc.parse(text).analyze()


def test_another_tools_word_for_a_structural_key():
    said = complaint("input: 3x8x8\nlayers: [conv: {out_channels: 3, kernel_size: 1, id: stem}]")
    assert "did you mean 'name'? put `name` on its own line beside conv" in said
