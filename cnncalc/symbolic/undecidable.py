"""What the engine says instead of guessing, and how far it goes before it says so."""

from __future__ import annotations

WORK_LIMIT = 1_000_000
"""How many points, candidates or products one question may cost before it counts as undecidable."""

LIGHT_WORK_LIMIT = 20_000
"""The same for a question that is asked many times over, or only in passing."""


class Undecidable(Exception):  # noqa: N818 - not an error of the program: the answer to a question
    """A question about a closed form that cannot be answered for every value of its symbols."""
