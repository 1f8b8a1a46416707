"""Computes receptive fields in closed form, and the footprints of single positions."""
