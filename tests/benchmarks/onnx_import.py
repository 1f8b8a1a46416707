"""Reading ONNX: a graph of 5,000 operators, from the file to the analysed spec; aim: under 2 seconds.

    python tests/benchmarks/onnx_import.py

Prints the median of several runs of each step, and of the whole as one process: processor time, which other processes
do not lengthen.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cnncalc.importers.onnx.model import read_model
from cnncalc.importers.onnx.trace import trace
from cnncalc.importers.writing.spec_text import spec_document
from cnncalc.spec import Spec

OPERATORS = 5_000
RUNS = 5


def model(operators):
    """Residual units of three operators, on maps of 8 channels."""
    nodes, constants, at = [], [], "x"
    for unit in range(operators // 3):
        weight = f"unit{unit}.conv.weight"
        constants.append(numpy_helper.from_array(np.zeros((8, 8, 3, 3), dtype=np.float32), weight))
        nodes += [
            helper.make_node("Conv", [at, weight], [f"c{unit}"], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", [f"c{unit}"], [f"r{unit}"]),
            helper.make_node("Add", [f"r{unit}", at], [f"a{unit}"]),
        ]
        at = f"a{unit}"
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "deep",
        [value("x", TensorProto.FLOAT, ["n", 8, 32, 32])],
        [value(at, TensorProto.FLOAT, None)],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


def spent():
    """Seconds of the processor, of this process and those that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def timed(run):
    times = []
    for _ in range(RUNS):
        start = spent()
        made = run()
        times.append(spent() - start)
    return made, median(times)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.onnx"
        onnx.save(model(OPERATORS), path)
        found, reading = timed(lambda: read_model(path))
        traced, tracing = timed(lambda: trace(found, "deep"))
        document, writing = timed(lambda: spec_document(traced))
        _, analysing = timed(lambda: Spec(document).analyze().totals)
        command = [sys.executable, "-m", "cnncalc", "params", str(path), "--format", "json"]
        _, whole = timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    for step, seconds in (("read", reading), ("trace", tracing), ("write", writing), ("analyse", analysing)):
        print(f"{step:<22}{seconds:8.3f} s")
    print(f"{'cnncalc params, whole':<22}{whole:8.3f} s  of {len(traced.nodes):,} layers (aim: 2 s)")


if __name__ == "__main__":
    main()
