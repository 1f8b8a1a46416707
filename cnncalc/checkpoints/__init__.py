"""Compares the tensors of a checkpoint with those of a network, from names, shapes and dtypes: no weight is read.

header, index ─▶ reading ─▶ Checkpoint ─┐
                    state (of a graph) ─┴▶ comparison (renaming) ─▶ Comparison
"""
