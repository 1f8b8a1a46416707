"""A network at every point of a grid of parameters and input sizes.

values ─▶ inputs ─▶ grid ─▶ figures ─▶ closed ─▶ run        (condition, pareto: which of the points are kept)
"""
