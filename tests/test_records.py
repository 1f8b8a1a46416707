"""Records behave as frozen dataclasses do, and cost nothing to declare."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from functools import cached_property
from typing import ClassVar

import pytest

from cnncalc.records import EMPTY, Record, replace


class Point(Record):
    x: int
    y: int = 0
    names: Mapping[str, int] = EMPTY
    kind: ClassVar[str] = "point"

    @cached_property
    def sum(self) -> int:
        return self.x + self.y


class Named(Point):
    name: str = ""


@pytest.fixture(autouse=True)
def _no_traces():
    yield
    assert EMPTY == {}


def test_fields_are_given_in_order_by_name_or_left_to_their_defaults():
    assert (Point(1, 2).x, Point(1, 2).y, Point(x=1).y, Point(1).names) == (1, 2, 0, {})
    assert Named(1, name="a").name == "a"
    assert Named(1, 2, {}, "a") == Named(1, 2, name="a")


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), ((1, 2, {}, 4), {}), ((1,), {"x": 2}), ((1,), {"z": 2}), ((1, 2, {}), {"z": 2}), ((), {"y": 1})],
)
def test_what_does_not_fit_the_fields_is_refused(values, named):
    with pytest.raises(TypeError, match="Point takes x, y, names"):
        Point(*values, **named)


def test_a_record_does_not_change():
    point = Point(1)
    with pytest.raises(FrozenInstanceError, match="Point is frozen: cannot change y"):
        point.y = 2
    with pytest.raises(FrozenInstanceError):
        del point.y
    changed = replace(point, y=2)
    assert (point.y, changed.y) == (0, 2)
    with pytest.raises(TypeError):
        replace(point, z=2)


def test_records_are_equal_where_their_type_and_fields_are():
    one, other = Point(1, 2), Point(1, 2)
    assert one.sum == 3  # what is cached beside the fields is no part of a record
    assert one == other
    assert replace(one, x=5).sum == 7
    assert Point(1) != Named(1)
    assert Point(1) != (1, 0, {})
    assert hash(Point(1, 2, ())) == hash(Point(1, 2, ()))
    assert pickle.loads(pickle.dumps(one)) == other


def test_a_record_prints_like_a_dataclass():
    assert repr(Named(1, name="a")) == "Named(x=1, y=0, names={}, name='a')"


def test_a_command_makes_no_dataclass_of_ours():
    """Every class would be compiled anew at each start."""
    code = (
        "import dataclasses, sys\nmade = []\nreal = dataclasses._process_class\n"
        "def process(cls, *rest): made.append(cls.__module__); return real(cls, *rest)\n"
        "dataclasses._process_class = process\n"
        "from cnncalc.cli.main import main\nmain(['shapes', 'alexnet'])\n"
        "print([name for name in made if name.startswith('cnncalc')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
