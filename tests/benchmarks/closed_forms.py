"""Closed forms: symbolic against concrete analysis, `solve` of every shipped network, a chain past 10^6.

python tests/benchmarks/closed_forms.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import cnncalc
from cnncalc import shipped
from cnncalc.solutions.conditions import solve, symbolic_input


def timed(action: Callable[[], object], runs: int = 7) -> float:
    """The median time of some runs, in seconds, after one that is not counted."""
    action()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return median(times)


def once(action: Callable[[], object]) -> float:
    """The time of a first run: nothing is cached yet."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def symbolic_against_concrete() -> None:
    """Aim: at most 10 times the concrete analysis."""
    for name in ("resnet@50", "alexnet", "unet", "googlenet"):
        spec = cnncalc.load(name)
        shape = symbolic_input(dict(spec.graph().inputs))
        concrete, formal = timed(spec.graph), timed(lambda spec=spec, shape=shape: spec.graph(input=shape))
        times = f"concrete {concrete * 1e3:6.1f} ms   symbolic {formal * 1e3:6.1f} ms"
        print(f"{name:14} {times}   ratio {formal / concrete:4.1f}")


def solving() -> None:
    """Aim: within half a second beyond startup."""
    for name in shipped.names():
        spec = cnncalc.load(name)
        inputs = spec.graph().inputs
        if any(len(shape) > 1 for shape in inputs.values()):
            shape = symbolic_input(dict(inputs))
            taken = once(lambda spec=spec, shape=shape: solve(spec.graph(input=shape)))
            print(f"{name:14} solve {taken * 1e3:6.1f} ms")


def chain() -> None:
    """Ten strides whose product passes 10^6: sieved, not enumerated."""
    moduli = (3, 5, 7, 11, 13, 2, 17, 4, 19, 23)
    layers = "\n".join(f"  - conv: {{out_channels: 1, kernel_size: {m}, stride: {m}}}" for m in moduli)
    spec = cnncalc.parse(f"input: [1, H]\nlayers:\n{layers}")
    taken = once(lambda: solve(spec.graph()))
    print(f"{'ten strides':14} solve {taken * 1e3:6.1f} ms   {solve(spec.graph()).axes[0].fitting}")


if __name__ == "__main__":
    symbolic_against_concrete()
    solving()
    chain()
