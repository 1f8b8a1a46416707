"""The types that the page's modules write in comments, checked by TypeScript where it is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

TSC = shutil.which("tsc")


@pytest.mark.skipif(TSC is None, reason="TypeScript is not installed")
def test_types():
    done = subprocess.run([TSC, "-p", Path(__file__).parent], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0
