"""Figures of MobileNet from Keras's JSON, as a process: beside `summary resnet@50` (aim: 1.5 times), and beside Keras.

    python tests/benchmarks/keras_import.py

Needs Keras with a backend.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import processes, python, table

ROUNDS = 5
WRITE = "import keras; open({!r}, 'w').write(keras.applications.MobileNet(weights=None).to_json())"
BUILD = "import keras; keras.models.model_from_json(open({!r}).read()).summary()"


def main() -> None:
    """Measure and print."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "mobilenet.json")
        subprocess.run(python(WRITE.format(path)), check=True)
        summary = [sys.executable, "-m", "cnncalc", "summary"]
        commands = {"resnet@50": [*summary, "resnet@50"], "mobilenet.json": [*summary, path]}
        found = processes({**commands, "Keras": python(BUILD.format(path))}, ROUNDS)
    print(table(found, "resnet@50"))


if __name__ == "__main__":
    main()
