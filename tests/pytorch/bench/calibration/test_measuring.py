import pytest
import torch

from cnncalc import parse
from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.calibration import measuring
from cnncalc.pytorch.bench.calibration.measuring import Point, Points, measure_points
from cnncalc.pytorch.bench.devices.cpu import Cpu
from cnncalc.pytorch.bench.faults import NoRoomError
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named, Subject

SPEC = "input: 3x8x8\nlayers:\n  - conv: {{out_channels: {width}, kernel_size: 3}}\n  - relu\n"


@pytest.fixture(autouse=True)
def few(monkeypatch, brisk):
    monkeypatch.setattr(measuring, "FEWEST", 2)
    monkeypatch.setattr(measuring, "WARM_UP", 0.01)
    monkeypatch.setattr(measuring, "DURATION", 0.01)


def networks(count=3):
    return [Named(f"net{n}", parse(SPEC.format(width=8 * n)).analyze().graph) for n in range(1, count + 1)]


def test_a_cpu_is_timed_at_a_small_batch_and_a_larger_one():
    said = []
    measured = measure_points(Cpu(), Settings(), networks(), said.append)
    assert [(point.network, point.batch) for point in measured.points] == [
        (f"net{n}", batch) for n in (1, 2, 3) for batch in (1, 8)
    ]
    one, eight = measured.points[:2]
    assert one.amounts["dense_macs"] * 8 == eight.amounts["dense_macs"] == 8 * 36 * 27 * 8
    assert one.amounts["launches"] == eight.amounts["launches"] == 2
    assert all(point.seconds > 0 for point in measured.points)
    assert said == ["1 of 3: net1", "2 of 3: net2", "3 of 3: net3", "net1 again"]


class Queueing(Cpu):
    """A device with a queue and a clock of its own: an image takes `PER_IMAGE` seconds."""

    PER_IMAGE = 1e-6
    queues = True

    def durations(self, call, calls, count):
        batch, _ = call().shape[:2]
        self.clock = getattr(self, "clock", 0.0) + calls * count * batch * self.PER_IMAGE
        return [batch * self.PER_IMAGE] * count

    def now(self):
        return getattr(self, "clock", 0.0)


def test_a_device_that_queues_is_timed_at_a_batch_that_outlasts_the_queueing():
    measured = measure_points(Queueing(), Settings(), networks(), lambda text: None)
    assert [(point.network, point.batch) for point in measured.points] == [("net1", 128), ("net2", 128), ("net3", 128)]
    assert [point.seconds for point in measured.points] == pytest.approx([128e-6] * 3)


def test_a_larger_batch_that_does_not_fit_is_not_taken(monkeypatch):
    call = Subject.call

    def refusing(self, batch, plain=False):
        if batch > 32:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return call(self, batch, plain)

    monkeypatch.setattr(Subject, "call", refusing)
    measured = measure_points(Queueing(), Settings(), networks(2), lambda text: None)
    assert {point.batch for point in measured.points} == {32}


def test_a_network_that_does_not_fit_is_left_out_and_said(monkeypatch):
    call = Subject.call

    def refusing(self, batch, plain=False):
        if self._graph is graphs[1].graph:
            raise NoRoomError("no room")
        return call(self, batch, plain)

    graphs, said = networks(), []
    monkeypatch.setattr(Subject, "call", refusing)
    measured = measure_points(Cpu(), Settings(), graphs, said.append)
    assert measured.networks == ["net1", "net3"]
    assert "net2 does not fit, and is left out" in said
    with pytest.raises(UsageError, match="1 network could be measured, a fit takes 2 at least"):
        measure_points(Cpu(), Settings(), graphs[:2], said.append)


def test_it_ends_in_time(monkeypatch):
    monkeypatch.setattr(measuring, "LIMIT", 1e-6)
    monkeypatch.setattr(measuring, "PATIENCE", 1e9)
    said = []
    measured = measure_points(Queueing(), Settings(), networks(4), said.append)
    assert measured.networks == ["net1", "net2"]
    assert "out of time: 2 networks not measured" in said


def test_a_machine_that_is_far_too_slow_is_refused(monkeypatch):
    monkeypatch.setattr(measuring, "LIMIT", 1e-6)
    monkeypatch.setattr(measuring, "FEWEST", 5)
    with pytest.raises(UsageError, match="1 network could be measured in 0 s, a fit takes 5 at least"):
        measure_points(Queueing(), Settings(), networks(4), lambda text: None)


@pytest.mark.parametrize(
    ("spread", "drift", "reason"),
    [
        (0.02, 0.05, None),
        (0.2, 0.0, "the times of a network spread by 20%"),
        (0.01, 0.3, "the first network took 30% more later"),
        (0.1, -0.25, "the times of a network spread by 10% and the first network took 25% less later"),
        (None, 0.0, None),
        (None, 0.3, "the first network took 30% more later"),
    ],
)
def test_a_busy_machine_is_noticed(spread, drift, reason):
    assert Points([Point("a", 1, 1.0, spread, {})], drift).busy == reason


def test_the_spread_of_fewer_than_six_samples_is_not_known(monkeypatch):
    monkeypatch.setattr(measuring, "DURATION", 0.0)
    measured = measure_points(Cpu(), Settings(), networks(2), lambda text: None)
    assert [point.spread for point in measured.points] == [None] * 4
    assert measured.spreads == []
