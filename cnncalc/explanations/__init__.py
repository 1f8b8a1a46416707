"""The arithmetic of a network, the way a good teacher writes it on the board."""

from cnncalc.explanations.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
