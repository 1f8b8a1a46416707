"""Bytes: as predicted, as tensors come and go, as the device counts them, and the largest batch that they allow."""
