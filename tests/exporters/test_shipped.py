"""Every shipped network in every variant, exported and held against the network that is built."""

import subprocess
import sys
from pathlib import Path

import pytest

import cnncalc

from ..shipped_networks import TAKEN, small
from .agreement import check_numbers, check_shapes, formatted, to_source

SPECS = Path(__file__).parents[1] / "specs/ok"


def source_of(name, **how):
    spec = cnncalc.load(name)
    graph = spec.graph(**how)
    return graph, to_source(graph, spec.document.about.get("source", ""))


@pytest.mark.parametrize("name", TAKEN)
def test_names_shapes_and_order_of_the_weights(name):
    check_shapes(*source_of(name))


@pytest.mark.parametrize("name", TAKEN)
def test_same_output_of_the_same_weights(name):
    check_numbers(*source_of(name, **small(name)))


def test_as_a_formatter_leaves_it(tmp_path):
    pytest.importorskip("ruff")
    files = [tmp_path / f"{name.replace('@', '_')}.py" for name in TAKEN]
    for name, file in zip(TAKEN, files, strict=True):
        file.write_text(source_of(name)[1], encoding="utf-8", newline="\n")
    assert formatted(files) == ""


@pytest.mark.parametrize("name", ["lenet5", "tcn", "googlenet", "unet@padded"])
def test_runs_alone(name, tmp_path):
    """In a process that has no cnncalc to import, and where every warning is an error."""
    graph, text = source_of(name, **small(name))
    file = tmp_path / "network.py"
    file.write_text(text, encoding="utf-8")
    assert "cnncalc" not in text.replace("Written by cnncalc", "")
    blocked = "import sys; sys.modules['cnncalc'] = None\n"
    run = f"{blocked}import warnings; warnings.filterwarnings('ignore', message='.*NumPy.*')\nimport runpy\n"
    run += f"import torch; warnings.simplefilter('error'); runpy.run_path({str(file)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (output,) = graph.outputs.values()
    (shape,) = [node.output for node in graph.nodes if node.name == output]
    assert done.stdout.splitlines()[0] == str((1, *shape))
    assert done.stdout.splitlines()[1].endswith(" parameters")
    assert done.stderr == ""


@pytest.mark.parametrize("name", TAKEN)
def test_compiles_without_a_warning(name):
    text = source_of(name)[1]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import sys; compile(sys.stdin.read(), 'network.py', 'exec')"],
        input=text, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_says_what_it_is():
    text = source_of("googlenet")[1]
    assert text.startswith('"""GoogLeNet.\n\nSzegedy et al.: Going Deeper with Convolutions, arXiv:1409.4842.\n')
    assert "Input [batch, 3, 224, 224]; output [batch, 1000]; 6,624,904 parameters" in " ".join(text.split())
    assert "6,624,904 parameters, with the training heads 13,004,888." in " ".join(text.split())


NAMED = ["tensor_passed_on", "loop_over_rows", "loop_skips_of_wavenet", "path_with_a_condition"]


@pytest.mark.parametrize("name", NAMED)
def test_specs_that_compute_what_they_join(name):
    """Blocks that take tensors become modules of several inputs; loops and conditions of paths are written out."""
    check_shapes(*source_of(str(SPECS / f"{name}.yaml")))
