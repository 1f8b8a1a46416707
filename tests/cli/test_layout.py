"""`--layout hwc` is for `--input` too, and a size that was meant in another order is refused or noted."""

import json

import pytest

SPEC = """
input: 16x32x32
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
"""
COMMANDS = ("shapes", "params", "flops", "memory", "summary", "rf")


@pytest.fixture
def spec(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text(SPEC)
    return "net.yaml"


@pytest.mark.parametrize("command", COMMANDS)
def test_sizes_are_read_as_they_are_shown(cnncalc, spec, command):
    last = cnncalc(command, spec, "--input", "121x100x16", "--layout", "hwc")
    assert (last.code, last.err) == (0, "")
    assert "input   121×100×16 (channels last)" in last.out
    first = cnncalc(command, spec, "--input", "16x121x100", "--format", "json").out
    assert cnncalc(command, spec, "--input", "121x100x16", "--layout", "hwc", "--format", "json").out == first
    assert json.loads(first)["inputs"]["input"] == [16, 121, 100]


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
@pytest.mark.parametrize("command", [*COMMANDS, "diff net.yaml"])
def test_channels_first_is_refused_with_what_was_meant(cnncalc, spec, command, form):
    done = cnncalc(*command.split(), spec, "--input", "16x121x100", "--layout", "hwc", "--format", form)
    assert (done.code, done.out) == (2, "")
    assert "--input 16x121x100: --layout hwc reads channels last: did you mean '121x100x16'?" in done.err


def test_other_channels_are_noted(cnncalc, spec):
    done = cnncalc("shapes", spec, "--input", "121x100x4", "--layout", "hwc")
    assert (done.code, "input   121×100×4 (channels last)" in done.out) == (0, True)
    assert "--input 121x100x4 is read channels last (--layout hwc): 4 channels" in done.err


def test_a_layer_alone_has_no_channels_to_compare_with(cnncalc):
    layer = "conv: {out_channels: 8, kernel_size: 3}"
    done = cnncalc("shapes", layer, "--input", "121x121x16", "--layout", "hwc")
    assert "119×119×8" in done.out
    assert "--input 121x121x16 is read channels last (--layout hwc): 16 channels" in done.err


def test_channels_last_without_the_option_is_noted(cnncalc, spec):
    done = cnncalc("shapes", spec, "--input", "121x100x16")
    assert done.code == 0
    assert "is read channels first: 121 channels, not 16; --layout hwc reads channels last" in done.err
    assert cnncalc("shapes", spec, "--input", "16x121x100").err == ""
    assert cnncalc("shapes", spec, "--input", "3x121x100").err == ""


def test_symbols_vectors_and_several_inputs(cnncalc, spec, tmp_path):
    done = cnncalc("shapes", spec, "--input", "HxWx16", "--layout", "hwc")
    assert (done.err, "input   H×W×16 (channels last)" in done.out) == ("", True)
    (tmp_path / "two.yaml").write_text(
        "input: {a: 3x8x8, b: 5}\nlayers: [{flatten: , from: a}, {linear: 2, from: b, name: second}]\n"
    )
    done = cnncalc("shapes", "two.yaml", "--input", "a=9x7x3, b=6", "--layout", "hwc")
    assert (done.err, "input   a 9×7×3, b 6 (channels last)" in done.out) == ("", True)
    assert cnncalc("shapes", "two.yaml", "--input", "a=3x9x7", "--layout", "hwc").code == 2
