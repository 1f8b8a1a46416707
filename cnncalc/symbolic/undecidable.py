"""The exception for undecidable questions, and the work limits that lead to it."""

from __future__ import annotations

"""The number of points, candidates or products after which a question counts as undecidable."""

LIGHT_WORK_LIMIT = 20_000
"""The same for questions that are asked often, or only for a better message."""


class Undecidable(Exception):  # noqa: N818 - an answer rather than an error
    """A question about a closed form that cannot be answered for every value of its symbols."""
