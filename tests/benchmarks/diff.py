"""Time a node of a difference, from 1,000 to 99,000 nodes: nothing changed, one insertion, many edits, all different.

python tests/benchmarks/diff.py        (aim: about linear, whatever changed)

Processor time, which other processes do not lengthen.
"""

from __future__ import annotations

import time

import cnncalc
from cnncalc.analysis.report import Report
from cnncalc.differences.alignment import align

BLOCKS = """
input: 16x32x32
layers:
{head}  - sequence:
      - residual:
          body:
            - conv: {{out_channels: in_channels, kernel_size: {kernel}, padding: {kernel} // 2}}
            - batchnorm
            - {activation}
      - relu
    repeat: {{i: {blocks}}}
    name: "{name}"
"""
NODES = (1_000, 10_000, 99_000)
NODES_A_BLOCK = 5


def network(nodes: int, **changed: object) -> Report:
    words = {"head": "", "kernel": 3, "activation": "relu", "name": "stage{i}", "blocks": nodes // NODES_A_BLOCK}
    return cnncalc.parse(BLOCKS.format(**{**words, **changed})).analyze()


CASES = {
    "nothing": {},
    "an insertion at the top": {"head": "  - conv: {out_channels: 16, kernel_size: 1}\n"},
    "every tenth kernel, all names": {"kernel": "(5 if i % 10 == 3 else 3)", "name": "block{i + 1}"},
    "all activations": {"activation": "gelu"},
    "all kernels": {"kernel": 5},
    "a tenth of the blocks gone": {"blocks": None},
}


if __name__ == "__main__":
    for nodes in NODES:
        before = network(nodes)
        for what, changed in CASES.items():
            words = {"blocks": nodes // NODES_A_BLOCK * 9 // 10} if "blocks" in changed else changed
            after = network(nodes, **words)
            start = time.process_time()
            pairs = align(before.graph, after.graph)
            taken = time.process_time() - start
            each = f"{taken / nodes * 1e6:6.1f} µs a node"
            print(f"{nodes:>7,} nodes  {what:32} {taken:7.2f} s  {each}  {len(pairs):,} pairs")
