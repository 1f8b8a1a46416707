import pytest

from cnncalc.pytorch.bench.memory.batches import FINE, LARGEST, PATIENCE, Cap, Refused, Trial, largest_batch


class Machine:
    """Takes `fixed + each · batch` bytes, has `room`; below zero room the system would end the process."""

    def __init__(self, room, each=10, fixed=0, seconds=1e-3, deadly=False, tells=True):
        self.room, self.each, self.fixed, self.seconds = room, each, fixed, seconds
        self.deadly, self.tells = deadly, tells
        self.tried = []

    def __call__(self, batch):
        self.tried.append(batch)
        taken = self.fixed + self.each * batch
        if taken > self.room:
            assert not self.deadly, f"batch {batch} would have ended the process"
            return None
        return Trial(taken if self.tells else None, self.seconds * batch)


@pytest.mark.parametrize("most", [*range(70), 100, 1000, 12_345])
@pytest.mark.parametrize("foretold", [None, 1, 50, 10**9])
def test_finds_the_largest(most, foretold):
    machine = Machine(room=10 * most, seconds=1e-5)
    found = largest_batch(machine, None, foretold)
    assert found.batch <= most
    assert most - found.batch <= max(0, found.batch // FINE - 1)
    assert found.limit == "memory"
    assert len(machine.tried) == len(set(machine.tried)) <= 40


@pytest.mark.parametrize("most", [1, 3, 17, 64, 1000])  # of 2, one trial does not tell what is fixed
@pytest.mark.parametrize("foretold", [None, 5, 10**6])
def test_guard_is_never_passed(most, foretold):
    machine = Machine(room=10 * most + 5, fixed=5, seconds=1e-6, deadly=True)
    found = largest_batch(machine, machine.room, foretold)
    assert found.limit == "memory"
    assert most - found.batch <= max(0, most // FINE)


def test_a_right_prophecy_saves_trials():
    plain, told = Machine(room=10 * 4000, seconds=1e-6), Machine(room=10 * 4000, seconds=1e-6)
    assert largest_batch(plain, None).batch == pytest.approx(4000, rel=1 / FINE)
    assert largest_batch(told, None, 4000).batch == 4000
    assert len(told.tried) < len(plain.tried)


def test_slow_batches_end_the_search():
    machine = Machine(room=10**12, seconds=1.0)
    found = largest_batch(machine, None, 10**6)
    assert PATIENCE < found.batch <= 2 * PATIENCE
    assert found.limit == "a call takes 16 s"
    assert max(machine.tried) == found.batch


def test_search_has_an_end():
    found = largest_batch(Machine(room=10**12, seconds=0.0), None)
    assert found == (LARGEST, f"the search goes to {LARGEST:,}")


def test_without_count_of_memory():
    assert largest_batch(Machine(room=333, tells=False), 100).batch == 33


def test_not_even_one():
    assert largest_batch(Machine(room=5), None).batch == 0


REFUSAL = "cuda:0 failed: integer out of range"


def refusing(machine, most, reason=REFUSAL):
    """Above a batch a library refuses, though there is room."""
    return lambda batch: Refused(reason) if batch > most else machine(batch)


@pytest.mark.parametrize("most", [1, 5, 64, 1783])
def test_what_a_library_refuses_ends_the_range(most):
    found = largest_batch(refusing(Machine(room=10**9, seconds=1e-6), most), None)
    assert most - found.batch <= max(0, most // FINE)
    assert found.limit.startswith("batch ")
    assert found.limit.endswith(f" was refused: {REFUSAL}")


def test_memory_below_a_refusal_is_the_limit():
    found = largest_batch(refusing(Machine(room=10 * 40, seconds=1e-6), 100), None)
    assert found == (40, "memory")


@pytest.mark.parametrize("foretold", [None, 10, 10**6])
def test_a_cap_is_never_passed(foretold):
    machine = Machine(room=10**12, seconds=1e-6)
    assert largest_batch(machine, None, foretold, Cap(1783, "32 bits")) == (1783, "32 bits")
    assert max(machine.tried) == 1783
    assert largest_batch(Machine(room=10 * 99, seconds=1e-6), None, foretold, Cap(1783, "32 bits")).limit == "memory"


def test_the_first_call_counts_towards_patience():
    """cuDNN may search for a minute at a new batch, though the calls behind it are quick."""
    tried = []

    def attempt(batch):
        tried.append(batch)
        return Trial(10 * batch, 1e-4 * batch, first=1.0 * batch)

    found = largest_batch(attempt, None, 4000)
    assert found == (16, "a call takes 16 s")
    assert max(tried) == 16


def test_the_least_batch():
    machine = Machine(room=10 * 7)
    assert largest_batch(machine, None, least=2).batch == 7
    assert min(machine.tried) == 2
    assert largest_batch(Machine(room=15), None, least=2).batch == 0
