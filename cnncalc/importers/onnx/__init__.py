"""ONNX models as specs.

model ─▶ graph, tensors ─▶ patterns ─▶ run: folding, {sliding, normalizing, pointwise, moving, resizing} ─▶ trace

A model is read for its graph alone: the shapes of weights, the few numbers that say shapes, nothing beside the file.
"""

from cnncalc.importers.onnx.trace import read_onnx

__all__ = ["read_onnx"]
