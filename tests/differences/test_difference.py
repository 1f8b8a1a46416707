import pytest

import cnncalc
from cnncalc import UsageError
from cnncalc.differences.difference import difference
from cnncalc.differences.document import to_dict
from cnncalc.differences.folding import groups
from cnncalc.differences.limits import exceeded, read_limits

SPEC = """
input: {input}
layers:
  - conv: {{out_channels: {width}, kernel_size: 3, padding: 1}}
  - relu
  - conv: {{out_channels: in_channels, kernel_size: 3, padding: 1, groups: in_channels}}
{more}
  - global_avgpool
  - flatten
  - linear: 10
"""


def report(size="3x32x32", width=8, more=""):
    return cnncalc.parse(SPEC.format(input=size, width=width, more=more)).analyze()


def statuses(found):
    return {change.name: change.status for change in found.changes if change.status != "same"}


def test_what_follows_from_above_is_told_from_what_is_written():
    found = difference(report(), report(width=16))
    assert statuses(found) == {
        "conv1": "edited", "relu1": "affected", "conv2": "affected", "global_avgpool1": "affected",
        "flatten1": "affected", "linear1": "affected",
    }  # fmt: skip
    (change,) = [change for change in found.changes if change.name == "linear1"]
    assert change.figures["params"] == (90, 170)
    assert "output" not in change.figures


def test_totals():
    found = difference(report(), report(width=16))
    before, after = report(), report(width=16)
    total = found.totals["params"]
    assert (total.before, total.after, total.change) == (before.params, after.params, after.params - before.params)
    assert total.percent == pytest.approx(100 * (after.params / before.params - 1))
    assert not found.totals["layers"].differs
    assert found.totals["buffers"].percent is None


def test_the_field_of_the_last_map():
    found = difference(cnncalc.load("vgg@16").analyze(), cnncalc.load("vgg@19").analyze())
    assert found.fields == (((212, 212),), ((268, 268),))
    assert to_dict(found, ("a", "b"))["last_field"] == {"before": [[212, 212]], "after": [[268, 268]]}
    linear = cnncalc.parse("input: [8]\nlayers: [{linear: 4}]").analyze()
    assert difference(linear, linear).fields == (None, None)


def test_another_input_edits_nothing():
    found = difference(report(), report(size="3x64x64"))
    assert set(statuses(found).values()) == {"affected"}
    assert not found.equal


def test_closed_forms_are_compared_for_all_sizes():
    assert difference(report(size="3xHxW"), report(size="3xHxW")).equal
    found = difference(report(size="3xHxW"), report(size="3xHxW", more="  - tanh"))
    assert statuses(found) == {"tanh1": "inserted"}
    assert str(found.totals["flops"].change) == "8*H*W"
    one = cnncalc.parse("input: 3xHx8\nlayers: [{conv: {out_channels: 4, kernel_size: 2, stride: 2}}]").analyze()
    other = cnncalc.parse("input: 3xHx8\nlayers: [{conv: {out_channels: 4, kernel_size: 2, stride: 2, padding: 0}}]")
    assert difference(one, other.analyze()).equal


def test_unknown_is_not_zero():
    unknown = "  - unknown: {op: roi, shape: [8, 4, 4]}"
    found = difference(report(more=unknown), report(more=unknown, width=8))
    assert found.totals["macs"].before is None
    assert found.totals["macs"].change is None
    assert found.totals["macs"].percent is None
    (over,) = exceeded(found.totals, read_limits(["macs=+5%"]))
    assert over.sentence == "macs: not known, so +5% cannot be verified"


@pytest.mark.parametrize(
    ("limit", "holds"),
    [
        ("params=+100%", True),
        ("params=+50%", False),
        ("params=+10M", True),
        ("params=+0", False),
        ("params=1K", True),
        ("params=1k", True),
        ("params=0.1 k", False),
        ("peak_memory=1 MB", True),
        ("params=100", False),
        ("macs=-1%", False),
        ("layers=+0", True),
        ("peak_memory=+1MiB", True),
        ("peak_memory=+1KiB", False),
    ],
)
def test_limits(limit, holds):
    found = difference(report(), report(width=16))
    assert (not exceeded(found.totals, read_limits([limit]))) is holds


def test_limits_are_exact():
    one, other = (
        cnncalc.parse(f"input: [1000]\nlayers: [{{linear: {{out_features: {n}, bias: false}}}}]").analyze()
        for n in (20, 21)
    )
    assert not exceeded(difference(one, other).totals, read_limits(["params=+5%"]))
    assert exceeded(difference(one, other).totals, read_limits(["params=+4.999999%"]))
    (over,) = exceeded(difference(one, other).totals, read_limits(["params=+1%, layers=+0"]))
    assert over.sentence == "params: 20,000 → 21,000 (+5.0%), but +1% allows 20,200"


def test_limits_of_closed_forms():
    found = difference(report(size="3xHxW"), report(size="3xHxW", width=9))
    assert exceeded(found.totals, read_limits(["macs=+0"]))
    assert not exceeded(found.totals, read_limits(["macs=+20%"]))
    with pytest.raises(UsageError, match=r"whether macs stays within 1G depends on H, W"):
        exceeded(found.totals, read_limits(["macs=1G"]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parms=+5%", "no figure 'parms': did you mean 'params'?"),
        ("qq=+5%", "there are params, trainable"),
        ("params", "expected figure=limit, such as params=+5%"),
        ("params=5%", "expected figure=limit"),
        ("params=+5Q", "expected figure=limit"),
        ("params=+5kiB", "expected figure=limit"),
        ("params=+5k%", "expected figure=limit"),
        ("params=", "expected figure=limit"),
    ],
)
def test_faulty_limits(text, message):
    with pytest.raises(UsageError) as error:
        read_limits([text])
    assert message in str(error.value)


