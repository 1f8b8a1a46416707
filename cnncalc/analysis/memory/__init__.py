"""Computes memory: bytes of weights and activations, and live tensors at every step of inference and training."""
