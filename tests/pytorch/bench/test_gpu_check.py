"""The script that exercises every CUDA path, where there is no device: it says so, and ends well."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch  # noqa: F401 - without it this file is left out

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "tests" / "benchmarks" / "gpu_check.sh"


@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="needs bash")
def test_without_a_device_it_says_so(tmp_path):
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "PY": sys.executable, "OUT": str(tmp_path / "out")}
    done = subprocess.run(["bash", SCRIPT], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("no CUDA device here: nothing is checked")
    assert list(tmp_path.iterdir()) == []


def test_its_steps_are_there():
    """The steps that the shell names are those that Python has."""
    steps = (SCRIPT.parent / "gpu_steps.py").read_text("utf-8")
    named = [line.split()[2:] for line in SCRIPT.read_text("utf-8").splitlines() if line.startswith("  steps ")]
    assert named
    assert all(f'"{name}": ' in steps for names in named for name in names)
