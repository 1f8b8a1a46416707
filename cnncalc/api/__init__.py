"""What the commands do, as functions: `cnncalc.diff`, `solve`, `sweep`, `explain` and `check`.

Each takes a `Spec`, or whatever `cnncalc.load` opens. `cnncalc` itself lists them, and loads each when it is asked for.
"""
