"""Small model files of this project's own, in the style of Ultralytics."""

HEAD = "nc: 3\nscales:\n  n: [0.33, 0.25, 1024]\n  s: [0.5, 0.5, 512]\n"
ROWS = """backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 3, C2f, [128, True]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [-1, 6, C2f, [256, True]]
head:
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 2], 1, Concat, [1]]
  - [-1, 3, C2f, [128]]
  - [[7, 4], 1, Detect, [nc]]
"""
MODEL = HEAD + ROWS


def rows(*lines: str, keys: str = "nc: 3\n") -> str:
    """A model of these rows, without scales unless `keys` say otherwise."""
    return f"{keys}backbone:\n" + "".join(f"  - {line}\n" for line in lines) + "head: []\n"
