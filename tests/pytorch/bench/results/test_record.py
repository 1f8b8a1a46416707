import json

import pytest
import torch  # noqa: F401 - without it this file is left out

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.results.record import document, require_writable
from cnncalc.pytorch.bench.results.run import Peak, Run
from cnncalc.pytorch.bench.results.saved import ratio, read_saved
from cnncalc.pytorch.bench.roofline.bounds import Bound, Ceilings, Work
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.timing.layers import LayerTime
from cnncalc.pytorch.bench.timing.order_statistics import summarise
from cnncalc.pytorch.bench.timing.timing import Timing

WHERE = {"cnncalc": "1", "torch": "2.13.0", "device": "Imaginary 100", "place": "cuda:0", "threads": "4"}


def run_of(median=0.01, batch=8, network="net", samples=20, layers=()):
    times = [median * (1 + 0.001 * index) for index in range(-samples // 2, samples - samples // 2)]
    return Run(
        network, {"input": (3, 8, 8)}, batch, Timing(0.5, summarise(times), 2, True), batch / median, 10**9,
        Ceilings(1e12, 1e11), 0.001, Peak(2 * 10**6, 3 * 10**6, 2 * 10**6), layers,
    )  # fmt: skip


def saved(tmp_path, runs, settings=None):
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(document(WHERE, settings or Settings(), runs)))
    return read_saved(path)


def test_reads_what_it_writes(tmp_path):
    run = run_of(layers=(LayerTime("conv1", "conv", 1e-3, Work(10, 20), Bound(1e-4, "compute")),))
    found = saved(tmp_path, [run])
    assert found.environment == WHERE
    (kept,) = found.runs
    assert (kept.network, kept.batch, kept.inputs) == ("net", 8, {"input": (3, 8, 8)})
    assert kept.median == run.timing.median
    assert kept.interval == run.timing.interval
    assert found.like(run) == kept
    assert found.like(run_of(batch=9)) is None
    assert found.differences(WHERE, Settings(duration=9)) == []


def test_document():
    run = run_of(layers=(LayerTime("conv1", "conv", 1e-3, Work(10, 20), Bound(1e-4, "compute")),))
    (kept,) = document(WHERE, Settings(), [run])["runs"]
    assert kept["images_per_second"] == 800
    assert kept["seconds"]["samples"] == 20
    assert kept["peak_bytes"] == {"tensors": 2 * 10**6, "allocated": 3 * 10**6, "predicted": 2 * 10**6}
    assert kept["layers"][0]["share"] == pytest.approx(0.1)


def test_ratio(tmp_path):
    (then,) = saved(tmp_path, [run_of(0.01)]).runs
    assert ratio(run_of(0.005), then).times == pytest.approx(2, rel=0.01)
    assert ratio(run_of(0.005), then).distinct is True
    assert ratio(run_of(0.01), then).distinct is False
    assert ratio(run_of(0.01, samples=3), then).distinct is None


def test_differences_are_named(tmp_path):
    found = saved(tmp_path, [run_of()], Settings(dtype="bf16"))
    now = {**WHERE, "torch": "2.14.0", "ranks": "2"}
    assert found.differences(now, Settings()) == [
        "torch: 2.13.0 then, 2.14.0 now",
        "ranks: not there then, 2 now",
        "dtype: bf16 then, fp32 now",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no such file"),
        ("{", "is not JSON: a file that 'cnncalc bench --save' wrote is expected"),
        ("[]", "is not a benchmark that"),
        ("{}", "is not a benchmark that"),
        ('{"schema": "cnncalc/1"}', "its schema is cnncalc/1, not cnncalc-bench/1"),
        ('{"schema": "cnncalc-bench/1", "environment": {}, "settings": {}, "runs": [{}]}', "is not a benchmark"),
        ('{"schema": "cnncalc-bench/1", "environment": {}, "settings": {}, "runs": 3}', "is not a benchmark"),
    ],
)
def test_other_files(tmp_path, text, message):
    path = tmp_path / "file.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_saved(path)


def test_where_nothing_can_be_written(tmp_path):
    require_writable(tmp_path / "new.json")
    with pytest.raises(UsageError, match="is a folder"):
        require_writable(tmp_path)
    with pytest.raises(UsageError, match="there is no folder"):
        require_writable(tmp_path / "gone" / "new.json")
