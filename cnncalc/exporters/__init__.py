"""A graph as files that others read: a Python file with the `nn.Module` of it, or ONNX.

identifiers, layout, render     how code is laid out; the recipes of `pytorch` say what each layer is
tree ─▶ steps ─▶ variants, parameters, forward ─▶ classes ─▶ blocks ─▶ source   from levels of names to a file
"""

from cnncalc.exporters.source.file import to_source

__all__ = ["to_source"]
