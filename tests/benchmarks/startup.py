"""`cnncalc shapes resnet@50` as a process, beside the import of the libraries that it uses (aim: at most 1.4x)."""

from __future__ import annotations

from measuring import processes, python, table

LIBRARIES = "import typer, yaml, rich.console, rich.table"
COMMANDS = {
    LIBRARIES: python(LIBRARIES),
    "cnncalc shapes resnet@50": python(
        "import sys; sys.argv[1:] = ['shapes', 'resnet@50']\nfrom cnncalc.cli.start import run; run()"
    ),
    "cnncalc params resnet@50": python(
        "import sys; sys.argv[1:] = ['params', 'resnet@50']\nfrom cnncalc.cli.start import run; run()"
    ),
    "cnncalc --version": python("import sys; sys.argv[1:] = ['--version']\nfrom cnncalc.cli.start import run; run()"),
    "import cnncalc": python("import cnncalc"),
    "import cnncalc.layers": python("import cnncalc.layers"),
    "import typer": python("import typer"),
    "import yaml": python("import yaml"),
    "python alone": python("pass"),
}

if __name__ == "__main__":
    print(table(processes(COMMANDS), LIBRARIES))
