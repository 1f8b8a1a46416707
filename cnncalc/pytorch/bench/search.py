"""Find the largest batch that fits a device by trials, uncompiled and without the libraries' algorithm searches."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.faults import DeviceError, NoRoomError, faults_of
from cnncalc.pytorch.bench.memory.batches import MEMORY, Found, Refused, Trial, largest_batch
from cnncalc.pytorch.bench.memory.largest_tensor import index_cap
from cnncalc.pytorch.bench.memory.predicted import predicted_batch
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named, Subject, lone_normalization

Say = Callable[[str], object]
SMALLER = 16  # `reduce_batch` takes off this part of a batch that fits a plain pass but not the timed one
TIMES = 8  # reductions before the last attempt


class Search:
    """Trials of one subject on one device, to find the largest batch."""

    def __init__(self, device: Device, settings: Settings, named: Named, subject: Subject, say: Say) -> None:
        self._device = device
        self._settings = settings
        self._named = named
        self._subject = subject
        self._say = say
        self._held = subject.held_bytes()  # before any trial
        self._loaded = False  # whether a call has run, so that libraries have loaded what they load once

    def largest(self) -> Found:
        """The largest batch that fits, and what limits it.

        Raises:
            NoRoomError: not even one image fits.
            DeviceError: even the smallest batch fails, or the device no longer answers.
        """
        graph, device = self._named.graph, self._device
        memory = device.memory()
        free = None if memory is None else int(memory.free * (device.guard or 1))
        predicted = None if free is None else predicted_batch(graph, self._settings, free + self._held)
        budget = None if device.guard is None else free
        cap = index_cap(graph, device.most_numbers)
        least = 2 if self._settings.training and lone_normalization(graph) else 1
        with device.without_algorithm_search():
            result = largest_batch(lambda batch: self._attempt(batch, least), budget, predicted, cap, least)
        if not result.batch:
            what = "one image" if least == 1 else f"{least} images"
            raise NoRoomError(f"{self._named.name} does not fit on {device.name}, not even {what}: lessen --input")
        return result

    def _attempt(self, batch: int, least: int) -> Trial | Refused | None:
        """Run a batch three times, measure the last run, and release everything.

        Returns the trial, the reason of a refusal, or None if the device ran out of memory.
        """
        self._say(f"{self._named.name}: trying batch {batch:,}")
        try:
            with faults_of(self._device.name, f"{self._named.name}, trying batch {batch:,}", self._subject.locate):
                return self._trial(batch)
        except NoRoomError:
            return None
        except DeviceError as error:
            if batch <= least or not self._device.answers():
                raise
            return Refused(str(error))
        finally:
            self._subject.forget()
            self._device.release()

    def _trial(self, batch: int) -> Trial:
        subject, device = self._subject, self._device
        call: Call = subject.call(batch, plain=True)
        start = device.now()
        call()
        device.wait()
        first = device.now() - start if self._loaded else 0.0
        self._loaded = True
        subject.clear_gradients()
        (seconds,) = device.durations(call, 1, 1)
        subject.clear_gradients()
        taken = device.peak(call)
        if taken is None:
            taken = subject.tensor_bytes(call)
        return Trial(None if taken is None else taken + subject.held_bytes() - self._held, seconds, first)


def reduce_batch(batch: int) -> int:
    """The next smaller batch to try."""
    return batch - max(1, batch // SMALLER)


def note_of(largest: Found, batch: int) -> str:
    """A note on why no larger batch is timed."""
    if batch < largest.batch:
        return f"a batch of {largest.batch:,} fits a plain pass, but only {batch:,} as timed here"
    return (
        "the largest batch that fits" if largest.limit == MEMORY else f"larger batches were not tried: {largest.limit}"
    )
