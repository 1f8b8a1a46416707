"""Memory: bytes of weights and activations, what is alive at every step, inference and training."""
