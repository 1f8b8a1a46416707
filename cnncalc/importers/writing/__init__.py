"""Turns a traced network into a spec: items, arguments, names, and a check that the result says the same."""
