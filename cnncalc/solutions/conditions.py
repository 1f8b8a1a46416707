"""Solves conditions on input sizes (docs/formulas.md).

A symbolic graph carries its validity conditions; the fit of every sliding layer adds one condition per axis. Conditions
on a single symbol are sieved. A condition that couples two symbols is solved if it is the product of two sizes. All
that couple symbols are kept, printed, and tested on candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from cnncalc.analysis.fit import fit_of
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.layers.layer import Shape
from cnncalc.layers.window import Window
from cnncalc.records import Record
from cnncalc.solutions.products import Product, solve_product
from cnncalc.symbolic import Relation, Residues, Size, Undecidable, compare, maximum, smallest_contradiction
from cnncalc.symbolic import solve as sieve

Fitting = Literal["exact", "pixels"]
AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


class Requirement(Record):
    """A condition and the node that requires it; `holds` is False if no input satisfies it."""

    holds: Relation | bool
    node: str
    reason: Literal["valid", "fit"]

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols that it depends on."""
        return self.holds.symbols if isinstance(self.holds, Relation) else frozenset()


class Axis(Record):
    """The solution for one symbol: valid sizes, sizes that also fit, and a contradicting set of requirements if none
    fit. `alone` are the sizes that the conditions on this symbol alone allow.
    """

    symbol: str
    valid: Residues
    fitting: Residues
    contradiction: tuple[Requirement, ...] = ()
    alone: Residues | None = None


class Solution(Record):
    """The solution for a network: one axis per symbol; conditions that couple symbols are kept as they are."""

    graph: Graph
    axes: tuple[Axis, ...]
    coupled: tuple[Requirement, ...]
    products: tuple[Product, ...] = ()  # the coupled conditions that are solved

    def accepts(self, values: Mapping[str, int]) -> bool:
        """Whether these values of all symbols are valid and fit, coupled conditions included."""
        single = all(axis.fitting.contains(values[axis.symbol]) for axis in self.axes)
        return single and all(r.holds.evaluate(values) for r in self.coupled if isinstance(r.holds, Relation))


def symbolic_input(sizes: Mapping[str, Shape]) -> dict[str, tuple[Size | str, ...]]:
    """The inputs with spatial sizes replaced by symbols (H, W; D, H, W; L); inputs of equal size share symbols."""
    shapes: dict[str, tuple[Size | str, ...]] = {}
    named: dict[Shape, tuple[str, ...]] = {}
    for name, shape in sizes.items():
        spatial = shape[1:]
        if len(spatial) not in AXES or not all(isinstance(size, int) for size in spatial):
            shapes[name] = shape
            continue
        mark = str(len(named) + 1) if named else ""
        letters = named.setdefault(spatial, tuple(f"{letter}{mark}" for letter in AXES[len(spatial)]))
        shapes[name] = (shape[0], *letters)
    return shapes


def solve(graph: Graph, fitting: Fitting = "exact") -> Solution:
    """The input sizes of a symbolic graph that are valid, and those that fit exactly (or drop no pixel).

    Raises:
        UsageError: the graph has no symbol, or deciding its conditions takes too much work.
    """
    valid = [Requirement(c.relation, c.node, "valid") for c in graph.conditions]
    fits = list(fit_requirements(graph.nodes, fitting))
    symbols = sorted({name for shape in graph.inputs.values() for size in shape for name in _symbols(size)})
    if not symbols:
        raise UsageError("nothing to solve for: no input size is a symbol (use --input 3xHxW)")
    never = tuple(r for r in fits if r.holds is False)
    axes = tuple(_axis(name, valid, fits, never) for name in symbols)
    coupled = tuple(r for r in dict.fromkeys([*valid, *fits]) if len(r.symbols) > 1)
    products = []
    for requirement in coupled:
        product = _solve_coupled(requirement, {axis.symbol: axis.valid for axis in axes})
        if product:
            axes = tuple(_axis_within(axis, product, requirement, axes, fits) for axis in axes)
            products.append(product)
    return Solution(graph, axes, coupled, tuple(products))


def _solve_coupled(requirement: Requirement, members: Mapping[str, Residues]) -> Product | None:
    return solve_product(requirement.holds, members) if isinstance(requirement.holds, Relation) else None


