"""Finds the inputs that fit nearest to given sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from cnncalc.solutions.conditions import Solution

MOST_TRIED = 10_000  # combinations of sizes
MOST = 2


def nearest_inputs(solution: Solution, targets: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Yield values of all symbols that fit: below and above the targets, or the nearest where symbols are coupled."""
    axes = {axis.symbol: axis.fitting for axis in solution.axes}
    coupling = {name for requirement in solution.coupled for name in requirement.symbols}
    if not axes or not axes.keys() <= targets.keys() or not coupling <= axes.keys():
        return  # nothing fits for certain if it also depends on a symbolic parameter
    finite = {name: members.finite for name, members in axes.items()} if solution.products else {}
    sizes = {name: values for name, values in finite.items() if values is not None}
    if len(sizes) == len(axes) and prod(map(len, sizes.values())) <= MOST_TRIED:
        yield from _nearest_combinations(solution, sizes, targets)
        return
    for side in (0, 1):
        values = {name: members.nearest(targets[name])[side] for name, members in axes.items()}
        chosen = {name: value for name, value in values.items() if value is not None}
        if len(chosen) == len(axes) and solution.accepts(chosen):
            yield chosen


def _nearest_combinations(
    solution: Solution, sizes: Mapping[str, tuple[int, ...]], targets: Mapping[str, int]
) -> Iterator[dict[str, int]]:
    every = (dict(zip(sizes, values, strict=True)) for values in product(*sizes.values()))
    fitting = [chosen for chosen in every if solution.accepts(chosen)]
    yield from sorted(fitting, key=lambda chosen: sum(abs(chosen[name] - targets[name]) for name in chosen))[:MOST]
