"""Time a node, from 1,000 to 100,000 nodes (aim: linear, under 20 µs a node); residual blocks under a repeat.

Processor time, which other processes do not lengthen.
"""

from __future__ import annotations

import statistics
import time

import cnncalc

SPEC = """
input: 16x32x32
params: {{blocks: 1}}
blocks:
  unit:
    - residual:
        body:
          - conv: {{out_channels: in_channels, kernel_size: 3, padding: 1}}
          - batchnorm
          - relu
    - relu
layers:
  - unit:
    repeat: {blocks}
    name: stage
"""
NODES = (1_000, 3_000, 10_000, 30_000, 99_000)
NODES_A_BLOCK = 5


def seconds(nodes: int, rounds: int = 5) -> float:
    """The median time of one analysis."""
    spec = cnncalc.parse(SPEC.format(blocks=nodes // NODES_A_BLOCK))
    times = []
    for _ in range(rounds):
        start = time.process_time()
        report = spec.analyze()
        assert report.params
        times.append(time.process_time() - start)
        assert len(report.layers) == nodes // NODES_A_BLOCK * NODES_A_BLOCK
    return statistics.median(times)


if __name__ == "__main__":
    for nodes in NODES:
        found = seconds(nodes)
        print(f"{nodes:>7,} nodes  {found * 1e3:9.1f} ms  {found / nodes * 1e6:6.2f} µs a node")
