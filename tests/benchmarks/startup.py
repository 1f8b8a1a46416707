"""`cnncalc shapes` as a process, beside the import of the libraries that it uses: resnet@50 and lenet5.

Aim: at most 1.25 times `import typer, yaml` for resnet@50, and 1.15 times for lenet5.
"""

from __future__ import annotations

from measuring import processes, python, table

LIBRARIES = "import typer, yaml"


def command(*words: str) -> list[str]:
    """The process that runs a command of ours as the console script does."""
    return python(f"import sys; sys.argv[1:] = {list(words)!r}\nfrom cnncalc.cli.start import run; run()")


COMMANDS = {
    LIBRARIES: python(LIBRARIES),
    "cnncalc shapes resnet@50": command("shapes", "resnet@50"),
    "cnncalc shapes lenet5": command("shapes", "lenet5"),
    "cnncalc params resnet@50": command("params", "resnet@50"),
    "cnncalc --version": command("--version"),
    "import cnncalc": python("import cnncalc"),
    "import cnncalc.layers": python("import cnncalc.layers"),
    "import typer": python("import typer"),
    "import yaml": python("import yaml"),
    "python alone": python("pass"),
}

if __name__ == "__main__":
    print(table(processes(COMMANDS, rounds=21), LIBRARIES))
