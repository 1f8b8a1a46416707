"""Spells symbolic sizes as expressions of a layer's input, the only sizes that an expression of a spec can refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from cnncalc.errors import UsageError
from cnncalc.layers.layer import Shape, text
from cnncalc.symbolic import Expr, Size, render
from cnncalc.symbolic.expr import evaluate_size

_LARGEST_FACTOR = 64
_LARGE = 10_000_019  # a size far above any factor and offset


def spell_by_input(name: str, value: Expr, entering: Shape) -> str:
    """Return the expression of `in_channels` and `in_size` that a size is, for a layer whose input is `entering`.

    Raises:
        UsageError: no such expression was found; `name` is the layer in the message.
    """
    sizes = {"in_channels": entering[0], **{f"in_size[{axis}]": size for axis, size in enumerate(entering[1:])}}
    symbolic = {spelling: size for spelling, size in sizes.items() if isinstance(size, Expr)}
    wanted = render(value)
    for spelling, candidate in _candidates(value, symbolic):
        if render(candidate) == wanted:
            return spelling
    symbols = sorted(set(value.symbols).union(*(size.symbols for size in entering if isinstance(size, Expr))))
    msg = f"{name}: its size {wanted} is not a simple expression of its input {text(entering)}: import it with numbers"
    msg += f" (--input) for {' or '.join(symbols)}"
    raise UsageError(msg)


def _candidates(value: Expr, sizes: Mapping[str, Expr]) -> Iterator[tuple[str, Size]]:
    """Yield expressions with their closed forms, the simplest first."""
    yield from sizes.items()
    for (first, a), (second, b) in combinations(sizes.items(), 2):
        yield f"{first} * {second}", a * b
    for spelling, size in sizes.items():
        difference = value - size
        if isinstance(difference, int):
            sign = "+" if difference > 0 else "-"
            yield f"{spelling} {sign} {abs(difference)}", value
    for factor in range(2, _LARGEST_FACTOR + 1):
        for spelling, size in sizes.items():
            yield f"{factor} * {spelling}", size * factor
            yield f"{spelling} // {factor}", size // factor
    for spelling, size in sizes.items():
        yield from _rounded(value, spelling, size)


def _rounded(value: Expr, spelling: str, size: Expr) -> Iterator[tuple[str, Size]]:
    """Yield (size + offset) // factor for the factors and offsets that agree with the value at a large size."""
    if value.symbols != size.symbols:
        return
    point = dict.fromkeys(value.symbols, _LARGE)
    there, of = evaluate_size(value, point), evaluate_size(size, point)
    if there < 1:
        return
    factor = round(of / there)
    for offset in range(there * factor - of, (there + 1) * factor - of):
        sign = "+" if offset > 0 else "-"
        yield f"({spelling} {sign} {abs(offset)}) // {factor}", (size + offset) // max(factor, 1)
