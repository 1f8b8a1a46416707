import sys

import pytest

import cnncalc
from cnncalc import UsageError
from cnncalc.limits import MOST_POINTS
from cnncalc.render.views.sweep import csv_lines
from cnncalc.sweeps import run
from cnncalc.sweeps.grid import NetworkText, read_grid
from cnncalc.sweeps.run import blocks


def grid_of(name="mobilenet_v2", settings=("width=0.5:1:0.25",), inputs=("3x{1:200:7}",)):
    return read_grid([NetworkText.of(cnncalc.load(name), name)], settings, inputs)


def written(found, names):
    return "".join(csv_lines(names, block.columns()) for block in found)


@pytest.mark.filterwarnings("ignore")  # joblib's, of the machine
@pytest.mark.parametrize("backend", [None, "threading"])
def test_jobs_give_the_same_bytes(backend, monkeypatch):
    pytest.importorskip("joblib")
    monkeypatch.setattr(run, "POINTS", 11)
    grid = grid_of()
    assert written(blocks(grid, 2, backend), grid.names) == written(blocks(grid), grid.names)


def test_a_back_end_that_answers_all_at_once_is_asked_in_rounds(monkeypatch):
    joblib = pytest.importorskip("joblib")
    monkeypatch.setattr(run, "TASKS_AT_ONCE", 2)
    monkeypatch.setattr(run, "POINTS", 3)
    backend = type("AtOnce", (joblib._parallel_backends.ThreadingBackend,), {"supports_return_generator": False})
    joblib.register_parallel_backend("at once", backend)
    monkeypatch.setattr(run, "BACKENDS", ("at once",))
    grid = grid_of()
    assert written(blocks(grid, 2, "at once"), grid.names) == written(blocks(grid), grid.names)


@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_gives_the_same_bytes():
    pytest.importorskip("joblib")
    pytest.importorskip("distributed")
    grid = grid_of()
    assert written(blocks(grid, 1, "dask"), grid.names) == written(blocks(grid), grid.names)


@pytest.mark.filterwarnings("ignore")
def test_a_client_that_stands_is_taken():
    pytest.importorskip("joblib")
    distributed = pytest.importorskip("distributed")
    grid = grid_of(inputs=("3x{32,64}",))
    with distributed.Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        before = client.run(lambda: 1)
        assert written(blocks(grid, None, "dask"), grid.names) == written(blocks(grid), grid.names)
        assert client.run(lambda: 1) == before


def test_without_joblib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(UsageError, match=r"pip install 'cnncalc\[sweep\]'"):
        list(blocks(grid_of(), 2))


def test_back_ends_that_are_not_there(monkeypatch):
    pytest.importorskip("joblib")
    with pytest.raises(UsageError, match="unknown back end 'dusk': did you mean 'dask'"):
        list(blocks(grid_of(), 2, "dusk"))
    monkeypatch.setitem(sys.modules, "ray.util.joblib", None)
    with pytest.raises(UsageError, match="back end ray is not installed: pip install ray"):
        list(blocks(grid_of(), 2, "ray"))


def test_a_grid_beyond_all_time_is_refused():
    with pytest.raises(
        UsageError, match=r"the grid has 1,000,000,000,000 points, but a sweep takes at most 1,000,000,000"
    ):
        grid_of(settings=("width=1:1e6",), inputs=("3x{1:1000000}",))
    assert grid_of(settings=(), inputs=(f"3x{{1:{MOST_POINTS}}}",)).points == MOST_POINTS


def test_memory_does_not_grow_with_the_grid():
    resource = pytest.importorskip("resource")
    grid = grid_of("lenet5", (), ("1x{32:1000031}",))
    found = blocks(grid)
    for _ in range(4):
        next(found)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20):
        next(found)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 4096  # KiB; the 160,000 points would take some 60,000 as rows
    parameters = read_grid([NetworkText.of(cnncalc.load("mobilenet_v2"), "mobilenet_v2")], ["width=1:1e8"], [])
    assert next(parameters.architectures()).settings == {"width": 1}


@pytest.mark.parametrize("name", ["params", "output", "error"])
def test_a_parameter_named_as_a_column_is_refused(name):
    with pytest.raises(UsageError, match=f"'{name}' is already a column"):
        grid_of(settings=(f"{name}=1:2",))
