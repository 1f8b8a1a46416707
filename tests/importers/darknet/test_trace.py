"""A cfg of Darknet as layers of ours: every section, Darknet's padding, and what is wrong with its place."""

import warnings

import pytest

import cnncalc
from cnncalc.errors import Source, SpecError
from cnncalc.importers.darknet.trace import trace
from cnncalc.importers.writing.spec_text import spec_text

NET = "[net]\nwidth=32\nheight=32\nchannels=3\n"


def shapes(text):
    """The output shape of every layer of ours."""
    return [node.output for node in trace(Source("net.cfg", NET + text)).nodes]


def report(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cnncalc.parse(spec_text(trace(Source("net.cfg", NET + text)))).analyze()


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("filters=8\nsize=3\nstride=2\npad=1", [(8, 16, 16), (8, 16, 16)]),
        ("filters=8\nsize=3\nstride=1\npad=1\ndilation=2\nactivation=linear", [(8, 32, 32)]),
        ("filters = 8 # eight\nsize=3\nstride_x=2\nstride_y=1\npadding=1\nactivation=linear", [(8, 32, 16)]),
        ("filters=6\nsize=1\ngroups=3\nactivation=linear\nbatch_normalize=1", [(6, 32, 32)] * 2),
    ],
)
def test_convolutions(section, expected):
    assert shapes(f"[convolutional]\n{section}\n") == expected


@pytest.mark.parametrize(
    ("size", "stride", "expected"), [(2, 2, 16), (2, 1, 32), (3, 2, 16), (5, 1, 32), (3, 1, 32), (7, 4, 8)]
)
def test_maxpool_pads_by_its_size_less_one(size, stride, expected):
    """(h + padding − size)/stride + 1 with padding = size − 1, as Darknet's maxpool_layer.c has it."""
    assert (32 + size - 1 - size) // stride + 1 == expected
    assert shapes(f"[maxpool]\nsize={size}\nstride={stride}\n") == [(3, expected, expected)]


def test_odd_maps_are_pooled_as_by_darknet():
    text = "[crop]\ncrop_width=13\ncrop_height=13\n[maxpool]\nsize=2\nstride=2\n"
    assert shapes(text)[-1] == (3, 7, 7)


def test_joins():
    text = """
[convolutional]
filters=8
[convolutional]
filters=8
activation=leaky
[shortcut]
from=-2
activation=mish
[route]
layers=-1, 0
[route]
layers=-1
groups=2
group_id=1
[avgpool]
[convolutional]
filters=8
[scale_channels]
from=2
[sam]
from=0
[upsample]
stride=2
[reorg]
stride=4
"""
    found = report(text)
    kinds = [layer.kind for layer in found.layers]
    assert kinds.count("add") == 1
    assert kinds.count("multiply") == 2
    assert "slice" in kinds
    assert list(found.outputs.values()) == [(128, 16, 16)]


def test_detections_are_outputs():
    text = "[convolutional]\nfilters=18\nactivation=linear\n[yolo]\nmask=0,1,2\nclasses=1\n[route]\nlayers=-2\n"
    text += "[convolutional]\nfilters=21\nactivation=linear\n[yolo]\nmask=3,4,5\nclasses=1\n"
    traced = trace(Source("net.cfg", NET + text))
    assert list(traced.outputs) == ["yolo1", "yolo4"]
    assert traced.warnings == (
        "[yolo] on line 16 reads 21 channels: its classes and mask need filters=18 in the layer before",
    )


def test_connected_layers_flatten_and_recurrent_ones_have_their_weights():
    assert report("[connected]\noutput=10\nactivation=linear\n").params == 3 * 32 * 32 * 10 + 10
    found = report("[connected]\noutput=5\nactivation=linear\n[gru]\noutput=7\n")
    assert found.params == 3072 * 5 + 5 + 3 * (5 * 7 + 7) + 3 * (7 * 7 + 7)
    found = report("[crnn]\noutput=4\nhidden=5\nsize=3\npad=1\n")
    assert found.params == 9 * (3 * 5 + 5 * 5 + 5 * 4) + 5 + 5 + 4


