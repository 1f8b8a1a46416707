"""Conventions by name, what they do not know, and how a model is written."""

import pytest

import cnncalc
from cnncalc.conventions import CONVENTIONS, convention
from cnncalc.conventions.reconcile import explain_number, reconcile
from cnncalc.conventions.rules import nothing, rules
from cnncalc.errors import UsageError
from cnncalc.layers import LAYERS
from cnncalc.symbolic.expr import evaluate_size


@pytest.mark.parametrize("name", CONVENTIONS)
def test_tables_name_layers_that_exist(name):
    found = convention(name)
    assert found.rules.keys() <= LAYERS.keys()
    assert convention(found.label) is found


def test_released_version_is_meant_where_none_is_said():
    assert convention("torchinfo").label == "torchinfo@1.8.0"
    assert convention("torchinfo@main").label == "torchinfo@main"


def test_unknown_names_get_a_hint():
    with pytest.raises(UsageError, match="unknown convention 'fvcor': did you mean 'fvcore'"):
        convention("fvcor")
    with pytest.raises(UsageError, match=r"thop is known at 0\.1\.1, not at '2'"):
        convention("thop@2")


def test_a_kind_has_one_rule():
    with pytest.raises(ValueError, match="two rules for relu"):
        rules((nothing, "relu tanh"), (nothing, "relu"))


def test_what_is_not_known_is_not_zero():
    graph = cnncalc.parse("input: 4x8\nlayers: [capsule: {capsules: 2, dim: 4}]").graph()
    for name in CONVENTIONS:
        tally = convention(name).tally(graph)
        assert tally.at_least
        assert tally.counts == {"capsule1": None}


@pytest.mark.parametrize(
    ("how", "counts"),
    [("module", (16, 8, 8)), ("functional", (8, 0, 0)), ("operator", (0, 0, 0)), ("shared", (16, 8, 8))],
)
def test_how_a_layer_is_written(how, counts):
    graph = cnncalc.parse(f"input: 2x2x2\nlayers: [relu]\nwritten: {{relu: {how}}}").graph()
    assert tuple(convention(n).tally(graph).total for n in ("ptflops", "ptflops-nofunc", "flopth")) == counts


def test_a_shared_module_counts_once_per_block_for_torchstat():
    graph = cnncalc.load("resnet@18").graph()
    counts = convention("torchstat").tally(graph).counts
    assert (counts["layer1.0.relu1"], counts["layer1.0.relu2"]) == (0, 200704)


def test_training_heads_have_no_part():
    graph = cnncalc.load("googlenet").graph()
    assert not any(name.startswith("aux") for name in convention("fvcore").tally(graph).counts)


@pytest.mark.parametrize("name", ["alexnet", "resnet@50", "googlenet", "mobilenet_v2", "unet", "lenet5"])
def test_reconciliation_sums_exactly(name):
    graph = cnncalc.load(name).graph()
    for first in ("macs", "torch", "thop"):
        for second in ("flops", *CONVENTIONS):
            found = reconcile(graph, first, second)
            assert sum(part.difference for part in found.parts) == found.second_total - found.first_total


def test_reconciliation_says_what_it_consists_of():
    found = reconcile(cnncalc.load("resnet@50").graph(), "macs", "fvcore")
    assert [(part.kind, part.difference, part.per) for part in found.parts] == [
        ("batchnorm", 22_227_968, "+2 per input element"),
        ("global_avgpool", 100_352, "+1 per input element"),
    ]


def test_a_printed_number_is_explained_by_the_nearest_tool():
    found = explain_number(cnncalc.load("resnet@50").graph(), "macs", 4_110_000_000)
    assert found.second.endswith("(fvcore@0.1.5.post20221221)")
    assert found.first_total + sum(part.difference for part in found.parts) + found.rest == 4_110_000_000


def test_conventions_of_symbols():
    graph = cnncalc.load("resnet@18").graph(input=(3, "H", "W"))
    for name in CONVENTIONS:
        total = convention(name).tally(graph).total
        number = convention(name).tally(cnncalc.load("resnet@18").graph(input=(3, 160, 96))).total
        assert evaluate_size(total, {"H": 160, "W": 96}) == number
