"""Reads Keras models: JSON of Keras 1 to 3 and of TF.js, `.keras`, `.h5`.

texts ─▶ document ─▶ model ─▶ walk (sliding, reshaping, joins, …) ─▶ trace ─▶ Traced
"""

from cnncalc.importers.keras.trace import read_keras

__all__ = ["read_keras"]
