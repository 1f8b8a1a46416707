"""The fits of the devices follow from the table of runs, timm_benchmark.csv, which `CNNCALC_TIMES` names."""

import csv
import importlib.util
import os
from pathlib import Path

import pytest

from cnncalc.devices.catalog import find_device
from cnncalc.devices.device import Setting

pytest.importorskip("numpy")
FILE = os.environ.get("CNNCALC_TIMES")
SCRIPT = Path(__file__).parents[1] / "benchmarks/fit_times.py"


def read_script():
    spec = importlib.util.spec_from_file_location("fit_times", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not FILE, reason="CNNCALC_TIMES names no table of runs")
def test_the_fits_rerun_to_the_same_coefficients():
    script = read_script()
    with Path(FILE).open() as file:
        runs = script.with_macs(list(csv.DictReader(file)))
    with script.KERNELS.open() as file:
        kernels = {(row["model"], row["img_size"]): row for row in csv.DictReader(file)}
    for setting in script.FITTED:
        own = script.Runs(setting, runs, kernels)
        mode, dtype, layout, _, compiler = own.setting
        mode = "training" if mode == "train" else "inference"
        fit = find_device(own.key).fit(Setting(mode, dtype, layout, compiler != "eager"))
        found = dict(zip(own.terms, script.fit(own.amounts, own.seconds), strict=True))
        for name, seconds in found.items():
            assert fit.terms.get(name, 0.0) == pytest.approx(seconds, rel=1e-3, abs=1e-18), (setting, name)
