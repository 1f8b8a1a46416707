"""Computes figures from a `Graph`, one file per kind of figure."""
