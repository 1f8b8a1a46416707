"""The names of the rules of `cnncalc check`: the fault that each finds, in kebab-case.

A rule stands in the file of its name, `cnncalc/checks/dominant_layer.py`, as the class `DominantLayer`. The names stand
apart and below all else, for what reads a spec has to know them.
"""

RULE_NAMES = (
    "expectation",
    "faulty-spec",
    "unused-ignore",
)
