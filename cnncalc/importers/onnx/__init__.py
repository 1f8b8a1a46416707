"""ONNX models as specs.

model ─▶ graph, tensors ─▶ patterns ─▶ run: folding, {sliding, normalizing, pointwise, moving, resizing} ─▶ trace

Only the graph is read: the shapes of the weights and the few numbers that shapes are computed from. External data files
are never opened.
"""

from cnncalc.importers.onnx.trace import read_onnx

__all__ = ["read_onnx"]
