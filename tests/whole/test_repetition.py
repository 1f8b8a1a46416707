"""No six lines in a row stand twice in the package; what is imported does not count."""

import ast
from collections import defaultdict
from pathlib import Path

import cnncalc

PACKAGE = Path(cnncalc.__file__).parent
RUN = 6
# A rule's example and its fixed example are nearly the same spec, and rules share specs: they are there to be compared.
EXAMPLES = PACKAGE / "checks" / "rules"
# Every layer that PyTorch lacks is written out with all that it needs: an exported file holds only those that it uses.
WRITTEN_OUT = PACKAGE / "pytorch" / "written_out"


def lines_of(path):
    text = path.read_text("utf-8")
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {line for node in imports for line in range(node.lineno, node.end_lineno + 1)}
    lines = [line.strip() for number, line in enumerate(text.splitlines(), 1) if number not in imported]
    return [line for line in lines if line]


def test_no_run_of_six_equal_lines_stands_twice():
    places = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent != EXAMPLES and path.parent != WRITTEN_OUT:
            lines = lines_of(path)
            for start in range(len(lines) - RUN + 1):
                places[tuple(lines[start : start + RUN])].append(path.relative_to(PACKAGE).as_posix())
    doubled = {run: files for run, files in places.items() if len(files) > 1}
    assert not doubled, "\n\n".join(f"{files}\n" + "\n".join(run) for run, files in doubled.items())
