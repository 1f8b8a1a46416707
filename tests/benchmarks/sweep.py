"""Points a second of a sweep: closed forms against analysis of each input, a grid, a million inputs, memory.

python tests/benchmarks/sweep.py        (aims: 10,000 points of resnet < 30 s, 10^6 inputs < 10 s, on one core)

Processor time, which other processes do not lengthen.
"""

from __future__ import annotations

import resource
import time

import cnncalc
from cnncalc.render.views.sweep import csv_lines
from cnncalc.sweeps.grid import Grid, NetworkText, read_grid
from cnncalc.sweeps.run import blocks

DEPTHS = "{[1,1,1,1],[2,2,2,2],[2,3,4,2],[3,4,6,3],[3,4,12,3],[3,4,18,3],[3,4,23,3],[3,8,24,3],[3,8,30,3],[3,8,36,3]}"


def grid_of(name: str, settings: list[str], inputs: list[str]) -> Grid:
    return read_grid([NetworkText.of(cnncalc.load(name), name)], settings, inputs)


def seconds(grid: Grid) -> float:
    """The time to compute a grid and write it as CSV."""
    start = time.process_time()
    for block in blocks(grid):
        csv_lines(grid.names, block.columns())
    return time.process_time() - start


def said(what: str, points: int, taken: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what:44} {points:>9,} points  {taken:7.2f} s  {points / taken:>9,.0f} points/s  peak so far {peak:.0f} MiB"
    )


def closed_against_analysis() -> None:
    spec = cnncalc.load("resnet@50")
    sizes = range(200, 300)
    start = time.process_time()
    for size in sizes:
        report = spec.analyze((3, size, size))
        assert report.params + report.macs + report.flops
    analysed = (time.process_time() - start) / len(sizes)
    said("resnet@50, every input analysed", len(sizes), analysed * len(sizes))
    for points in (10, 100, 10_000):
        taken = seconds(grid_of("resnet@50", [], [f"3x{{200:{199 + points}}}"]))
        said("resnet@50, closed forms", points, taken)
        print(f"{'':44} {analysed / (taken / points):>9,.0f} times as fast as analysing")


if __name__ == "__main__":
    closed_against_analysis()
    for text in ("3x{100:199}", "3x{101:1000100}"):
        grid = grid_of("resnet@50", [], [text])
        said(f"resnet@50 --input {text}", grid.points, seconds(grid))
    grid = grid_of("resnet", ["width=16:160:16", f"depths={DEPTHS}"], ["3x{32:1022:10}"])
    said("resnet, 10 widths, 10 depths, 100 inputs", grid.points, seconds(grid))
    grid = grid_of("resnet", ["width=4:400:4", f"depths={DEPTHS}"], ["3x{32:320:32}"])
    said("resnet, 100 widths, 10 depths, 10 inputs", grid.points, seconds(grid))