FAULTS = [
    (
        "[convolutonal]\nfilters=3\n",
        r"net\.cfg:5:1: unknown section \[convolutonal\]\n(.*\n)*.*did you mean 'conv",
    ),
    ("[convolutional]\nfilters=three\n", r"net\.cfg:6:9: filters: expected a whole number, got 'three'"),
    ("[convolutional]\nfilters=0\n", r"net\.cfg:6:9: filters: expected a number from 1"),
    ("[convolutional]\nactivation=leeky\n", r"net\.cfg:6:12: activation: unknown activation 'leeky'\n(.*\n)*.*'leaky'"),
    ("[route]\nlayers=-1\n", r"net\.cfg:6:8: layers: there is no layer -1 before this one, layer 0"),
    ("[convolutional]\n[shortcut]\nfrom=7\n", r"net\.cfg:7:6: from: there is no layer 7 before this one, layer 1"),
    ("[route]\n", r"net\.cfg:5:1: \[route\] has no layers"),
    ("[upsample]\nstride=0\n", r"net\.cfg:6:8: stride: expected a number other than 0"),
    ("[cost]\n", r"net\.cfg:1:1: no layers that compute anything"),
    ("[convolutional]\nfilters 3\n", r"net\.cfg:6:1: expected \[section\] or key=value, got 'filters3'"),
    ("[convolutional]\nsize=99\n", r"net\.cfg:5:1: layer 0, \[convolutional\]: .*99"),
    ("[convolutional\n", r"net\.cfg:5:1: expected a section such as \[convolutional\]"),
    ("[convolutional]\nfilters=99999999999999999999999\n", r"net\.cfg:6:9: filters: expected a whole number"),
    (
        "[convolutional]\n[maxpool]\nsize=2\nstride=2\n[route]\nlayers=-1,0\n",
        r"\[route\]: the maps differ in size: 16×16, 32×32",
    ),
]


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_faults_have_their_place(text, message):
    with pytest.raises(SpecError, match=message):
        trace(Source("net.cfg", NET + text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a \\[net\\] section"),
        ("width=3\n[net]\n", "'width' stands before the first section"),
        (NET, "no layers behind"),
        ("[net]\nwidth=3\nheight=3\n[convolutional]\n", r"\[net\] has no channels"),
        ("[network]\n[maxpool]\n", r"\[net\] has no width"),
    ],
)
def test_files_that_are_no_networks(text, message):
    with pytest.raises(SpecError, match=message):
        trace(Source("net.cfg", text))


def test_misspelt_options_are_noted():
    traced = trace(Source("net.cfg", f"{NET}[convolutional]\nfilter=8\nbatch_normalise=1\n"))
    assert [note.partition(": ")[0] for note in traced.warnings] == [
        "[convolutional] on line 6",
        "[convolutional] on line 7",
    ]


def test_the_input_may_be_given():
    traced = trace(Source("net.cfg", "[net]\n[convolutional]\nfilters=4\n"), (3, 8, 8))
    assert traced.nodes[0].output == (4, 8, 8)


def test_many_sections_are_a_sentence():
    with pytest.raises(SpecError, match="more than 10,000 sections"):
        trace(Source("net.cfg", NET + "[dropout]\n" * 10_001))


def test_an_lstm_is_written_out():
    """Eight products, and a state of zeros; PyTorch's cell of the same size has as many weights."""
    traced = trace(Source("net.cfg", "[net]\ninputs=6\n[lstm]\noutput=4\n"))
    kinds = [node.kind for node in traced.nodes]
    assert kinds.count("linear") == 8
    assert kinds.count("constant") == 2
    assert traced.nodes[-1].output == (4,)
    assert any("one step" in note for note in traced.warnings)


@pytest.mark.parametrize(
    ("section", "convs", "output"),
    [
        ("[crnn]\nhidden=4\noutput=5\npad=1\n", 3, (5, 32, 32)),
        (
            "[crnn]\nhidden=4\noutput=5\npad=1\nstride=2\nbatch_normalize=1\nshortcut=1\nactivation=leaky\n",
            3,
            (5, 16, 16),
        ),
        ("[conv_lstm]\noutput=4\npad=1\n", 8, (4, 32, 32)),
        ("[conv_lstm]\noutput=4\npad=1\nstride=2\npeephole=1\n", 11, (4, 16, 16)),
    ],
)
def test_convolutions_of_recurrent_sections(section, convs, output):
    """The kernel is 3×3 where none is given."""
    traced = trace(Source("net.cfg", NET + section))
    found = [node for node in traced.nodes if node.kind == "conv"]
    assert len(found) == convs
    assert {node.arguments["kernel_size"] for node in found} == {3}
    assert traced.nodes[-1].output == output


def test_a_bottleneck_is_unknown():
    traced = trace(Source("net.cfg", f"{NET}[conv_lstm]\noutput=4\npad=1\nbottleneck=1\n"))
    assert traced.nodes[-1].kind == "unknown"
    assert traced.nodes[-1].output == (4, 32, 32)


def test_not_every_misspelt_option_is_noted():
    options = "".join(f"filte{number}=3\n" for number in range(1000))
    assert len(trace(Source("net.cfg", f"{NET}[convolutional]\n{options}")).warnings) == 20
