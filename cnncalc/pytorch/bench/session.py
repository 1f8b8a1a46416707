"""A benchmark from its first look at the device to its last run: confirm, set up, search, time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cnncalc.analysis.cost import macs_of
from cnncalc.errors import CnncalcError, UsageError
from cnncalc.pytorch.bench.devices.device import Device
from cnncalc.pytorch.bench.faults import NoRoomError, faults_of
from cnncalc.pytorch.bench.measurement import Measured, Measurement
from cnncalc.pytorch.bench.memory.batches import Found
from cnncalc.pytorch.bench.results.run import Run
from cnncalc.pytorch.bench.roofline.bounds import Ceilings
from cnncalc.pytorch.bench.roofline.ceilings import measure_ceilings
from cnncalc.pytorch.bench.search import TIMES, Search, note_of, reduce_batch
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named, Subject, lone_normalization
from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.verification.verification import Verification
from cnncalc.pytorch.verification.verify import verify

Say = Callable[[str], object]
Batches = Sequence[int] | None  # None: the largest that fits


class UnconfirmedError(CnncalcError):
    """The network that PyTorch builds differs from what we say of it: its times would be another's."""

    def __init__(self, name: str, verification: Verification) -> None:
        self.differences = list(verification.differences())
        super().__init__(f"{name} is not confirmed, so it is not timed: {self.differences[0]}")


def confirm(networks: Sequence[Named], say: Say) -> None:
    """Hold every network against PyTorch's, on the meta device.

    Raises:
        UnconfirmedError: one differs.
    """
    for name, graph, _ in networks:
        say(f"{name}: confirming")
        verification = verify(graph, macs=macs_of)
        if not verification.ok:
            raise UnconfirmedError(name, verification)


def require_batches(networks: Sequence[Named], settings: Settings, batches: Batches) -> None:
    """Refuse to train at batch 1 what normalizes a single value per channel then.

    Raises:
        UsageError: it names the layer.
    """
    if not settings.training or batches is None or 1 not in batches:
        return
    for name, graph, _ in networks:
        layer = lone_normalization(graph)
        if layer is not None:
            raise UsageError(
                f"{name} cannot be trained at batch 1: {layer} normalizes 1 value per channel, which has no variance: "
                "take --batch 2 or more"
            )


class Session:
    """One device, one set of settings; a `Run` per network and batch."""

    def __init__(self, device: Device, settings: Settings, team: Team, say: Say) -> None:
        settings.require_sense()
        with faults_of(device.name, "preparing it"):
            device.prepare(settings)
        self.device = device
        self.settings = settings
        self.team = team
        self._say = say
        self._ceilings: Ceilings | None = None

    @property
    def ceilings(self) -> Ceilings:
        """The ceilings of the roofline, measured once."""
        if self._ceilings is None:
            self._say("measuring the matrix rate and the copy bandwidth")
            with faults_of(self.device.name, "measuring its ceilings"):
                self._ceilings = measure_ceilings(self.device, self.settings.tensor_dtype)
        return self._ceilings

    def runs(self, named: Named, batches: Batches) -> Iterator[Run]:
        """Time a network at each batch, the largest that fits where None is given.

        Raises:
            UsageError: no room, or the device failed.
        """
        assert self.ceilings  # measured while nothing else is on the device
        require_batches([named], self.settings, batches)
        try:
            with faults_of(self.device.name, f"{named.name}, setting up"):
                subject = Subject(named.graph, self.settings, self.device, self.team)
            measurement = Measurement(self.device, self.settings, self.team, named, subject, self.ceilings)
            if batches is None:
                yield from self._whole(self._at_largest(named, subject, measurement))
            for batch in batches or ():
                yield from self._whole(self._at(named, measurement, batch))
        finally:
            measurement = subject = None  # type: ignore[assignment] # its tensors go before what is idle
            self.device.release()

    def _whole(self, measured: Measured) -> Iterator[Run]:
        """The run, and then what kept it from being whole."""
        yield measured.run
        if measured.fault is not None:
            raise measured.fault

    def _at(self, named: Named, measurement: Measurement, batch: int, notes: Sequence[str] = ()) -> Measured:
        self._say(f"{named.name}: batch {batch:,}")
        return measurement.run(batch, notes)

    def _at_largest(self, named: Named, subject: Subject, measurement: Measurement) -> Measured:
        """At the largest batch that a plain pass fits; at less where compiled or captured code needs more."""
        largest = self._largest(named, subject)
        batch = largest.batch
        for _ in range(TIMES):
            try:
                return self._at(named, measurement, batch, [note_of(largest, batch)])
            except NoRoomError:
                if batch == 1:
                    raise
                batch = reduce_batch(batch)
            self.device.release()
        return self._at(named, measurement, batch, [note_of(largest, batch)])

    def _largest(self, named: Named, subject: Subject) -> Found:
        return Search(self.device, self.settings, named, subject, self._say).largest()