def _axis_within(
    axis: Axis, product: Product, requirement: Requirement, axes: tuple[Axis, ...], fits: list[Requirement]
) -> Axis:
    """The solution for one symbol, given a condition on its product with another."""
    valid = product.solutions.get(axis.symbol)
    if valid is None:
        return axis
    fitting = Residues(axis.symbol, residues=())
    if all(axes_fit.fitting for axes_fit in axes):
        both = _solve_coupled(requirement, {each.symbol: each.fitting for each in axes})
        fitting = both.solutions[axis.symbol] if both else fitting
    own = [r for r in fits if r.symbols == {axis.symbol}][:1] if valid else []
    why = axis.contradiction or (() if fitting else (requirement, *own))
    return Axis(axis.symbol, valid, fitting, why, axis.alone or axis.valid)


def validity(graph: Graph) -> list[str]:
    """The conditions on a graph's symbols as text: one line per symbol, unless another condition implies it, then the
    conditions that couple symbols or could not be sieved.
    """
    relations = list(dict.fromkeys(c.relation for c in graph.conditions))
    members: dict[str, Residues] = {}
    unsolved: list[Relation] = []
    for name in sorted({name for relation in relations for name in relation.symbols}):
        own = [relation for relation in relations if relation.symbols == {name}]
        try:
            members[name] = sieve(own, name)
        except Undecidable:
            unsolved += own
    coupled = [relation for relation in relations if len(relation.symbols) > 1]
    products = {relation: solve_product(relation, members) for relation in coupled}
    implied = {name for product in products.values() if product for name, holds in product.bounds.items() if holds}
    texts = [
        str(sizes) if sizes else f"never: no {name} satisfies all layers"
        for name, sizes in members.items()
        if name not in implied and not sizes.everything
    ]
    texts += [relation.render("unicode") for relation in unsolved]
    texts += [product.text if product else relation.render("unicode") for relation, product in products.items()]
    return list(dict.fromkeys(texts))


def fit_requirements(nodes: Iterable[Node], fitting: Fitting) -> Iterator[Requirement]:
    """The conditions under which every sliding layer fits; training heads are ignored."""
    for node in nodes:
        fit = None if node.training else fit_of(node)
        for window in fit.windows if fit else ():
            holds = fits(window, fitting)
            if holds is not True:
                yield Requirement(holds, node.name, "fit")


def fits(window: Window, fitting: Fitting) -> Relation | bool:
    """leftover = 0; or, to drop no pixel, leftover ≤ P_high + max(0, S − E)."""
    if fitting == "exact":
        return compare(window.leftover, "==", 0)
    spare = window.high + maximum(0, window.stride - window.extent)
    return compare(window.leftover, "<=", spare)


def fits_where(window: Window) -> str:
    """The condition under which one window fits exactly, as text: H ≡ 3 (mod 4)."""
    holds = fits(window, "exact")
    if not isinstance(holds, Relation):
        return "always" if holds else "never"
    try:
        return str(sieve([holds])) if len(holds.symbols) == 1 else holds.render("unicode")
    except Undecidable:
        return holds.render("unicode")


def _axis(name: str, valid: list[Requirement], fits: list[Requirement], never: tuple[Requirement, ...]) -> Axis:
    """The solution for one symbol, from the requirements on that symbol alone."""
    own = [r for r in valid if r.symbols == {name}]
    also = [r for r in fits if r.symbols == {name}]
    try:
        working = sieve([r.holds for r in own], name)
        fitting = sieve([r.holds for r in (*own, *also, *never)], name)
        return Axis(name, working, fitting, () if fitting else _contradiction([*own, *also], never))
    except Undecidable as error:
        raise UsageError(f"{name}: {error}") from None


def _contradiction(requirements: list[Requirement], never: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    """A minimal set of requirements that no input satisfies: one that never holds, else usually two."""
    if never:
        return never[:1]
    distinct = list({r.holds: r for r in reversed(requirements)}.values())[::-1]
    indices = smallest_contradiction([r.holds for r in distinct]) or []
    return tuple(distinct[index] for index in indices)


def _symbols(size: object) -> frozenset[str]:
    return getattr(size, "symbols", frozenset())
