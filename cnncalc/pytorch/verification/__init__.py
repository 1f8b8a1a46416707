"""Every number of ours held against the real network: shapes, parameters, saved bytes, receptive fields."""
