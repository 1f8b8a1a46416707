"""Where a test stands follows from what it tests: `cnncalc/render/tree.py` ↔ `tests/render/test_tree.py`.

A file in a room's folder is named for a module of the room, or for a room inside it. The others test the room as a
whole and are listed here. What crosses rooms is in `tests/whole/` and `tests/fuzz/`.
"""

import re
from pathlib import Path

import pytest

import cnncalc

TESTS = Path(__file__).parents[1]
PACKAGE = Path(cnncalc.__file__).parent
WHOLE = ("whole", "fuzz")
OF_THE_ROOM = {
    "analysis": "cost_pytorch",
    "analysis/field": "gradients readings tables",
    "analysis/memory": "saved",
    "checks": "absurd_numbers any_network by_experiment dead_biases",
    "cli": "budget local_field several",
    "conventions": "conventions live networks ops",
    "differences": "edits",
    "elaborate": "blocks items references symbols",
    "exporters": "layers random shipped",
    "importers": "formats",
    "importers/caffe": "forks layers networks",
    "importers/keras": "faults layers live networks",
    "importers/onnx": "bounds faults networks node_tests opsets public_models scalars shapes sizes",
    "importers/pytorch": "export refusals round_trip timm torchvision",
    "page": "alive browser compared extents field hostile pointing types window",
    "lsp": "neovim",
    "layers": "by_hand keras messages pytorch symbols table",
    "pytorch/bench": "gpu_check",
    "pytorch/recipes": "kinds",
    "pytorch": "graphs missing_torch shipped timm torchvision",
    "symbolic": "random rewrites",
}
OF_THE_PACKAGE = ("test_imports.py", "test_public.py")  # what belongs to no room: `cnncalc/__init__.py`
FILES = sorted(path.relative_to(TESTS) for path in TESTS.rglob("test_*.py"))
MIRRORED = [file for file in FILES if file.parts[0] not in WHOLE]


def subject(file: Path) -> str:
    return file.stem.removeprefix("test_")


@pytest.mark.parametrize("file", MIRRORED, ids=str)
def test_a_test_can_be_found_from_what_it_tests(file):
    if file.name in OF_THE_PACKAGE:
        return
    room = PACKAGE / file.parent
    assert room.is_dir(), f"{file}: no such room; tests follow a move of the package"
    if subject(file) not in OF_THE_ROOM.get(file.parent.as_posix(), "").split():
        places = [room / f"{subject(file)}{ending}" for ending in (".py", "_.py", "/__init__.py")]
        assert any(place.is_file() for place in places), (
            f"{file}: not named for a module of {file.parent}: list it here, or move it to tests/{WHOLE[0]}/"
        )


def test_the_clock_is_read_to_compare_alone():
    """What a test bounds is counted (`tests/effort.py`): a busy machine is no fault of the code."""
    clock = re.compile(r"\b(?:process_time|perf_counter|monotonic)\(")
    readers = {path.name for path in TESTS.rglob("*.py") if clock.search(path.read_text("utf-8"))}
    benchmarks = {path.name for path in (TESTS / "benchmarks").iterdir()}
    assert readers - benchmarks == {
        "effort.py",
        "batch.py",
        "shrinking.py",
    }  # of tests/fuzz: the steps of what is slow are counted


def test_the_list_is_true():
    listed = {Path(room, f"test_{name}.py") for room, names in OF_THE_ROOM.items() for name in names.split()}
    assert not listed - set(FILES)
    assert not [file for file in listed if (PACKAGE / file.parent / f"{subject(file)}.py").is_file()]
