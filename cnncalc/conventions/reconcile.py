"""Explains why two totals differ, by kind of layer; and a printed number, by the nearest convention."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from cnncalc.analysis.cost import flops_of, macs_of
from cnncalc.conventions import CONVENTIONS, OWN, convention
from cnncalc.conventions.convention import Tally
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.quantities.sizes import numel, or_zero
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size

DIGITS = 3  # of a printed number that count, such as 4.11G
NO_TOOL = "which no tool counts here: --compare lists what they count"
COUNTS = dict(zip(OWN, (macs_of, flops_of), strict=True))


class Part(NamedTuple):
    """One kind of layer with both counts; `per` gives the difference per element if it is the same for all layers."""

    kind: str
    first: Size
    second: Size
    per: str = ""
    unknown: bool = False  # one side has no rule for a layer of this kind

    @property
    def difference(self) -> Size:
        """The second count minus the first."""
        return self.second - self.first


class Reconciliation(NamedTuple):
    """The parts that differ, and the totals.

    For a `printed` number, `second` names the convention that it is near; `unexplained`: no convention is.
    """

    first: str
    second: str
    first_total: Size
    second_total: Size
    parts: tuple[Part, ...]
    printed: int | None = None
    unexplained: bool = False

    @property
    def rest(self) -> Size:
        """The part of a printed number that remains unexplained."""
        return 0 if self.printed is None else self.printed - self.second_total


def tally_of(name: str, graph: Graph) -> tuple[str, Tally]:
    """The full name and the counts of a convention, or of our own `macs` and `flops`.

    Raises:
        UsageError: there is no such convention.
    """
    if name in OWN:
        nodes = [node for node in graph.nodes if not node.training]
        return name, Tally({node.name: COUNTS[name](node) for node in nodes})
    chosen = convention(name)
    return chosen.label, chosen.tally(graph)


def reconcile(graph: Graph, first: str, second: str) -> Reconciliation:
    """The difference of two conventions by kind of layer, largest first.

    Raises:
        UsageError: there is no such convention.
    """
    one, ones = tally_of(first, graph)
    other, others = tally_of(second, graph)
    kinds: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.name in ones.counts or node.name in others.counts:
            kinds.setdefault(node.kind, []).append(node)
    parts = [_compare_kind(kind, nodes, ones, others) for kind, nodes in kinds.items()]
    differing = [part for part in parts if part.unknown or not _is_zero(part.difference)]
    return Reconciliation(one, other, ones.total, others.total, tuple(sorted(differing, key=_largest_first)))


def explain_number(graph: Graph, first: str, number: Fraction, exact: bool = False) -> Reconciliation:
    """The difference between a convention and a printed number.

    It is explained by `first` itself, or else by the nearest convention, if its total agrees with the number in three
    digits, or is equal to it where the number is `exact`. If none does, nothing is explained.

    Raises:
        UsageError: there is no such convention, or its total depends on a symbol.
    """
    label, own = tally_of(first, graph)
    if not isinstance(own.total, int):
        symbols = ", ".join(sorted(own.total.symbols))
        raise UsageError(f"the count of {label} depends on {symbols}: give the symbols values, to compare a number")
    totals = {first: own.total} | {name: tally_of(name, graph)[1].total for name in (*OWN, *CONVENTIONS)}
    distances = {name: abs(total - number) for name, total in totals.items() if isinstance(total, int)}
    printed = int(number)
    rounding = 0 if exact else Fraction(10) ** (len(str(printed)) - DIGITS) / 2
    near = first if distances[first] <= rounding else min(distances, key=lambda name: distances[name])
    if distances[near] > rounding:
        return Reconciliation(label, f"{printed:,}, {NO_TOOL}", own.total, own.total, (), printed, unexplained=True)
    nearest = reconcile(graph, first, near)
    return nearest._replace(second=f"{printed:,}, near {totals[near]:,} ({nearest.second})", printed=printed)


def _compare_kind(kind: str, nodes: Iterable[Node], ones: Tally, others: Tally) -> Part:
    nodes = list(nodes)
    counts = [(ones.counts.get(node.name, 0), others.counts.get(node.name, 0)) for node in nodes]
    first, second = (sum(map(or_zero, side)) for side in zip(*counts, strict=True))
    unknown = any(None in pair for pair in counts)
    return Part(kind, first, second, "" if unknown else _per_element(nodes, counts), unknown)


def _per_element(nodes: list[Node], counts: list[tuple[Size | None, Size | None]]) -> str:
    """`2 per input element`, if every layer's difference is that; else empty."""
    differences = [or_zero(b) - or_zero(a) for a, b in counts]
    for words, sizes in (
        ("multiply-accumulate", [or_zero(macs_of(node)) for node in nodes]),
        ("input element", [sum(map(numel, node.shapes[:1])) for node in nodes]),
        ("output element", [numel(node.output) for node in nodes]),
        ("parameter", [sum(map(numel, node.weights.values())) for node in nodes]),
    ):
        times = _ratio(differences, sizes)
        if times is not None:
            return f"{times:+d} per {words}"
    return ""


def _ratio(differences: list[Size], sizes: list[Size]) -> int | None:
    """The non-zero integer ratio of all differences to all sizes; None if there is none."""
    pairs = [(d, s) for d, s in zip(differences, sizes, strict=True) if not (_is_zero(d) and _is_zero(s))]
    if not all(isinstance(d, int) and isinstance(s, int) and s for d, s in pairs):
        return None
    ratios = {Fraction(d, s) for d, s in pairs if isinstance(d, int) and isinstance(s, int)}
    (ratio,) = ratios if len(ratios) == 1 else (Fraction(1, 2),)
    return ratio.numerator if ratio.denominator == 1 and ratio else None


def _is_zero(size: Size) -> bool:
    return isinstance(size, int) and size == 0


def _largest_first(part: Part) -> int:
    return -abs(part.difference) if isinstance(part.difference, int) else -(10**30)
