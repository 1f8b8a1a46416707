"""A model file in Ultralytics' style summarised as a process, beside a shipped ResNet-50, and beside the building of
the same model by the package `ultralytics`, where that is installed.

    python tests/benchmarks/ultralytics_models.py [yolov8n.yaml]

Aim: at most 1.5 times `cnncalc summary resnet@50`, and 30 times faster than building it. Without a file, the model is
one of our own that has as many rows of as many kinds as YOLOv8's.
"""

from __future__ import annotations

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from measuring import processes, python, table

STAGE = "  - [-1, 1, Conv, [{0}, 3, 2]]\n  - [-1, {1}, C2f, [{0}, True]]\n"
UP = "  - [-1, 1, nn.Upsample, [None, 2, nearest]]\n  - [[-1, {0}], 1, Concat, [1]]\n  - [-1, 3, C2f, [{1}]]\n"
DOWN = "  - [-1, 1, Conv, [{1}, 3, 2]]\n  - [[-1, {0}], 1, Concat, [1]]\n  - [-1, 3, C2f, [{2}]]\n"
MODEL = (
    "nc: 80\nscales:\n  n: [0.33, 0.25, 1024]\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\n"
    + "".join(STAGE.format(*each) for each in ((128, 3), (256, 6), (512, 6), (1024, 3)))
    + "  - [-1, 1, SPPF, [1024, 5]]\nhead:\n"
    + "".join(UP.format(*each) for each in ((6, 512), (4, 256)))
    + "".join(DOWN.format(*each) for each in ((12, 256, 512), (9, 512, 1024)))
    + "  - [[15, 18, 21], 1, Detect, [nc]]\n"
)
RESNET = "cnncalc summary resnet@50"


def command(*words: str) -> list[str]:
    """The process that runs a command of ours as the console script does."""
    return python(f"import sys; sys.argv[1:] = {list(words)!r}\nfrom cnncalc.cli.start import run; run()")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        file = sys.argv[1] if len(sys.argv) > 1 else str(Path(folder, "model.yaml"))
        if len(sys.argv) == 1:
            Path(file).write_text(MODEL, "utf-8")
        commands = {RESNET: command("summary", "resnet@50"), "cnncalc summary MODEL": command("summary", file)}
        if find_spec("ultralytics"):
            commands["ultralytics.YOLO(MODEL).info()"] = python(
                f"import ultralytics; ultralytics.YOLO({file!r}).info()"
            )
        print(table(processes(commands, rounds=11), RESNET))
