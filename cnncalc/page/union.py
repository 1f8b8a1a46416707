"""The document of two networks: the layers that both have once, what each has alone, and the figures of both.

It is the document of the second network with the layers that only the first has put in between, and for every layer
that the first computes otherwise, the figures there. Sizes move in both networks at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.analysis.report import Report
from cnncalc.differences.changes import Change
from cnncalc.differences.difference import Difference, paired_inputs
from cnncalc.page.document import (
    condition_records,
    input_records,
    layer_records,
    network_document,
    totals_record,
)
from cnncalc.page.layers import LayerRecords
from cnncalc.page.memory import memory_record
from cnncalc.page.moving import Moving, Symbol, set_free
from cnncalc.page.removed_blocks import blocks_of_removed
from cnncalc.page.tables import Tables
from cnncalc.records import Record
from cnncalc.render.views.diff import ARROW, edit_texts, names_of
from cnncalc.spec import Spec
from cnncalc.symbolic import Expr

WRITTEN = ("inserted", "removed", "edited", "renamed")  # the others depend on the sizes: the page tells them apart
COMPARED = ("name", "words", "closed", "output", "params", "macs", "flops", "bytes", "memory_of", "field")
SPECIFIC = ("windows", "reading")  # of a removed layer: left out, so that fit and field are those of the second network


class Side(Record):
    """One of the two networks: as it was analysed, where it comes from, and what it was called in the request."""

    report: Report
    spec: Spec | None = None
    params: Mapping[str, Any] | None = None
    requested: str = ""


def union_document(difference: Difference, before: Side, after: Side) -> dict[str, Any]:
    """The document of a page that compares two networks (docs/page.md describes it)."""
    numbers = _number(difference)
    one, other = _set_free(before, after)
    tables = Tables()
    old, new = (
        LayerRecords(tables, moving.report, side.report, mapping)
        for moving, side, mapping in zip((one, other), (before, after), numbers, strict=True)
    )
    document = network_document(new, other, after.report, after.spec)
    names = names_of(difference, (before.requested or "before", after.requested or "after"))
    document |= {
        "title": ARROW.join(names),
        "labels": names,
        "symbols": [each.__dict__ for each in _symbols(one, other)],
        "inputs": _inputs(difference, tables, one.report, document["inputs"]),
        "layers": _layers(difference, numbers, layer_records(old, one.report), document["layers"]),
        "before": {
            "name": one.report.graph.name,
            "variant": one.report.graph.variant,
            "outputs": {name: old.numbers[tensor] for name, tensor in one.report.graph.outputs.items()},
            "layers": len(one.report.layers),
            "totals": totals_record(tables, one.report),
            "memory": memory_record(tables, one.report, old.numbers),
            "text": before.spec.text if before.spec else "",
        },
    }
    held = {(each["left"], each["op"], each["right"], each["layer"]) for each in document["conditions"]}
    document["conditions"] += [
        {**each, "before": True}
        for each in condition_records(old, one.report)
        if (each["left"], each["op"], each["right"], each["layer"]) not in held
    ]
    return document


def _number(difference: Difference) -> tuple[dict[str, int], dict[str, int]]:
    """Name → number on the page, for the tensors of both networks: inputs, then layers in the order of the changes."""
    before, after = difference.before, difference.after
    same = paired_inputs(before, after)
    new = {name: number for number, name in enumerate(after.inputs)}
    old = {mine: new[its] for mine, its in same.items()}
    old |= {name: len(new) + place for place, name in enumerate(each for each in before.inputs if each not in same)}
    start = len(new) + len(before.inputs) - len(same)
    for number, change in enumerate(difference.changes, start):
        if change.before:
            old[change.before.name] = number
        if change.after:
            new[change.after.name] = number
    return old, new


def _set_free(before: Side, after: Side) -> tuple[Moving, Moving]:
    """Both networks with the same symbols in place of their sizes; as they are, if that is not possible."""
    one, other = (set_free(side.report, side.spec, side.params, sizes_only=True) for side in (before, after))
    if one.opening == other.opening or any(map(_is_symbolic, (before.report, after.report))):
        return one, other
    still = one.still or other.still or "the two networks open at different sizes"
    return Moving(before.report, (), still), Moving(after.report, (), still)


def _is_symbolic(report: Report) -> bool:
    return any(isinstance(size, Expr) for shape in report.inputs.values() for size in shape)


def _symbols(one: Moving, other: Moving) -> list[Symbol]:
    """The symbols of both, with the values of the first that both networks accept, else those of the second."""
    conditions = [each.relation for moving in (one, other) for each in moving.report.graph.conditions]
    openings = [one.opening | other.opening, other.opening | one.opening]
    good = (opening for opening in openings if all(relation.evaluate(opening) for relation in conditions))
    opening = next(good, openings[0])
    kinds = {each.name: each.of for each in (*one.symbols, *other.symbols)}
    return [Symbol(name, value, kinds[name]) for name, value in opening.items()]


def _inputs(
    difference: Difference, tables: Tables, before: Report, inputs: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The inputs of the second network, then those that only the first has."""
    same = paired_inputs(difference.before, difference.after)
    alone = {name: shape for name, shape in before.inputs.items() if name not in same}
    added = set(difference.after.inputs) - set(same.values())
    marked = [{**each, "status": "inserted"} if each["name"] in added else each for each in inputs]
    return marked + [{**each, "status": "removed"} for each in input_records(tables, alone)]


