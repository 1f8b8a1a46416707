"""A benchmark from its first look at the device to its last run: confirm, set up, search, time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cnncalc.analysis.cost import macs_of
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph
from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.faults import NoRoomError, faults_of
from cnncalc.pytorch.bench.memory.batches import MEMORY, Found, Trial, largest_batch
from cnncalc.pytorch.bench.memory.predicted import predicted_batch, predicted_peak
from cnncalc.pytorch.bench.results.run import Peak, Run
from cnncalc.pytorch.bench.roofline.bounds import Ceilings, forward_macs, inference, network_bound, training_macs
from cnncalc.pytorch.bench.roofline.ceilings import measure_ceilings
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Subject
from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.bench.timing.layers import LayerTime, layer_times, layers_of
from cnncalc.pytorch.bench.timing.timing import time_call
from cnncalc.pytorch.verification.verification import Verification
from cnncalc.pytorch.verification.verify import verify

Say = Callable[[str], object]
Batches = Sequence[int] | None  # None: the largest that fits


class UnconfirmedError(CnncalcError):
    """The network that PyTorch builds differs from what we say of it: its times would be another's."""

    def __init__(self, name: str, verification: Verification) -> None:
        self.differences = list(verification.differences())
        super().__init__(f"{name} is not confirmed, so it is not timed: {self.differences[0]}")


class Named(NamedTuple):
    """A graph, and the name by which it was asked for."""

    name: str
    graph: Graph


def confirm(networks: Sequence[Named], say: Say) -> None:
    """Hold every network against PyTorch's, on the meta device.

    Raises:
        UnconfirmedError: one differs.
    """
    for name, graph in networks:
        say(f"{name}: confirming")
        found = verify(graph, macs=macs_of)
        if not found.ok:
            raise UnconfirmedError(name, found)


class Session:
    """One device, one set of settings; a `Run` per network and batch."""

    def __init__(self, device: Device, settings: Settings, team: Team, say: Say) -> None:
        settings.require_sense()
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
        with faults_of(self.device.name, f"{named.name}, setting up"):
            subject = Subject(named.graph, self.settings, self.device, self.team)
        try:
            found = None if batches is not None else self._largest(named, subject)
            for batch in batches or (found.batch if found else 1,):
                self._say(f"{named.name}: batch {batch:,}")
                with faults_of(self.device.name, f"{named.name}, batch {batch:,}"):
                    run = self._run(named, subject, batch, found)
                yield run
        finally:
            del subject
            self.device.release()

    def _run(self, named: Named, subject: Subject, batch: int, found: Found | None) -> Run:
        call = subject.call(batch)
        try:
            first, peak = self._peak(named.graph, subject, call, batch)
            timed = self.device.captured(call) if self.settings.cuda_graph else call
            timing = time_call(self.device, timed, self.settings.duration, self.team, first)
            layers = self._layers(named.graph, subject, batch)
        finally:
            subject.forget()
        return Run(
            network=named.name,
            inputs=dict(named.graph.inputs),  # type: ignore[arg-type] # numbers
            batch=batch,
            timing=timing,
            images=self.team.sum(batch / timing.median),
            flops=self._flops(named.graph, batch),
            ceilings=self.ceilings,
            floor=self._floor(named.graph, batch),
            peak=peak,
            layers=layers,
            notes=tuple(_notes(found)),
        )

    def _flops(self, graph: Graph, batch: int) -> int:
        macs = training_macs(graph) if self.settings.training else forward_macs(inference(graph))
        return 2 * macs * batch

    def _floor(self, graph: Graph, batch: int) -> float | None:
        if self.settings.training:
            return None
        return network_bound(graph, batch, self.settings.tensor_dtype.itemsize, self.ceilings)

    def _peak(self, graph: Graph, subject: Subject, call: Call, batch: int) -> tuple[float, Peak]:
        """The first call's seconds, and the bytes at the most: of a later call, when all that stays has been made."""
        (first,) = self.device.durations(call, 1, 1)
        subject.clear_gradients()
        held = subject.held_bytes()
        allocated = self.device.peak(call)
        subject.clear_gradients()
        tensors = subject.tensor_bytes(call)
        return first, Peak(
            tensors=None if tensors is None else held + tensors,
            allocated=None if allocated is None else held + allocated,
            predicted=predicted_peak(graph, self.settings, batch),
        )

    def _layers(self, graph: Graph, subject: Subject, batch: int) -> tuple[LayerTime, ...]:
        if not self.settings.per_layer:
            return ()
        times = layer_times(self.device, subject.network, graph, subject.eager(), self.settings.duration)
        return layers_of(graph, times, batch, self.settings.tensor_dtype.itemsize, self.ceilings)

    def _largest(self, named: Named, subject: Subject) -> Found:
        memory = self.device.memory()
        free = None if memory is None else int(memory.free * (self.device.guard or 1))
        there = subject.held_bytes()
        foretold = None if free is None else predicted_batch(named.graph, self.settings, free + there)
        budget = None if self.device.guard is None else free
        found = largest_batch(lambda batch: self._attempt(named, subject, batch, there), budget, foretold)
        if not found.batch:
            raise NoRoomError(f"{named.name} does not fit on {self.device.name}, not even one image: lessen --input")
        return found

    def _attempt(self, named: Named, subject: Subject, batch: int, there: int) -> Trial | None:
        """Run a batch twice, the second time counted; give everything back. `there`: bytes held before any trial."""
        self._say(f"{named.name}: trying batch {batch:,}")
        try:
            with faults_of(self.device.name, f"{named.name}, trying batch {batch:,}"):
                call = subject.call(batch)
                call()
                subject.clear_gradients()
                (seconds,) = self.device.durations(call, 1, 1)
                subject.clear_gradients()
                taken = self.device.peak(call)
                if taken is None:
                    taken = subject.tensor_bytes(call)
                return Trial(None if taken is None else taken + subject.held_bytes() - there, seconds)
        except NoRoomError:
            return None
        finally:
            call = None  # type: ignore[assignment] # its tensors go before what is idle is given back
            subject.forget()
            self.device.release()


def _notes(found: Found | None) -> Iterator[str]:
    if found is not None:
        yield (
            "the largest batch that fits" if found.limit == MEMORY else f"larger batches were not tried: {found.limit}"
        )
