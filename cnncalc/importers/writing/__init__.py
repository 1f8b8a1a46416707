"""From a traced network to a spec: items, arguments, names, and whether the result says the same."""
