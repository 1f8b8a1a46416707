"""`defaults:` as it is read: fields per kind of layer; and what it refuses."""

import pytest

import cnncalc

ONE = "input: 8x8x8\nparams: {width: 4, channels: 3}\nblocks: {unit(a): [relu]}\ndefaults: %s\nlayers: [relu]\n"


def fault(defaults):
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.parse(ONE % defaults)
    (found,) = caught.value.faults
    assert found.span.line == 4
    return found.message, found.hint


def test_a_word_of_a_field_comes_before_a_parameter_of_that_name():
    defaults = cnncalc.parse(ONE % "{linear: {axis: channels}, conv: {kernel_size: channels}}").document.defaults
    assert defaults["linear"]["axis"].value == "channels"
    assert defaults["conv"]["kernel_size"].expression.names == {"channels"}


@pytest.mark.parametrize(
    ("defaults", "message", "hint"),
    [
        ("{linaer: {bias: false}}", "defaults: unknown layer 'linaer'", "did you mean 'linear'?"),
        ("{Conv2d: {bias: false}}", "defaults: unknown layer 'Conv2d'", "did you mean 'conv'?"),
        ("{zzz: {bias: false}}", "defaults: unknown layer 'zzz'", "see 'cnncalc list --layers'"),
        ("{unit: {a: 3}}", "defaults: unit is a block, not a layer", "give its parameters defaults in its signature"),
        ("{residual: {skip: true}}", "defaults: 'residual' takes no defaults", "for example {linear"),
        ("{unknown: {macs: 3}}", "defaults: 'unknown' takes no defaults", "for example {linear"),
        ("{repeat: 3}", "defaults: 'repeat' takes no defaults", "for example {linear"),
        ("{linear: {axes: channels}}", "unknown field 'axes' of linear", "did you mean 'axis'?"),
        ("{conv: {filters: 3}}", "unknown field 'filters' of conv", "did you mean 'out_channels'?"),
        ("{concat: {with: x}}", "unknown field 'with' of concat", "it has dim"),
        ("{upsample: {like: x}}", "defaults: upsample: like names a tensor, which only a call can do", "write it in"),
        ("{linear: {axis: chanels}}", "defaults: linear: axis: expected one of", "did you mean 'channels'?"),
        ("{linear: {bias: 3}}", "defaults: linear: bias: expected true or false, got 3", None),
        ("{conv: {kernel_size: 2 * widht}}", "defaults: conv: kernel_size: unknown name 'widht'", "did you mean"),
        ("{conv: {kernel_size: a}}", "defaults: conv: kernel_size: unknown name 'a'", "known here: channels, in_cha"),
        ("{conv: {kernel_size: 0}}", "defaults: conv: kernel_size: expected a whole number of at least 1, got 0", None),
        ("{dropout: 0.5}", "defaults: dropout: expected a mapping of fields", "for example dropout: {p: …}"),
        ("{relu: 0.5}", "defaults: relu: expected a mapping of fields", "for example relu: {inplace: …}"),
        ("{sigmoid: }", "defaults: sigmoid: expected a mapping of fields", None),
        ("[linear]", "defaults: expected a mapping", "for example {linear: {axis: channels}}"),
    ],
)
def test_refusals(defaults, message, hint):
    found, suggested = fault(defaults)
    assert found.startswith(message)
    assert hint is None or (suggested or "").startswith(hint)


def test_a_field_that_a_default_gives_is_not_missing():
    text = "input: 3x8x8\ndefaults: {conv: {%s}}\nlayers: [conv: {out_channels: 3}]\n"
    cnncalc.parse(text % "kernel_size: 3")
    with pytest.raises(cnncalc.SpecError, match="conv needs kernel_size"):
        cnncalc.parse(text % "padding: 1")
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.parse(text % "kernel_size: 0")
    assert len(caught.value.faults) == 1  # a default that is invalid is there all the same
