"""Exact arithmetic for the fields of a spec: rationals, no floats, no eval. The entry point is `evaluation`."""
