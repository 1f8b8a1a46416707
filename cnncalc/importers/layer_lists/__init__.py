"""Reads layer lists as older lectures show them: Torch7's in Lua, ConvNetJS's in JavaScript. As text: nothing is run.

text ─▶ tokens ─▶ lua (modules in containers) ─▶ torch7 ─┐
             └──▶ javascript (objects) ───▶ convnetjs ───┴─▶ tracing ─▶ Traced
"""

from cnncalc.importers.layer_lists.convnetjs import read_js
from cnncalc.importers.layer_lists.torch7 import read_lua

__all__ = ["read_js", "read_lua"]
