"""The networks of one spec before and after, variant by variant."""

import pytest

from cnncalc import budget
from cnncalc.differences.limits import read_limits
from cnncalc.errors import Source, UsageError
from cnncalc.revisions.networks import Asked, compare_pair
from cnncalc.revisions.pairs import Pair
from cnncalc.revisions.sides import File

SPEC = """input: 3x8x8
params: {width: 4}
variants: {wide: {width: 8}, same: {width: 4}}
layers:
  - conv: {out_channels: width, kernel_size: 1}
  - relu
"""


def compare(old, new, **asked):
    files = (None if text is None else File(Source("net.yaml", text), is_spec=True) for text in (old, new))
    pair = Pair(None if old is None else "net.yaml", None if new is None else "net.yaml", *files)
    limits = read_limits(asked.pop("limits", []))
    return list(compare_pair(pair, Asked(limits=limits, **asked)))


def statuses(old, new, **asked):
    return {change.variants: change.status for change in compare(old, new, **asked)}


def test_variants_with_equal_parameters_are_one_network():
    assert statuses(SPEC, SPEC) == {(None, "same"): "equal", ("wide",): "equal"}
    assert statuses(SPEC, SPEC.replace("same: {width: 4}", "same: {width: 5}")) == {
        (None,): "equal", ("wide",): "equal", ("same",): "changed",
    }  # fmt: skip


def test_figures_of_each():
    default, wide = compare(SPEC, SPEC.replace("kernel_size: 1", "kernel_size: 2"))
    assert (default.totals["params"].before, default.totals["params"].after) == (16, 52)
    assert (wide.totals["params"].before, wide.totals["params"].after) == (32, 104)
    assert wide.difference.counts["edited"] == 1


def test_added_removed_and_variants_that_are():
    assert statuses(None, SPEC) == {(None, "same"): "added", ("wide",): "added"}
    assert statuses(SPEC, None) == {(None, "same"): "removed", ("wide",): "removed"}
    found = statuses(SPEC, SPEC.replace("wide", "broad"))
    assert found == {(None, "same"): "equal", ("broad",): "added", ("wide",): "removed"}


def test_totals_that_stay():
    change, *_ = compare(SPEC, SPEC.replace("  - relu\n", "  - relu: {}\n    name: last\n"))
    assert (change.status, change.same_totals) == ("changed", True)


def test_broken_and_repaired():
    broken = SPEC.replace("relu", "reluu")
    (change,) = compare(SPEC, broken)
    assert (change.status, change.variants, change.totals["params"].before) == ("broken", (None,), 16)
    assert change.new.faults[0].hint == "did you mean 'relu'?"
    assert set(statuses(broken, SPEC).values()) == {"repaired"}
    assert statuses(broken, broken + "#\n") == {(None,): "broken"}
    wide = SPEC.replace("wide: {width: 8}", "wide: {width: 0}")
    assert statuses(SPEC, wide) == {(None, "same"): "equal", ("wide",): "broken"}


def test_limits_apply_to_each():
    new = SPEC.replace("kernel_size: 1", "kernel_size: 2")
    over = [
        [each.sentence for each in change.exceeded] for change in compare(SPEC, new, limits=["params=60,params=+5%"])
    ]
    assert over == [
        ["params: 16 → 52 (+225.0%), but +5% allows 16"],
        ["params: 32 → 104 (+225.0%), but 60 allows 60", "params: 32 → 104 (+225.0%), but +5% allows 33"],
    ]


@pytest.mark.parametrize("old", [None, SPEC.replace("relu", "reluu")])
def test_where_there_is_nothing_to_grow_from_only_maxima_apply(old):
    default, wide = compare(old, SPEC, limits=["params=+0,params=20"])
    assert not default.exceeded
    assert [each.sentence for each in wide.exceeded] == ["params: 32, more than 20 allows"]


def test_a_limit_that_depends_on_a_symbol_is_exceeded():
    change, _ = compare(SPEC, SPEC.replace("kernel_size: 1", "kernel_size: 2"), inputs=(3, "H", 8), limits=["macs=+0"])
    assert [each.sentence[:39] for each in change.exceeded] == ["whether macs stays within +0 depends on"]
    change, _ = compare(SPEC, SPEC, inputs=(3, "H", 8), at={"H": 8}, limits=["macs=+0"])
    assert not change.exceeded


def test_what_was_asked_is_at_fault():
    change, *_ = compare(SPEC, SPEC, params={"with": 3})
    assert isinstance(change.new, UsageError)
    assert change.status == "broken"


def test_a_network_that_takes_too_much_work(monkeypatch):
    monkeypatch.setattr(budget._current, "account", None)
    budget.grant(5000)
    found = compare(SPEC, SPEC.replace("  - relu\n", "  - relu: {}\n    repeat: 3000\n"))
    assert {change.status for change in found} == {"broken"}
    assert "the budget of 5,000 steps is spent" in str(found[0].new)
