"""Folds over a `Graph`: what each figure is, one file each."""
