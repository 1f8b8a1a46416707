"""Patterns that are alike but for a part of them: what some lack stands under a condition."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.importers.structure.patterns import Pattern, Patterns, without_default
from cnncalc.importers.writing.words import has_weights
from cnncalc.layers import LAYERS

LONGEST = 40  # elements of a list that is compared with another
SHARED = 2  # at least so many of three elements are in both


def unified(one: Patterns, other: Patterns, count: int, more: int) -> Patterns | None:
    """One pattern for `count` parts and `more`, in this order; None where they have too little in common."""
    if any(not _movable(pattern) for pattern in (*every(one), *every(other))):
        return None
    return next(filter(_much_in_common, _attempts(one, other, count, more)), None)


def _much_in_common(found: Patterns) -> bool:
    both = sum(all(pattern.present) for pattern in every(found))
    return both * 3 >= sum(1 for _ in every(found)) * SHARED - 1


def _attempts(one: Patterns, other: Patterns, count: int, more: int) -> Iterator[Patterns]:
    """The ways to see them as one."""
    found = _lists(one, other, count, more)
    if found is not None:
        yield found
    yield from _wrapped(one, other, count, more)


def every(patterns: Patterns) -> Iterator[Pattern]:
    """All elements, those of paths before what joins them."""
    for pattern in patterns:
        for path in pattern.paths or ():
            yield from every(path)
        yield pattern


def _movable(pattern: Pattern) -> bool:
    return pattern.sources is None and pattern.reads is None and (pattern.node is None or pattern.node.shares is None)


def _lists(one: Patterns, other: Patterns, count: int, more: int) -> Patterns | None:
    """The longest common list, what is in one alone between."""
    if max(len(one), len(other)) > LONGEST:
        return None
    found: Patterns = []
    i = j = 0
    for a, b in [*_common(one, other), (len(one), len(other))]:
        if i < a and j < b:
            return None  # one thing in place of another is no condition
        found += [_beside(pattern, 0, more) for pattern in one[i:a]]
        found += [_beside(pattern, count, 0) for pattern in other[j:b]]
        if a < len(one) and b < len(other):
            pair = _pair(one[a], other[b], count, more)
            if pair is None:
                return None
            found.append(pair)
        i, j = a + 1, b + 1
    return found


def _common(one: Patterns, other: Patterns) -> list[tuple[int, int]]:
    """The pairs of a longest common subsequence, as late as they can be: what is optional rather comes first."""
    best = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            best[i + 1][j + 1] = best[i][j] + 1 if _alike(a, b) else max(best[i][j + 1], best[i + 1][j])
    pairs: list[tuple[int, int]] = []
    i, j = len(one), len(other)
    while i and j:
        if _alike(one[i - 1], other[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif best[i - 1][j] >= best[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _alike(a: Pattern, b: Pattern) -> bool:
    if a.block is not b.block or (a.paths is None) != (b.paths is None):
        return False
    if a.paths is not None and b.paths is not None and len(a.paths) != len(b.paths):
        return False
    if _frozen(a) != _frozen(b) or _open(a) != _open(b):
        return False
    return a.kind == b.kind or (_is_activation(a) and _is_activation(b))


def _open(pattern: Pattern) -> set[str]:
    """The arguments given somewhere that have no default which could be written in their place."""
    if pattern.node is None:
        return set()
    return {name for given in pattern.arguments if given for name in without_default(pattern.kind, given)}


def _frozen(pattern: Pattern) -> bool:
    return pattern.node is not None and pattern.node.frozen


def _is_activation(pattern: Pattern) -> bool:
    """Whether it is a layer that acts on every number, without arguments or weights."""
    here = pattern.kind in LAYERS and LAYERS[pattern.kind].activation and not has_weights(pattern.kind)
    return here and all(given is None or given.keys() <= {"inplace"} for given in pattern.arguments)


def _pair(a: Pattern, b: Pattern, count: int, more: int) -> Pattern | None:
    """One element for both."""
    paths: list[Patterns] | None = None
    if a.paths is not None and b.paths is not None:
        merged = [_lists(p, q, count, more) for p, q in zip(a.paths, b.paths, strict=True)]
        paths = [path for path in merged if path is not None]
        if len(paths) < len(merged):
            return None
    return _columns(a, b, paths)


def _columns(a: Pattern, b: Pattern, paths: list[Patterns] | None) -> Pattern:
    first = a if any(a.present) else b
    return Pattern(
        first.reads,
        first.output,
        a.arguments + b.arguments,
        a.channels + b.channels,
        a.leaving + b.leaving,
        a.kinds + b.kinds,
        first.node,
        first.sources,
        first.block,
        first.path,
        paths,
        a.joined + b.joined,
    )


def _beside(pattern: Pattern, before: int, after: int) -> Pattern:
    """An element that so many parts before and after do not have."""
    paths = None if pattern.paths is None else [[_beside(p, before, after) for p in path] for path in pattern.paths]
    return Pattern(
        pattern.reads,
        pattern.output,
        [None] * before + pattern.arguments + [None] * after,
        [None] * before + pattern.channels + [None] * after,
        [None] * before + pattern.leaving + [None] * after,
        [None] * before + pattern.kinds + [None] * after,
        pattern.node,
        pattern.sources,
        pattern.block,
        pattern.path,
        paths,
        [True] * before + pattern.joined + [True] * after,
    )


def _wrapped(one: Patterns, other: Patterns, count: int, more: int) -> Iterator[Patterns]:
    """A residual in one of them, whose body alone is in the other: there it is not joined to what came in."""
    for place, pattern in enumerate(one):
        tail = len(one) - place - 1
        body = other[place : len(other) - tail]
        if _is_residual(pattern) and body:
            wrapped = _residual_of(pattern, body, more)
            found = _lists(one, [*other[:place], wrapped, *other[len(other) - tail :]], count, more)
            if found is not None:
                yield found
    for place, pattern in enumerate(other):
        tail = len(other) - place - 1
        body = one[place : len(one) - tail]
        if _is_residual(pattern) and body:
            wrapped = _residual_of(pattern, body, count)
            found = _lists([*one[:place], wrapped, *one[len(one) - tail :]], other, count, more)
            if found is not None:
                yield found


def _is_residual(pattern: Pattern) -> bool:
    paths = pattern.paths
    return pattern.kind == "add" and paths is not None and len(paths) == 2 and not all(paths)


def _residual_of(like: Pattern, body: Patterns, count: int) -> Pattern:
    """A residual with this body, in which nothing is joined."""
    assert like.paths is not None
    return Pattern(
        None,
        body[-1].output,
        [{} for _ in range(count)],
        list(body[0].channels),
        list(body[-1].leaving),
        [like.kind] * count,
        like.node,
        paths=[body if path else [] for path in like.paths],
        joined=[False] * count,
    )
