"""The arithmetic of a network, the way a good teacher writes it on the board."""
