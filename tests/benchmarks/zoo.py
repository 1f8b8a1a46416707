"""All shipped specs together, in one process: loaded and analysed (aim: under 3 s), as they are and in every variant.

The specs that take longest stand below. Processor time, which other processes do not lengthen.
"""

from __future__ import annotations

import time

import cnncalc
from cnncalc import shipped
from cnncalc.spec import Spec


def figures(spec: Spec) -> int:
    """Every figure but memory of a spec in hand; how many layers it has."""
    report = spec.analyze()
    assert report.outputs
    assert report.receptive_fields
    assert report.params > 0 <= report.macs
    return len(report.layers)


def timed(name: str, variants: bool) -> tuple[float, int, int]:
    """Seconds for loading and analysing a spec; how many networks and layers that was."""
    start = time.process_time()
    spec = cnncalc.load(name)
    layers = [figures(spec.at(variant)) for variant in (spec.variants if variants and spec.variants else (None,))]
    return time.process_time() - start, len(layers), sum(layers)


if __name__ == "__main__":
    cnncalc.load("lenet5").analyze()  # the modules are in
    for what, variants in (("as they are", False), ("every variant", True)):
        found = {name: timed(name, variants) for name in shipped.names()}
        seconds, networks, layers = (sum(column) for column in zip(*found.values(), strict=True))
        print(f"{what}: {len(found)} specs, {networks} networks, {layers:,} layers in {seconds:.2f} s")
        for name in sorted(found, key=lambda name: found[name][0], reverse=True)[:5]:
            print(f"  {name:<20} {found[name][0] * 1e3:7.1f} ms  {found[name][1]:3} networks")
