"""Reads Darknet's cfg files, of AlexeyAB's and hank-ai's dialects.

text ─▶ sections ─▶ handlers (sliding, joins, recurrent) ─▶ trace ─▶ Traced
"""

from cnncalc.importers.darknet.trace import read_cfg

__all__ = ["read_cfg"]
