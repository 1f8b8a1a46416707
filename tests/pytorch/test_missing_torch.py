"""Without PyTorch, and with it: who imports it, and what is said where it is not installed."""

import subprocess
import sys

import pytest

BLOCKED = """
import sys
sys.modules["torch"] = None
import cnncalc
from cnncalc import pytorch
graph = cnncalc.load("lenet5").graph()
for function in (pytorch.build, pytorch.verify, pytorch.compare_with):
    try:
        function(graph)
    except cnncalc.errors.UsageError as error:
        print(error)
"""


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_says_which_extra_to_install():
    assert python(BLOCKED).splitlines() == ["PyTorch is not installed: pip install 'cnncalc[torch]'"] * 3


@pytest.mark.parametrize("module", ["cnncalc", "cnncalc.spec", "cnncalc.analysis.report"])
def test_other_rooms_do_not_import_it(module):
    assert python(f"import sys, {module}; print('torch' in sys.modules)") == "False\n"


def test_the_room_itself_loads_no_pytorch():
    assert python("import sys, cnncalc.pytorch; print('torch' in sys.modules)") == "False\n"


def test_functions_are_not_hidden_by_the_modules_of_their_names():
    from cnncalc import pytorch

    assert callable(pytorch.build)
    assert callable(pytorch.verify)
