"""Analyses a network at every point of a grid of parameters and input sizes.

values ─▶ inputs ─▶ grid ─▶ figures ─▶ closed ─▶ run        (where, pareto: which points are kept)
"""
