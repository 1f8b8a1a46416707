"""In one process: load and analysis of resnet@50 (aim: under 8 ms), analysis alone, and what each view adds.

Processor time, which other processes do not lengthen.
"""

from __future__ import annotations

import time

from measuring import interleaved, table

import cnncalc
from cnncalc.analysis.report import Report
from cnncalc.render.formats.table import table as text
from cnncalc.render.views.shapes import shapes_view


def whole(report: Report) -> Report:
    """Everything folded."""
    report.to_dict()
    return report


if __name__ == "__main__":
    spec = cnncalc.load("resnet@50")
    report = whole(spec.analyze())
    view = shapes_view(report)
    calls = {
        "load": lambda: cnncalc.load("resnet@50"),
        "load and analysis": lambda: cnncalc.load("resnet@50").analyze().totals,
        "analysis": lambda: spec.analyze().totals,
        "analysis and JSON document": lambda: whole(spec.analyze()),
        "view": lambda: shapes_view(report),
        "table": lambda: text(view, 100, colour=True),
    }
    print(table(interleaved(calls, 50, time.process_time), "load and analysis"))
