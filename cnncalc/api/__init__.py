"""The commands as functions: `cnncalc.diff`, `solve`, `sweep`, `explain` and `check`.

Each takes a `Spec`, or a name that `cnncalc.load` accepts. `cnncalc` exports them, and imports each on first use.
"""
