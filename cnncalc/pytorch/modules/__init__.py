"""The modules that a network is built from, by family of layers."""
