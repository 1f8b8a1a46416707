"""A command ends when its budget is spent, says on what, and keeps what it knows by then."""

import subprocess
import sys
from itertools import chain, repeat
from pathlib import Path

import pytest

import cnncalc as package
from cnncalc import budget
from cnncalc.budget import BETWEEN_LOOKS, BudgetError, can_afford, end, grant, granted, renew, spend
from cnncalc.limits import MEMORY, STEPS
from cnncalc.suggest import nearest
from cnncalc.symbolic import symbol


@pytest.fixture(autouse=True)
def _nothing_counted():
    end()
    yield
    end()


def test_the_limit_and_one_beyond():
    grant(100)
    spend(60, "layers")
    spend(40, "rules")
    with pytest.raises(BudgetError, match=r"the budget of 100 steps is spent, 59% of the work was layers: --b"):
        spend(1, "rules")
    renew()
    spend(100, "layers")


@pytest.mark.parametrize(("steps", "allowed"), [(10**6, MEMORY), (STEPS, MEMORY), (10 * STEPS, 10 * MEMORY)])
def test_memory(monkeypatch, steps, allowed):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    for taken in (0, allowed):
        hold(monkeypatch, 10**8, taken)
        grant(steps)
        for _ in range(2):
            spend(BETWEEN_LOOKS, "layers")
    hold(monkeypatch, 10**8, allowed + 1)
    grant(steps)
    spend(BETWEEN_LOOKS, "layers")
    spend(BETWEEN_LOOKS - 1, "layers")
    with pytest.raises(BudgetError, match=f"more than {allowed >> 20:,} MiB of memory are in use, 100%"):
        spend(1, "layers")


def hold(monkeypatch, first, more):
    """Let the process seem to hold so many bytes at the first look, and more at all others."""
    held = chain([first], repeat(first + more))
    monkeypatch.setattr(budget, "resident_bytes", lambda: next(held))


def test_what_pytorch_holds_is_not_counted(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", sys)
    hold(monkeypatch, 1, 100 * MEMORY)
    grant(STEPS)
    for _ in range(3):
        spend(BETWEEN_LOOKS, "layers")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say it")
def test_memory_that_is_held():
    """A process of its own is asked: one that has run other tests may have freed what is allocated here."""
    code = "from cnncalc import budget; b = budget.resident_bytes(); h = bytearray(64 << 20)"
    code += "; print(budget.resident_bytes() - b)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 60 << 20 < int(done.stdout) < 80 << 20


def test_nothing_is_counted_unless_steps_are_granted():
    spend(10**18, "layers")
    renew()
    assert granted() is None


def test_what_only_helps_gets_a_tenth():
    grant(1000)
    assert can_afford(100, "suggestions")
    assert not can_afford(1, "suggestions")
    spend(900, "layers")


def test_suggestions_end_before_the_command():
    grant(2000)
    words = [f"parameter_{number}" for number in range(20)]
    assert nearest("paramter_7", words) == "parameter_7"
    assert [nearest("paramter_7", words) for _ in range(20)][-1] is None
    spend(1, "layers")


def test_closed_forms_draw_on_it():
    a, b, c = map(symbol, "abc")
    grant(10_000)
    with pytest.raises(BudgetError, match="of the work was closed forms"):
        (a + b + c + 1) ** 24


def test_python_has_none():
    assert package.parse("input: 3x8x8\nlayers: [{sequence: [relu], repeat: 90000}]\n").analyze().params == 0
    assert budget.granted() is None
