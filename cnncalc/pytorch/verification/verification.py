"""Results of a verification: immutable, printed by renderers and turned into an exit code by the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Check(NamedTuple):
    """One figure on both sides: `what` is shape, parameters, buffers, macs, …; `why` explains a known difference."""

    what: str
    ours: object
    theirs: object
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether both sides agree, or the difference is explained."""
        return self.ours == self.theirs or bool(self.why)

    def __str__(self) -> str:
        return f"{self.what}: ours {self.ours}, PyTorch's {self.theirs}"


@dataclass(frozen=True, slots=True)
class Row:
    """The checks of one node; `macs` is PyTorch's count for one image, whether or not it was compared."""

    name: str
    kind: str
    checks: tuple[Check, ...]
    macs: int | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return all(check.ok for check in self.checks)

    @property
    def differences(self) -> tuple[Check, ...]:
        """The checks that differ."""
        return tuple(check for check in self.checks if not check.ok)

    def __getitem__(self, what: str) -> Check:
        """Return the check of a figure.

        Raises:
            KeyError: it was not compared.
        """
        for check in self.checks:
            if check.what == what:
                return check
        raise KeyError(what)


@dataclass(frozen=True, slots=True)
class Verification:
    """A graph compared with its network: a row per node, and checks of the totals.

    `compares`: figures, gradients or memory. `notes`: how the comparison was done, and what it omits.
    """

    name: str
    variant: str | None
    device: str
    executed: bool
    rows: tuple[Row, ...]
    totals: tuple[Check, ...]
    compares: str = "figures"
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing differs anywhere."""
        return all(row.ok for row in self.rows) and all(check.ok for check in self.totals)

    def differences(self) -> Iterator[str]:
        """Yield every difference as a line."""
        for row in self.rows:
            yield from (f"{row.name}: {check}" for check in row.differences)
        yield from (f"in all: {check}" for check in self.totals if not check.ok)