def _layers(
    difference: Difference,
    numbers: tuple[Mapping[str, int], Mapping[str, int]],
    old: Sequence[dict[str, Any]],
    new: Sequence[dict[str, Any]],
) -> list[dict[str, Any]]:
    """A record per change: that of the layer in the second network, or in the first if it was removed."""
    blocks = blocks_of_removed(difference.changes)
    olds, news = ({each["name"]: each for each in records} for records in (old, new))
    records = []
    for change in difference.changes:
        mine = olds[change.before.name] if change.before else None
        its = news[change.after.name] if change.after else None
        record = dict(its or mine or {})
        if its is None:
            number = numbers[0][record["name"]]
            record["from"] = [source for source in record["from"] if source < number]
            record = {key: value for key, value in record.items() if key not in (*SPECIFIC, "lend")}
            record["block"] = blocks[record["name"]]
        elif mine is not None:
            record |= _compared(change, mine, its, numbers)
        if change.status in WRITTEN:
            record["status"] = change.status
        records.append(record)
    return records


def _compared(
    change: Change,
    mine: Mapping[str, Any],
    its: Mapping[str, Any],
    numbers: tuple[Mapping[str, int], Mapping[str, int]],
) -> dict[str, Any]:
    """What differs in a layer that both networks have; keys that would be empty are left out."""
    differing = {key: mine.get(key) for key in COMPARED if mine.get(key) != its.get(key)}
    gone, gained = _changed_reads(change, numbers)
    texts = {"edits": edit_texts(change), "before": differing, "gone": gone, "gained": gained}
    return {key: value for key, value in texts.items() if value}


def _changed_reads(change: Change, numbers: tuple[Mapping[str, int], Mapping[str, int]]) -> tuple[list[int], list[int]]:
    """The tensors that a layer reads in the first network alone, removed layers included, and in the second alone.

    What comes later in the order of the page is left out, so that the graph has no circle.
    """
    assert change.before is not None
    assert change.after is not None
    old, new = numbers
    number, kept = new[change.after.name], set(new.values())
    lost = [old[name] for name in change.before.node.inputs if old[name] not in kept]
    gained: list[int] = []
    for edit in change.edits:
        if edit.what == "reads" and set(edit.before) != set(edit.after):  # type: ignore[call-overload]
            lost += [new[name] for name in edit.before]  # type: ignore[attr-defined]
            gained = [new[name] for name in edit.after]  # type: ignore[attr-defined]
    return sorted({each for each in lost if each < number}), gained
