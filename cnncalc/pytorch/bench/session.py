"""Run a benchmark: confirm the networks, set up the device, search for batches, and time each run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from cnncalc.analysis.cost import macs_of
from cnncalc.errors import CnncalcError, UsageError
from cnncalc.pytorch.bench.devices.device import Device
from cnncalc.pytorch.bench.faults import NoRoomError, faults_of
from cnncalc.pytorch.bench.measurement import Measured, Measurement
from cnncalc.pytorch.bench.memory.batches import Found
from cnncalc.pytorch.bench.predicted_time import predicted_time
from cnncalc.pytorch.bench.results.run import Run
from cnncalc.pytorch.bench.roofline.bounds import Ceilings
from cnncalc.pytorch.bench.roofline.ceilings import measure_ceilings
from cnncalc.pytorch.bench.roofline.datasheet import sheet_note
from cnncalc.pytorch.bench.search import TIMES, Search, note_of, reduce_batch
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named, Subject, lone_normalization
from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.verification.verification import Verification
from cnncalc.pytorch.verification.verify import verify

Say = Callable[[str], object]
Batches = Sequence[int] | None  # None: the largest that fits


class UnconfirmedError(CnncalcError):
    """The network that PyTorch builds differs from our analysis: its times would be those of another network."""

    def __init__(self, name: str, verification: Verification) -> None:
        self.differences = list(verification.differences())
        super().__init__(f"{name} is not confirmed, so it is not timed: {self.differences[0]}")


def confirm(networks: Sequence[Named], say: Say) -> None:
    """Compare every network with the one that PyTorch builds, on the meta device.

    Raises:
        UnconfirmedError: a network differs.
    """
    for name, graph, _ in networks:
        say(f"{name}: confirming")
        verification = verify(graph, macs=macs_of)
        if not verification.ok:
            raise UnconfirmedError(name, verification)


def require_batches(networks: Sequence[Named], settings: Settings, batches: Batches) -> None:
    """Refuse to train networks at batch 1 that would normalize a single value per channel.

    Raises:
        UsageError: a network cannot be trained at batch 1; the message names the layer.
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
    """Benchmarks on one device with one set of settings; each network and batch gives a `Run`."""

    def __init__(self, device: Device, settings: Settings, team: Team, say: Say) -> None:
        settings.require_sense()
        with faults_of(device.name, "preparing it"):
            device.prepare(settings)
        self.device = device
        self.settings = settings
        self.team = team
        self._say = say
        self._ceilings: Ceilings | None = None

    @cached_property
    def _facts(self) -> Mapping[str, str]:
        return self.device.facts()

    @property
    def ceilings(self) -> Ceilings:
        """The ceilings of the roofline, measured on first use."""
        if self._ceilings is None:
            self._say("measuring the matrix rate and the copy bandwidth")
            with faults_of(self.device.name, "measuring its ceilings"):
                self._ceilings = measure_ceilings(self.device, self.settings.tensor_dtype)
        return self._ceilings

    def runs(self, named: Named, batches: Batches) -> Iterator[Run]:
        """Time a network at each batch, or at the largest batch that fits if `batches` is None.

        Raises:
            UsageError: the device ran out of memory or failed.
        """
        assert self.ceilings  # measured while nothing else is on the device
        require_batches([named], self.settings, batches)
        try:
            with faults_of(self.device.name, f"{named.name}, setting up"):
                subject = Subject(named.graph, self.settings, self.device, self.team)
            measurement = Measurement(self.device, self.settings, self.team, named, subject, self.ceilings)
            if batches is None:
                yield from self._run_then_fault(self._measure_largest(named, subject, measurement))
            for batch in batches or ():
                yield from self._run_then_fault(self._measure_at(named, measurement, batch))
        finally:
            measurement = subject = None  # type: ignore[assignment] # free their tensors before idle blocks are released
            self.device.release()

    def _run_then_fault(self, measured: Measured) -> Iterator[Run]:
        """Yield the run, then raise the fault that left it incomplete, if there is one."""
        yield measured.run
        if measured.fault is not None:
            raise measured.fault

    def _measure_at(self, named: Named, measurement: Measurement, batch: int, notes: Sequence[str] = ()) -> Measured:
        self._say(f"{named.name}: batch {batch:,}")
        predicted = predicted_time(named.graph, self._facts, self.settings, batch)
        return measurement.run(batch, [*notes, *predicted, *sheet_note(self._facts, self.settings.dtype)])

    def _measure_largest(self, named: Named, subject: Subject, measurement: Measurement) -> Measured:
        """Measure at the largest batch that fits a plain pass; smaller if compiled or captured code needs more."""
        largest = self._find_largest(named, subject)
        batch = largest.batch
        for _ in range(TIMES):
            try:
                return self._measure_at(named, measurement, batch, [note_of(largest, batch)])
            except NoRoomError:
                if batch == 1:
                    raise
                batch = reduce_batch(batch)
            self.device.release()
        return self._measure_at(named, measurement, batch, [note_of(largest, batch)])

    def _find_largest(self, named: Named, subject: Subject) -> Found:
        return Search(self.device, self.settings, named, subject, self._say).largest()
