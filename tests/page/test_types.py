"""The types that the page's modules write in comments, checked by TypeScript where it is installed, 5 or later."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TSC = shutil.which("tsc")


def check(*arguments):
    done = subprocess.run([TSC, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.skipif(TSC is None, reason="TypeScript is not installed")
def test_types():
    version = re.search(r"Version (\d+)", check("--version")[1])
    if version is None or int(version[1]) < 5:
        pytest.skip("TypeScript is older than 5")
    assert check("-p", Path(__file__).parent) == (0, "")
