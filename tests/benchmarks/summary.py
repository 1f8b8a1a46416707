"""A full summary in one process: resnet@50 (aim: under 10 ms with load), and up to 10,000 layers with long skips.

Every figure: shapes, parameters, MACs, FLOPs, receptive fields, activations, peak; training apart. Aim: linear.
Processor time, which other processes do not lengthen.
"""

from __future__ import annotations

import time

from measuring import interleaved, table

import cnncalc
from cnncalc.analysis.memory.record import add_memory
from cnncalc.analysis.report import Report
from cnncalc.render.formats.table import table as text
from cnncalc.render.views.summary import summary_view

SKIPS = """
input: 8x32x32
layers:
  - conv: {{out_channels: 8, kernel_size: 3, padding: 1}}
    name: first
  - sequence:
      - conv: {{out_channels: 8, kernel_size: 3, padding: 1}}
      - relu
      - conv: {{out_channels: 8, kernel_size: 3, padding: 1}}
      - add: first
    repeat: {blocks}
    name: stage
"""
SIZES = (1_000, 3_000, 10_000)


def document(report: Report) -> object:
    """The JSON document with all figures."""
    return add_memory(report.to_dict(("macs", "receptive_field")), report.memory())


def figures(report: Report) -> None:
    """All that the table shows."""
    memory = report.memory()
    assert report.macs
    assert report.flops
    assert report.params
    assert report.receptive_fields
    assert memory.peak.bytes
    assert memory.activation_bytes


if __name__ == "__main__":
    spec = cnncalc.load("resnet@50")
    report = spec.analyze()
    calls = {
        "load and all figures": lambda: figures(cnncalc.load("resnet@50").analyze()),
        "load and JSON document": lambda: document(cnncalc.load("resnet@50").analyze()),
        "load and table": lambda: text(summary_view(found := cnncalc.load("resnet@50").analyze(), found.memory())),
        "load and shapes alone": lambda: cnncalc.load("resnet@50").analyze().layers,
        "MACs and FLOPs": lambda: spec.analyze().cost,
        "peak": lambda: report.memory().peak,
        "training": lambda: report.memory().training.peak,
    }
    print(table(interleaved(calls, 25, time.process_time), "load and all figures"))
    for size in SIZES:
        graph = cnncalc.parse(SKIPS.format(blocks=size // 4)).graph()
        calls = {
            "receptive fields": lambda graph=graph: Report(graph).receptive_fields,
            "MACs and FLOPs": lambda graph=graph: Report(graph).cost,
            "peak": lambda graph=graph: Report(graph).memory().peak,
            "training": lambda graph=graph: Report(graph).memory().training.peak,
        }
        print(f"\n{len(graph.nodes):,} layers, every fourth adds the first")
        for name, seconds in interleaved(calls, 5, time.process_time).items():
            print(f"  {name:<20} {seconds * 1e3:9.1f} ms  {seconds / len(graph.nodes) * 1e6:6.2f} µs a layer")
