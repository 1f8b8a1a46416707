"""The arithmetic of a spec's fields: exact rationals, no float, no eval. `evaluation` is the way in."""
