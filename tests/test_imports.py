"""The house rules that a test can hold: the order of imports, light starts, public names, sizes and names of files."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cnncalc

ROOT = Path(cnncalc.__file__).parent
# Every room, by the order of DESIGN.md: a room imports from its own level and from those above only.
LEVELS = (
    {"errors", "symbolic", "nodes", "numerals", "suggest", "rule_names", "convention_names", "atomic"},
    {"layers"},
    {"graph"},
    {"expression", "source", "yaml", "document", "writer", "settings", "shipped"},
    {"elaborate"},
    {"analysis", "conventions", "solve", "mend", "explain", "spec"},
    {"sweep", "diff"},
    {"render", "checks", "torch_backend", "importers", "exporters", "schema"},
    {"cli"},
    {"__main__", "__init__"},
)
HEAVY = ("torch", "onnx", "numpy", "sympy", "rich", "typer", "yaml", "pydantic")
SHOWN_IN_NOTEBOOKS = {"cnncalc.analysis.report", "cnncalc.spec"}  # their _repr_html_ asks a renderer, when called
LONGEST = 300
NAMELESS = {"utils", "util", "helpers", "common", "misc", "base"}


def modules() -> dict[str, Path]:
    return {
        ".".join(["cnncalc", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(".__init__"): path
        for path in sorted(ROOT.rglob("*.py"))
    }


def room(module: str) -> str:
    """The part of the package that a module belongs to: `cnncalc.source.traps` → source, `cnncalc.layers.conv` → layers."""
    name = [*module.split("."), "__init__"][1]
    known = set().union(*LEVELS)
    return name if name in known else name.partition("_")[0]


def level(module: str) -> int:
    (found,) = [i for i, rooms in enumerate(LEVELS) if room(module) in rooms]
    return found


def imports(tree: ast.AST, names: set[str], *, run_at_import: bool) -> set[str]:
    """The modules of ours that a module imports; those in functions and for types only are left out where asked."""
    found = set()
    nodes = list(_at_import(tree)) if run_at_import else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found & names


def _at_import(node: ast.AST):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _at_import(child)


MODULES = modules()
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}


def test_every_module_has_a_level():
    for module in MODULES:
        assert any(room(module) in rooms for rooms in LEVELS), f"{module}: say in LEVELS where its room stands"


@pytest.mark.parametrize("module", MODULES)
def test_import_order(module):
    shown = module in SHOWN_IN_NOTEBOOKS
    wanted = imports(TREES[module], set(MODULES), run_at_import=shown)
    for imported in wanted - {"cnncalc"}:
        assert level(imported) <= level(module), f"{module} imports {imported}"


def test_no_cycles():
    graph = {
        name: imports(tree, set(MODULES), run_at_import=True) - {name, "cnncalc"}
        for name, tree in TREES.items()
        if name != "cnncalc"
    }
    # A package's own __init__ stands for what it gathers: its modules do not import it.
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


def test_public_names():
    assert sorted(cnncalc.__all__) == [
        "CnncalcError", "Graph", "LayerReport", "Node", "Report", "Spec", "SpecError", "UsageError", "load", "parse",
    ]  # fmt: skip
    assert all(hasattr(cnncalc, name) for name in cnncalc.__all__)
    assert set(cnncalc.__all__) <= set(dir(cnncalc))
    assert cnncalc._HOMES.keys() == set(cnncalc.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cnncalc.nothing  # noqa: B018


@pytest.mark.parametrize("module", MODULES)
def test_files_are_short_and_named_for_what_is_in_them(module):
    lines = MODULES[module].read_text("utf-8").count("\n")
    assert lines <= LONGEST, f"{module} has {lines} lines"
    assert MODULES[module].stem not in NAMELESS


def test_types_ship():
    assert (ROOT / "py.typed").is_file()


def test_version_is_that_of_the_package():
    from importlib.metadata import PackageNotFoundError, version

    try:
        assert version("cnncalc") == cnncalc.__version__
    except PackageNotFoundError:
        pytest.skip("not installed")
