"""Random small networks of tokens: maps flattened, joined with others or with learned ones, cut, and unfolded again."""

import random
from math import prod

from cnncalc.graph import Graph

from .random_networks import CHANNELS, Builder, Misfit


def random_token_graph(seed: int) -> Graph:
    rng = random.Random(seed)
    rank = rng.choice((2, 2, 3))
    longest = {2: 12, 3: 6}[rank]
    build = Builder(rng, rank, {"image": (1, *(rng.randint(2, longest) for _ in range(rank)))})
    build.longest = longest**rank
    last = _window(build, "image")
    for _ in range(rng.randint(2, 7)):
        step = rng.choice((_flatten, _flatten, _unfold, _unfold, _window, _learned, _cut, _lengthen, _join, _mix))
        last = build.attempt(step, last)
    return build.graph()


def _require(holds: bool) -> None:
    if not holds:
        raise Misfit


def _window(build: Builder, x: str) -> str:
    sizes = build.shapes[x][1:]
    kernel = [build.rng.randint(1, min(3, size)) for size in sizes]
    return build.add(
        "conv", x, out_channels=CHANNELS, kernel_size=kernel, stride=[build.rng.randint(1, 2) for _ in sizes]
    )


def _flatten(build: Builder, x: str) -> str:
    rank = len(build.shapes[x])
    _require(rank > 2)
    start = build.rng.randint(2, rank - 1)
    if build.rng.random() < 0.3:
        order = list(range(2, rank + 1))
        build.rng.shuffle(order)
        x = build.add("permute", x, dims=[1, *order])
    return build.add("flatten", x, start_dim=start, end_dim=build.rng.randint(start + 1, rank))


def _unfold(build: Builder, x: str) -> str:
    """An axis as two, mostly those that some map has."""
    channels, *sizes = build.shapes[x]
    axis = build.rng.randrange(len(sizes))
    maps = [shape[1:] for shape in build.shapes.values() if len(shape) > 2 and prod(shape[1:]) == sizes[axis]]
    divisors = [(n, sizes[axis] // n) for n in range(1, sizes[axis] + 1) if sizes[axis] % n == 0]
    found = build.rng.choice(maps if maps and build.rng.random() < 0.8 else divisors)
    _require(len(sizes) + len(found) < 6)
    return build.add("reshape", x, shape=[channels, *sizes[:axis], *found, *sizes[axis + 1 :]])


def _learned(build: Builder, x: str) -> str:
    channels, *sizes = build.shapes[x]
    if build.rng.random() < 0.5:
        return build.add("parameter", x, merge="add")
    return build.add("parameter", x, shape=[channels, build.rng.randint(1, 2), *sizes[1:]], merge="concat")


def _cut(build: Builder, x: str) -> str:
    size = build.shapes[x][1]
    start = build.rng.randint(0, min(3, size - 1))
    return build.add("slice", x, dim=2, start=start, end=build.rng.randint(start + 1, size))


def _lengthen(build: Builder, x: str) -> str:
    return build.add("pad", x, padding=[[build.rng.randint(0, 2), 1] for _ in build.shapes[x][1:]])


def _join(build: Builder, x: str) -> str:
    """With any earlier tensor of this many axes: added, or one behind the other."""
    names = [name for name, shape in build.shapes.items() if len(shape) == len(build.shapes[x]) and name != "image"]
    y = build.rng.choice(names)
    if build.shapes[x] == build.shapes[y] and build.rng.random() < 0.6:
        return build.add("add", x, y)
    return build.add("concat", x, y, dim=2)


def _mix(build: Builder, x: str) -> str:
    if build.rng.random() < 0.7:
        return build.add("linear", x, out_features=CHANNELS, axis="channels")
    return build.add("linear", x, out_features=build.rng.randint(2, 6), axis="last")
