"""Unifies patterns that differ in some elements; those that an instance lacks get a condition."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.importers.structure.patterns import Pattern, Patterns, without_default
from cnncalc.importers.writing.words import has_weights
from cnncalc.layers import LAYERS

LONGEST = 40  # elements in a list that is compared
SHARED = 2  # of three elements, this many must be in both


def unify(one: Patterns, other: Patterns, count: int, more: int) -> Patterns | None:
    """One pattern for `count` parts and `more`, in this order; None if they have too little in common."""
    if any(not _is_movable(pattern) for pattern in (*every(one), *every(other))):
        return None
    return next(filter(_share_enough, _merges(one, other, count, more)), None)


def _share_enough(merged: Patterns) -> bool:
    both = sum(all(pattern.present) for pattern in every(merged))
    return both * 3 >= sum(1 for _ in every(merged)) * SHARED - 1


def _merges(one: Patterns, other: Patterns, count: int, more: int) -> Iterator[Patterns]:
    """The possible unifications."""
    merged = _merge_lists(one, other, count, more)
    if merged is not None:
        yield merged
    yield from _merge_residuals(one, other, count, more)


def every(patterns: Patterns) -> Iterator[Pattern]:
    """All elements; those in paths before their join."""
    for pattern in patterns:
        for path in pattern.paths or ():
            yield from every(path)
        yield pattern


def _is_movable(pattern: Pattern) -> bool:
    return pattern.sources is None and pattern.reads is None and (pattern.node is None or pattern.node.shares is None)


def _merge_lists(one: Patterns, other: Patterns, count: int, more: int) -> Patterns | None:
    """The longest common list, with the elements of only one side in between."""
    if max(len(one), len(other)) > LONGEST:
        return None
    merged: Patterns = []
    i = j = 0
    for a, b in [*_common(one, other), (len(one), len(other))]:
        if i < a and j < b:
            return None  # a replaced element cannot be written as a condition
        merged += [_pad_columns(pattern, 0, more) for pattern in one[i:a]]
        merged += [_pad_columns(pattern, count, 0) for pattern in other[j:b]]
        if a < len(one) and b < len(other):
            pair = _pair(one[a], other[b], count, more)
            if pair is None:
                return None
            merged.append(pair)
        i, j = a + 1, b + 1
    return merged


def _common(one: Patterns, other: Patterns) -> list[tuple[int, int]]:
    """The index pairs of a longest common subsequence, as late as possible: optional elements tend to come first."""
    best = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            best[i + 1][j + 1] = best[i][j] + 1 if _is_similar(a, b) else max(best[i][j + 1], best[i + 1][j])
    pairs: list[tuple[int, int]] = []
    i, j = len(one), len(other)
    while i and j:
        if _is_similar(one[i - 1], other[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif best[i - 1][j] >= best[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _is_similar(a: Pattern, b: Pattern) -> bool:
    if a.block is not b.block or (a.paths is None) != (b.paths is None):
        return False
    if a.paths is not None and b.paths is not None and len(a.paths) != len(b.paths):
        return False
    if _beside(a) != _beside(b) or _required_arguments(a) != _required_arguments(b):
        return False
    return a.kind == b.kind or (_is_activation(a) and _is_activation(b))


def _required_arguments(pattern: Pattern) -> set[str]:
    """The given arguments that have no default, and so cannot be left out."""
    if pattern.node is None:
        return set()
    return {name for given in pattern.arguments if given for name in without_default(pattern.kind, given)}


def _beside(pattern: Pattern) -> object:
    """What stands beside a layer, and holds for all."""
    return pattern.node and (pattern.node.frozen, pattern.node.written)


def _is_activation(pattern: Pattern) -> bool:
    """Whether it is an elementwise layer without arguments or weights."""
    here = pattern.kind in LAYERS and LAYERS[pattern.kind].activation and not has_weights(pattern.kind)
    return here and all(given is None or given.keys() <= {"inplace"} for given in pattern.arguments)


def _pair(a: Pattern, b: Pattern, count: int, more: int) -> Pattern | None:
    """One element for both."""
    paths: list[Patterns] | None = None
    if a.paths is not None and b.paths is not None:
        merged = [_merge_lists(p, q, count, more) for p, q in zip(a.paths, b.paths, strict=True)]
        paths = [path for path in merged if path is not None]
        if len(paths) < len(merged):
            return None
    return _join_columns(a, b, paths)


def _join_columns(a: Pattern, b: Pattern, paths: list[Patterns] | None) -> Pattern:
    first = a if any(a.present) else b
    return Pattern(
        first.reads,
        first.output,
        a.arguments + b.arguments,
        a.channels + b.channels,
        a.out_channels + b.out_channels,
        a.kinds + b.kinds,
        first.node,
        first.sources,
        first.block,
        first.path,
        paths,
        a.joined + b.joined,
    )


def _pad_columns(pattern: Pattern, before: int, after: int) -> Pattern:
    """An element that this many parts before and after lack."""
    paths = (
        None if pattern.paths is None else [[_pad_columns(p, before, after) for p in path] for path in pattern.paths]
    )
    return Pattern(
        pattern.reads,
        pattern.output,
        [None] * before + pattern.arguments + [None] * after,
        [None] * before + pattern.channels + [None] * after,
        [None] * before + pattern.out_channels + [None] * after,
        [None] * before + pattern.kinds + [None] * after,
        pattern.node,
        pattern.sources,
        pattern.block,
        pattern.path,
        paths,
        [True] * before + pattern.joined + [True] * after,
    )


def _merge_residuals(one: Patterns, other: Patterns, count: int, more: int) -> Iterator[Patterns]:
    """A residual on one side whose body alone is on the other, where it is not added to its input."""
    for place, pattern in enumerate(one):
        tail = len(one) - place - 1
        body = other[place : len(other) - tail]
        if _is_residual(pattern) and body:
            wrapped = _wrap_in_residual(pattern, body, more)
            merged = _merge_lists(one, [*other[:place], wrapped, *other[len(other) - tail :]], count, more)
            if merged is not None:
                yield merged
    for place, pattern in enumerate(other):
        tail = len(other) - place - 1
        body = one[place : len(one) - tail]
        if _is_residual(pattern) and body:
            wrapped = _wrap_in_residual(pattern, body, count)
            merged = _merge_lists([*one[:place], wrapped, *one[len(one) - tail :]], other, count, more)
            if merged is not None:
                yield merged


def _is_residual(pattern: Pattern) -> bool:
    paths = pattern.paths
    return pattern.kind == "add" and paths is not None and len(paths) == 2 and not all(paths)


def _wrap_in_residual(like: Pattern, body: Patterns, count: int) -> Pattern:
    """A residual with this body, in which nothing is added."""
    assert like.paths is not None
    return Pattern(
        None,
        body[-1].output,
        [{} for _ in range(count)],
        list(body[0].channels),
        list(body[-1].out_channels),
        [like.kind] * count,
        like.node,
        paths=[body if path else [] for path in like.paths],
        joined=[False] * count,
    )
