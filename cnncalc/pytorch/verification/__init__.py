"""Compare our figures with the real network: shapes, parameters, saved bytes, receptive fields."""
