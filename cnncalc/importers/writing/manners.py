"""How layers are written, in few words: by kind where most are alike, beside a layer where it differs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cnncalc.conventions.manners import FUNCTION, projections, usual_way
from cnncalc.document.written import is_class
from cnncalc.graph import Manner
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.writer import Data

ALIKE = ("flatten", "concat", "reshape", "permute", "crop", "slice", "identity")
UNCOUNTED = (None, "concat")  # of the ways in which a parameter joins the input


def settle(traced: Traced, flat: bool, exactly: bool = False) -> Traced:
    """The same network with `written` only where a layer differs from its kind, and the kinds' in `Traced.written`.

    Unless `exactly`, a module that is called once may count as shared, if it is the only one of its level. Where a
    structured spec puts several levels into one, it is not.
    """
    manners = _placed(traced.nodes, flat)
    own = projections(traced.nodes, manners)
    manners = {name: manner for name, manner in manners.items() if name not in own or manner != FUNCTION}
    by_kind: dict[str, list[TracedNode]] = defaultdict(list)
    for node in traced.nodes:
        if node.name in manners:
            by_kind[node.kind].append(node)
    kinds: dict[str, Manner] = {}
    same: set[str] = set()
    for kind, nodes in by_kind.items():
        usual = Manner(usual_way(kind))
        counted = Counter(manners[node.name] for node in nodes)
        candidates = [usual, *(manner for manner in counted if manner != usual and not manner.module)]
        covered = {manner: _covered(manner, nodes, manners, flat, exactly) for manner in candidates}
        best = max(candidates, key=lambda manner: _places(covered[manner], flat))
        if best != usual:
            kinds[kind] = best
        same |= covered[best] - own
    differing = tuple(
        node._replace(written=None if node.name in same else manners.get(node.name)) for node in traced.nodes
    )
    return replace(traced, nodes=differing, written=kinds)


def as_data(manner: Manner) -> Data:
    """A manner as a spec writes it."""
    if manner == Manner("module", manner.derived) and is_class(manner.derived):
        return manner.derived
    named: dict[str, Data] = {"shared": manner.module} if manner.way == "shared" and manner.module else {}
    if manner.derived:
        named["class"] = manner.derived
    if manner.by:
        named["by"] = manner.by
    return named or manner.way


def written_section(kinds: Mapping[str, Manner]) -> dict[str, Data]:
    """The section `written`, if it says anything."""
    return {"written": {kind: as_data(manner) for kind, manner in kinds.items()}} if kinds else {}


def _placed(nodes: Sequence[TracedNode], flat: bool) -> dict[str, Manner]:
    """The manner of every layer that has one; a shared module without a name where it is the only one of its block."""
    known = {node.name: node.written for node in nodes if node.written is not None and _matters(node)}
    levels: dict[tuple[str, str], set[str]] = defaultdict(set)  # the modules called at one level, by kind
    homes: dict[str, set[str]] = defaultdict(set)  # the levels of a shared module
    for node in nodes:
        manner = known.get(node.name)
        if manner is not None and manner.way == "shared":
            levels[_level(node, flat), node.kind].add(manner.module)
            homes[manner.module].add(_level(node, flat))
    placed = {}
    for node in nodes:
        manner = known.get(node.name)
        if manner is not None and manner.way == "shared":
            alone = levels[_level(node, flat), node.kind] == {manner.module} and len(homes[manner.module]) == 1
            short = manner.module if flat else manner.module.rpartition(".")[2]
            manner = manner._replace(module="" if alone else short)
        if manner is not None:
            placed[node.name] = manner
    return placed


def _matters(node: TracedNode) -> bool:
    """Whether some tool tells the ways apart in which such a layer may be written."""
    return node.kind not in ALIKE and (node.kind != "parameter" or node.arguments.get("merge") not in UNCOUNTED)


def _level(node: TracedNode, flat: bool) -> str:
    return "" if flat else node.name.rpartition(".")[0]


def _places(names: Iterable[str], flat: bool) -> int:
    """About how many items stand for layers of these names: those that differ in numbers only are repeats."""
    return len({name if flat else re.sub(r"\d+", "#", name) for name in names})


def _covered(
    manner: Manner, nodes: Sequence[TracedNode], manners: Mapping[str, Manner], flat: bool, exactly: bool
) -> set[str]:
    """The layers that this manner says the truth about; a module that is called once may count as shared."""
    covered = {node.name for node in nodes if manners[node.name] == manner}
    if manner.way == "shared" and not exactly:
        once = manner._replace(way="module")
        counts = Counter(_level(node, flat) for node in nodes)
        covered |= {node.name for node in nodes if manners[node.name] == once and counts[_level(node, flat)] == 1}
    return covered