def test_another_source_is_an_edit_and_a_layer_in_between_is_none():
    base = "input: 4x8x8\nlayers:\n  - {relu: , name: one}\n  - {tanh: , name: two}\n  - {sigmoid: , name: three}\n"
    before = cnncalc.parse(base + "  - {add: one, name: sum}\n").analyze()
    after = cnncalc.parse(base + "  - {add: two, name: sum}\n").analyze()
    (change,) = [change for change in difference(before, after).changes if change.edits]
    assert (change.name, [tuple(edit) for edit in change.edits]) == ("sum", [("reads", ["one"], ["two"])])
    between = base.replace("  - {tanh: , name: two}\n", "  - {tanh: , name: two}\n  - {silu: , name: new}\n")
    assert statuses(difference(before, cnncalc.parse(between + "  - {add: one, name: sum}\n").analyze())) == {
        "new": "inserted"
    }
    more = cnncalc.parse(base + "  - {add: [one, two], name: sum}\n").analyze()
    (change,) = [change for change in difference(before, more).changes if change.edits]
    assert change.edits == (("reads", [], ["two"]),)


def test_the_order_of_what_is_read_counts():
    base = "input: 4x8x8\nlayers:\n  - {relu: , name: one}\n  - {tanh: , name: two, from: one}\n"
    before = cnncalc.parse(base + "  - {concat: , name: all, from: [one, two]}\n").analyze()
    after = cnncalc.parse(base + "  - {concat: , name: all, from: [two, one]}\n").analyze()
    (change,) = [change for change in difference(before, after).changes if change.edits]
    assert change.edits == (("reads", ["one", "two"], ["two", "one"]),)


def test_frozen_and_shared_are_written():
    spec = "input: 4x8x8\nlayers:\n  - {{conv: {{out_channels: 4, kernel_size: 1}}, name: one{}}}\n"
    found = difference(cnncalc.parse(spec.format("")).analyze(), cnncalc.parse(spec.format(", frozen: true")).analyze())
    (change,) = [change for change in found.changes if change.edits]
    assert change.edits == (("frozen", False, True),)
    assert found.totals["trainable"].change == -20


def test_blocks_that_came_as_a_whole_are_one_entry():
    found = difference(cnncalc.load("resnet@18").analyze(), cnncalc.load("resnet@34").analyze())
    entries = groups(found, ("inserted", "removed", "edited"))
    assert [group.name for group in entries] == [
        "layer1.2", "layer2.2", "layer2.3", "layer3.2", "layer3.3", "layer3.4", "layer3.5", "layer4.2",
    ]  # fmt: skip
    assert sum(group.figures["params"][1] for group in entries) == found.totals["params"].change
    assert [group.name for group in groups(found, ("inserted",), 1)] == ["layer1", "layer2", "layer3", "layer4"]


def test_the_document():
    found = difference(report(), report(width=16, more="  - tanh"))
    document = to_dict(found, ("a", "b"), exceeded(found.totals, read_limits(["params=+0"])))
    assert document["schema"] == "cnncalc-diff/1"
    assert document["before"]["spec"] == "a"
    assert not document["equal"]
    assert document["totals"]["layers"] == {"before": 6, "after": 7, "change": 1, "percent": pytest.approx(100 / 6)}
    (new,) = [layer for layer in document["layers"] if layer["status"] == "inserted"]
    assert (new["before"], new["after"], new["figures"]["output"]) == (
        None,
        "tanh1",
        {"before": None, "after": [16, 32, 32]},
    )
    (edited,) = [layer for layer in document["layers"] if layer["status"] == "edited"]
    assert edited["edits"] == [{"what": "out_channels", "before": 8, "after": 16}]
    assert [each["figure"] for each in document["exceeded"]] == ["params"]


def test_a_line_of_a_block_is_an_insertion_wherever_the_block_stands():
    text = cnncalc.load("resnet").document.source.text
    after = text.replace("          - relu\n", "          - relu\n          - dropout: 0.1\n")
    assert after.count("dropout") == 3  # one in the basic block, two in the bottleneck
    found = difference(cnncalc.parse(text).analyze(), cnncalc.parse(after).analyze())
    assert found.counts == {"inserted": 32, "same": 175}
    assert {change.after.kind for change in found.changes if change.status == "inserted"} == {"dropout"}


def test_a_name_that_stays_under_another_kind_is_one_layer():
    spec = "input: 8x4x4\nlayers:\n  - {{{}, name: head}}\n  - relu\n"
    layers = ["conv: {out_channels: 8, kernel_size: 1}", "batchnorm: {}"]
    found = difference(*(cnncalc.parse(spec.format(layer)).analyze() for layer in layers))
    assert statuses(found) == {"head": "edited"}
    found = difference(*(cnncalc.parse(spec.format(layer).replace(", name: head", "")).analyze() for layer in layers))
    assert found.counts == {"inserted": 1, "removed": 1, "same": 1}
