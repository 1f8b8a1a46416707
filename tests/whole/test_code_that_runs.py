"""`torch:` counts only where a person typed it: a name that a folder, a pattern or a file gives never runs code."""

import shutil
import subprocess
from pathlib import Path

import pytest

import cnncalc as package
from cnncalc.cli.main import main

NET = "input: 3x8x8\nlayers: [relu]\n"
NAMES = ("torch:evil.py:x.yaml", "torch:evil:x.yaml", "torch:evil.py:Net,a=x.yaml")
COMMANDS = (
    "shapes",
    "params",
    "flops",
    "rf",
    "memory",
    "summary",
    "check",
    "fmt",
    "explain",
    "solve",
    "verify",
    "flops --live torch",
)


@pytest.fixture
def trap(tmp_path, monkeypatch):
    """A folder with code that leaves a file when it is imported, and with specs named so that they could name it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text("open('ran', 'w').close()\nclass x: yaml = None\n")
    for name in NAMES:
        (tmp_path / name).write_text(NET)
    yield tmp_path
    assert not (tmp_path / "ran").exists()


def run(capsys, *arguments):
    code = main(list(arguments))
    return code, capsys.readouterr()


@pytest.mark.parametrize("command", COMMANDS)
def test_names_from_a_folder(trap, capsys, command):
    run(capsys, *command.split())
    for name in NAMES[1:]:
        (trap / name).unlink()
    code, said = run(capsys, *command.split())
    assert code in (0, 2)
    assert "internal error" not in said.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "specs", [["torch:evil.py:x"], ["torch:evil:x"], ["torch:evil.py:x.yaml"], ["*"], ["**/*.yaml"]]
)
def test_names_from_pyproject(trap, capsys, command, specs):
    (trap / "pyproject.toml").write_text(f"[tool.cnncalc]\nspecs = {specs}\n")
    code, said = run(capsys, *command.split())
    assert code in (0, 1, 2)
    assert "internal error" not in said.err


@pytest.mark.parametrize("name", ["relu", "conv: {out_channels: 3}", "HEAD:net.yaml", "resnet@50", "-", "/dev/stdin"])
def test_names_from_pyproject_are_paths(trap, capsys, monkeypatch, name):
    monkeypatch.setattr("sys.stdin", None)
    (trap / "pyproject.toml").write_text(f"[tool.cnncalc]\nspecs = ['{name}']\n")
    for command in ("shapes", "check", "fmt"):
        code, said = run(capsys, *command.split())
        assert code == 2
        assert name in said.err
        assert "no such file" in said.err or "not a regular file" in said.err


@pytest.mark.parametrize("arguments", [["."], ["*"], ["*.yaml"], [*NAMES], ["--skip-others", *NAMES], ["-j", "2", "."]])
def test_names_from_patterns_and_lists_of_files(trap, capsys, arguments):
    code, _ = run(capsys, "check", *arguments, "--select", "expectation")
    assert code in (0, 1) if arguments != ["*"] else code in (1, 2)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_wins_over_a_prefix(trap, capsys, name):
    code, said = run(capsys, "shapes", name, "--format", "csv")
    assert (code, said.err) == (0, "")
    assert package.load(name).analyze().outputs == package.load(Path(name)).analyze().outputs == {"output": (3, 8, 8)}
    code, said = run(capsys, "sweep", name, "--input", "3x{4,8}")
    assert code == 0
    code, said = run(capsys, "import", name)
    assert code == 2


def test_a_path_never_runs_code(trap):
    for function in (package.load, package.import_network):
        with pytest.raises(package.UsageError):
            function(Path("torch:evil.py:Net"))


@pytest.mark.parametrize("name", ["torch:evil.py:Net", "torch:evil:Net"])
def test_skip_others_imports_nothing(trap, capsys, name):
    code, said = run(capsys, "check", "--skip-others", name)
    assert code == 2
    assert said.err == f"cnncalc: {name}: with --skip-others only files are checked, and nothing is imported\n"


@pytest.mark.parametrize("word", ["torch:evil.py:x@", "torch:evil:Net@5", "-@", "HEAD:net.yaml@", "net.onnx@"])
def test_completing_a_word_runs_nothing(trap, monkeypatch, word):
    from cnncalc.cli.completion import complete_spec

    monkeypatch.setattr("sys.stdin", None)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    assert not [name for name in complete_spec(word) if not name.startswith(word)]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_file_of_that_name_in_the_index(trap, capsys):
    subprocess.run(["git", "init", "-q"], check=True, cwd=trap)
    subprocess.run(["git", "add", "."], check=True, cwd=trap)
    listed = subprocess.run(["git", "ls-files", "*.yaml"], check=True, capture_output=True, text=True, cwd=trap)
    names = listed.stdout.split("\n")[:-1]
    assert len(names) == len(NAMES)
    assert run(capsys, "check", "--skip-others", *names, "--select", "expectation")[0] == 0


def test_the_policy_points_to_the_page():
    root = Path(__file__).parents[2]
    page = "docs/guide/security.md"
    assert page in (root / "SECURITY.md").read_text("utf-8")
    text = (root / page).read_text("utf-8")
    for word in ("torch:", "--module", "pull request", "pyproject.toml", "python -P -m cnncalc", "--no-python"):
        assert word in text
