"""Export a graph: as a Python file with its `nn.Module`, or as ONNX.

identifiers, layout, render     names and layout of code; the recipes of `pytorch` define the code of each layer
tree ─▶ steps ─▶ variants, parameters, forward ─▶ classes ─▶ blocks ─▶ source   from name levels to a file
"""

from cnncalc.exporters.source.file import to_source

__all__ = ["to_source"]
