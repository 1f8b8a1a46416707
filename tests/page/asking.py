"""Modules of the page, run by Node: a script reads questions as JSON from its input and writes answers."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cnncalc

PAGE = Path(cnncalc.__file__).parent / "page"
NODE = shutil.which("node")


def ask(script: Path, questions: Any) -> Any:
    assert NODE is not None
    done = subprocess.run(
        [NODE, script, PAGE], input=json.dumps(questions), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
