"""The GFLOPs that Ultralytics writes into the comments of its model files: two for each MAC that a tool counts.

Up to YOLO12 the tool was thop 0.1.1, for YOLO26 the fork ultralytics-thop, before it counted the products of attention.
The comments agree with these conventions to the digit that is printed. What the package prints today is twice
`ultralytics-thop`.
"""

from __future__ import annotations

from cnncalc.conventions.convention import Convention
from cnncalc.conventions.rules import doubled, nothing
from cnncalc.conventions.thop import THOP
from cnncalc.conventions.thop import ULTRALYTICS as FORK

PRODUCTS = ("matmul", "attention")
UNIT = "FLOPs (2 per MAC)"

WITH_THOP = Convention(
    "ultralytics", "8.3", UNIT, {kind: doubled(rule) for kind, rule in THOP.rules.items()}, hooks=True
)
WITH_FORK = Convention(
    "ultralytics",
    "8.4",
    UNIT,
    {kind: nothing if kind in PRODUCTS else doubled(rule) for kind, rule in FORK.rules.items()},
)
