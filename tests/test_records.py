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

from cnncalc.records import EMPTY, NamedTuple, Record, replace


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


def test_a_class_of_many_instances_constructs_them_alike():
    class Many(Record):
        x: int
        y: int = 0

    first = Many(1)
    assert all(Many(number) == Many(number, 0) == Many(x=number) for number in range(100))
    assert Many.__init__ is not Record.__init__
    assert Many(1) == first
    assert Many(1, y=2) == replace(first, y=2)
    with pytest.raises(TypeError):
        Many()

    class More(Many):
        z: int = 3

    assert (More(1, 2).z, More(1, 2, 4).z) == (3, 4)


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


class Size(NamedTuple):
    """Rows and columns."""

    height: int
    width: int = 1

    @property
    def area(self) -> int:
        return self.height * self.width

    def __str__(self) -> str:
        return f"{self.height} by {self.width}"


def test_a_named_tuple_is_what_that_of_typing_is():
    size = Size(3, width=2)
    height, width = size
    assert (height, width, size.height, size.area, str(size)) == (3, 2, 3, 6, "3 by 2")
    assert size == (3, 2)
    assert Size(3) == Size(height=3, width=1)
    assert hash(size) == hash((3, 2))
    assert repr(size) == "Size(height=3, width=2)"
    assert size._replace(height=4) == Size._make([4, 2])
    assert size._asdict() == {"height": 3, "width": 2}
    assert Size._fields == ("height", "width")
    assert pickle.loads(pickle.dumps(size)) == size
    match size:
        case Size(rows, columns):
            assert (rows, columns) == (3, 2)


def test_a_named_tuple_takes_its_fields_and_nothing_else():
    for wrong in (lambda: Size(), lambda: Size(1, 2, 3), lambda: Size(1, depth=3), lambda: Size._make([])):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(ValueError, match="Size has no field depth"):
        Size(1)._replace(depth=2)
    with pytest.raises(AttributeError):
        Size(1).height = 2


def test_a_command_compiles_no_class_of_ours():
    """A dataclass or a named tuple of the standard library would be compiled anew at each start."""
    code = (
        "import collections, dataclasses, sys\nmade = []\n"
        "process, named = dataclasses._process_class, collections.namedtuple\n"
        "def processed(cls, *rest): made.append(cls.__module__); return process(cls, *rest)\n"
        "def noted(*args, module=None, **more): made.append(module); return named(*args, module=module, **more)\n"
        "dataclasses._process_class, collections.namedtuple = processed, noted\n"
        "from cnncalc.cli.main import main\nmain(['shapes', 'alexnet'])\n"
        "print([name for name in made if (name or '').startswith('cnncalc')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_named_tuples_with_as_many_fields_are_compiled_once():
    code = (
        "import sys\nsources = []\n"
        "sys.addaudithook(lambda event, args: sources.append(str(args[0])) if event == 'compile' else None)\n"
        "from cnncalc.cli.main import main\nmain(['shapes', 'alexnet'])\n"
        "print(*(len(source.split(',')) for source in sources if 'lambda cls' in source), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    counts = done.stderr.split()
    assert counts
    assert len(counts) == len(set(counts))
