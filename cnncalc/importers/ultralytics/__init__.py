"""Reads model files in the style of Ultralytics, YOLOv5 and YOLOv7: rows of `[from, repeats, module, arguments]`.

text ─▶ model (rows, scales) ─▶ calls, heads (a row as a call of a block) ─▶ translation ─▶ a spec
          claims (figures in comments)    library (the blocks, in `modules/`)

Unlike other formats, such a file says what a spec says: parameters, variants and calls. It becomes a spec directly,
whose parts have their places in the file; nothing is traced, and no structure has to be found.
"""

from cnncalc.importers.ultralytics.translation import translate

__all__ = ["translate"]
