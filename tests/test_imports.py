"""The house rules that a test can hold: the order of imports, light starts, public names, sizes and names of files."""

import ast
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

import cnncalc

ROOT = Path(cnncalc.__file__).parent
# Every room with a level of its own, from the ground up: a room imports from itself and from those above it in this
# list, at the start, in a function or for a type alone. `docs/architecture.md` draws them.
ROOMS = (
    "version", "records", "visible", "errors", "limits", "budget", "suggest", "names", "shipped", "processes",
    "manual", "symbolic", "quantities", "layers", "graph", "source", "devices", "expression", "document", "elaborate",
    "writer", "analysis", "prediction", "conventions", "solutions", "explanations", "differences", "pytorch",
    "exporters", "importers", "spec", "loading", "revisions", "checkpoints", "checks", "sweeps", "api", "render",
    "page", "lsp", "cli", "__main__", "",
)  # fmt: skip
HEAVY = ("torch", "onnx", "numpy", "sympy", "rich", "typer", "yaml", "pydantic")
LONGEST = 300
MIDDLE = 110
NAMELESS = {"utils", "util", "helpers", "common", "misc", "base"}


def modules() -> dict[str, Path]:
    return {
        ".".join(["cnncalc", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(".__init__"): path
        for path in sorted(ROOT.rglob("*.py"))
    }


MODULES = modules()
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}


def room(module: str) -> str:
    """The part of the package that a module belongs to: `cnncalc.layers.conv` → layers; the package itself is ''."""
    return [*module.split("."), ""][1]


def imports(module: str) -> set[str]:
    """The modules of ours that a module imports, wherever in it: at the start, in a function, for a type alone."""
    found = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: imports are absolute"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & MODULES.keys()
            if names - MODULES.keys():
                found.add(str(node.module))
    return found & MODULES.keys() - {module}


def test_every_room_has_a_level():
    assert {room(module) for module in MODULES} == set(ROOMS)


@pytest.mark.parametrize("module", MODULES)
def test_import_order(module):
    level = ROOMS.index(room(module))
    for imported in imports(module):
        above = ROOMS.index(room(imported))
        assert above < level or room(imported) == room(module), f"{module} imports {imported}, which stands above it"


def test_no_cycles():
    """A package's own `__init__` that gathers names stands for them: what it gathers may not import it."""
    graph = {module: imports(module) for module in MODULES}
    done: set[str] = set()
    while ready := {name for name, needs in graph.items() if name not in done and needs <= done}:
        done |= ready
    assert not graph.keys() - done, {name: sorted(graph[name] - done) for name in graph.keys() - done}


def test_import_is_light():
    code = f"import sys, cnncalc; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_command_is_light():
    """`cnncalc shapes` needs typer and yaml, and neither rich, nor pydantic, nor what is heavier."""
    code = (
        "import sys\nfrom cnncalc.cli.main import main\nmain(['shapes', 'lenet5'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules and name not in ('typer', 'yaml')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


UNNEEDED = (  # by either
    "analysis.field", "cli.complaints", "cli.folders", "cli.patterns", "document.recognition", "explanations.formulas",
    "layers.transposed", "version",
)  # fmt: skip
UNNEEDED_WITHOUT_EXPRESSIONS = ("expression.compiler", "expression.tokens")


@pytest.mark.parametrize(
    ("network", "most", "unneeded"),
    [("lenet5", 118, UNNEEDED + UNNEEDED_WITHOUT_EXPRESSIONS), ("resnet@50", 127, UNNEEDED)],
)
def test_a_command_loads_what_it_needs(network, most, unneeded):
    """Every module adds to the start of every command; what only other commands or other specs need is not loaded."""
    code = (
        f"import sys\nfrom cnncalc.cli.main import main\nmain(['shapes', '{network}'])\n"
        "print(*(name for name in sys.modules if name.startswith('cnncalc')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert len(loaded) <= most, loaded
    assert not {f"cnncalc.{name}" for name in unneeded} & set(loaded)


def test_a_command_compiles_no_pattern_of_ours():
    """A pattern takes as long to compile as a module to load; a plain spec is read without any.

    `source.pyyaml` hands on those of PyYAML.
    """
    code = (
        "import re, sys\nfrom cnncalc.cli import main\nowners = []\n"
        "def noted(function):\n"
        "    def run(*rest, **more):\n"
        "        owners.append(sys._getframe(1).f_globals['__name__'])\n"
        "        return function(*rest, **more)\n"
        "    return run\n"
        "for name in ('compile', 'match', 'fullmatch', 'search', 'sub', 'split', 'finditer'):\n"
        "    setattr(re, name, noted(getattr(re, name)))\n"
        "main.main(['shapes', 'lenet5'])\n"
        "print(*(owner for owner in owners if owner.startswith('cnncalc')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stderr.split()) == {"cnncalc.source.pyyaml"}


@pytest.mark.parametrize("module", MODULES)
def test_files_are_short_and_named_for_what_is_in_them(module):
    lines = MODULES[module].read_text("utf-8").count("\n")
    assert lines <= LONGEST, f"{module} has {lines} lines"
    assert MODULES[module].stem not in NAMELESS


def test_the_middle_file_is_short():
    lengths = [path.read_text("utf-8").count("\n") for path in MODULES.values() if path.name != "__init__.py"]
    assert median(lengths) <= MIDDLE


def test_types_ship():
    assert (ROOT / "py.typed").is_file()


def test_version_is_that_of_the_package():
    from importlib.metadata import PackageNotFoundError, version

    try:
        assert version("cnncalc") == cnncalc.__version__
    except PackageNotFoundError:
        pytest.skip("not installed")
