"""The arithmetic of a network, step by step, as a teacher would write it on the board."""
