"""What may be compared with a saved run: the same computation, and nothing else."""

import json

import pytest
import torch  # noqa: F401 - without it this file is left out

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.measurement import call_flops, parameters
from cnncalc.pytorch.bench.results.saved import Saved, SavedRun, read_saved
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named

SPEC = "name: N\ninput: 3x{size}x{size}\nlayers:\n  - conv: {{out_channels: {width}, kernel_size: 3}}\n"


def named(size=8, width=4, **given):
    return Named("N", cnncalc.parse(SPEC.format(size=size, width=width)).graph(), given)


def saved(measured, settings=None, **changes):
    settings = settings or Settings()
    run = SavedRun(
        "N", dict(measured.graph.inputs), 8, 1.0, (0.9, 1.1), 8.0, call_flops(measured.graph, settings, 8),
        parameters(measured.graph), dict(measured.given),
    )  # fmt: skip
    return Saved("runs.json", {}, settings.to_dict(), (run._replace(**changes),))


def test_the_same_is_compared():
    saved(named()).require_same([named()], Settings(duration=9, channels_last=True, cold=True))


def test_another_name_is_nothing_to_compare_with():
    saved(named(), network="M").require_same([named(width=5)], Settings())


def test_files_of_before_are_compared_as_far_as_they_tell():
    saved(named(), parameters=None, given=None, flops=0).require_same([named(width=5, width_=1)], Settings())


@pytest.mark.parametrize(
    ("now", "settings", "message"),
    [
        (named(width=5), Settings(), r"parameters 112 then, 140 now; FLOPs 62,208 then, 77,760 now, at batch 8"),
        (named(width=4, depth=2), Settings(), r"--set \(nothing\) then, depth=2 now"),
        (named(size=9), Settings(), r"input 3×8×8 then, 3×9×9 now; FLOPs 62,208 then, 84,672 now"),
        (named(), Settings(dtype="bf16"), r"dtype fp32 then, bf16 now"),
        (named(), Settings(mode="training"), r"mode inference then, training now"),
    ],
)
def test_what_is_another_computation_is_refused(now, settings, message):
    with pytest.raises(UsageError, match=rf"--compare runs.json: N differs from the saved run: {message}"):
        saved(named()).require_same([now], settings)


RUN = {
    "network": "N", "inputs": {"input": [3, 8, 8]}, "batch": 8, "images_per_second": 8.0, "flops": 10,
    "parameters": 112, "set": {"width": "4"}, "seconds": {"median": 1.0, "low": None, "high": None},
}  # fmt: skip
DOCUMENT = {"schema": "cnncalc-bench/1", "environment": {}, "settings": {}, "runs": [RUN]}


def test_the_entries_are_read(tmp_path):
    path = tmp_path / "runs.json"
    path.write_text(json.dumps(DOCUMENT))
    (found,) = read_saved(path).runs
    assert (found.flops, found.parameters, found.given) == (10, 112, {"width": "4"})


@pytest.mark.parametrize(
    "change",
    [
        {"batch": float("inf")}, {"batch": "²"}, {"images_per_second": float("nan")}, {"images_per_second": 10**400},
        {"images_per_second": float("inf")}, {"inputs": [3, 8]}, {"inputs": {"x": [float("inf")]}}, {"parameters": "x"},
        {"seconds": {"median": float("nan"), "low": None, "high": None}}, {"seconds": []}, {"flops": float("-inf")},
        {"seconds": {"median": 1.0, "low": -1.0, "high": float("inf")}}, {"set": 3},
    ],
    ids=str,
)  # fmt: skip
def test_numbers_that_no_benchmark_has(tmp_path, change):
    (tmp_path / "runs.json").write_text(json.dumps({**DOCUMENT, "runs": [{**RUN, **change}]}))
    with pytest.raises(UsageError, match="is not a benchmark that 'cnncalc bench --save' wrote"):
        read_saved(tmp_path / "runs.json")


def test_a_number_of_thousands_of_digits(tmp_path):
    (tmp_path / "runs.json").write_text(json.dumps({**DOCUMENT, "runs": [RUN]}).replace("112", "9" * 5000))
    with pytest.raises(UsageError, match="is not JSON"):
        read_saved(tmp_path / "runs.json")
