"""How many random examples the property tests take: `CNNCALC_EXAMPLES=10` takes ten times the ordinary number."""

import os

FACTOR = int(os.environ.get("CNNCALC_EXAMPLES", "1"))


def examples(ordinary: int) -> int:
    return ordinary * FACTOR
