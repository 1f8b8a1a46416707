"""Reads Caffe prototxt files.

text ─▶ network ─▶ layers (sliding, others) ─▶ trace ─▶ Traced
"""

from cnncalc.importers.caffe.trace import read_prototxt

__all__ = ["read_prototxt"]
