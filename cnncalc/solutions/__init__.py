"""Which inputs a network takes and which fit it, which fields give a layer its output, and what fixes a bad fit."""
