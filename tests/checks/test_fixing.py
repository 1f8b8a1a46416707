"""`--fix`: what changes is what was meant, the file stands whole whatever happens, a second time changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from cnncalc.checks.finding import Edit, Finding, Fix
from cnncalc.checks.fixing import apply_edits, disjoint_edits, fix
from cnncalc.checks.levels import Choice
from cnncalc.checks.many import Task
from cnncalc.checks.run import check_source
from cnncalc.errors import Source, Span, UsageError
from cnncalc.limits import MOST_CHECKS
from cnncalc.source.reading import read

from ..effort import steps
from ..examples import examples

BEFORE = """# A net.
input: 3x32x32   # small

layers:
  - conv: {out_channels: 8,   kernel_size: 3}  # wide
  - batchnorm     # cnncalc: ignore[checkerboard]
  - relu
  - relu          # twice
  # cnncalc: ignore[checkerboard, repeated-activation]
  - conv:
      out_channels: 8
      kernel_size: 3  # see there
  - batchnorm
"""
AFTER = """# A net.
input: 3x32x32   # small

layers:
  - conv: {out_channels: 8,   kernel_size: 3, bias: false}  # wide
  - batchnorm
  - relu
  # twice
  - conv:
      out_channels: 8
      kernel_size: 3  # see there
      bias: false
  - batchnorm
"""


def fix_file(path: Path, choice: Choice | None = None):
    choice = choice or Choice()
    return fix(Task(str(path)), choice, check_source(read(str(path)), choice))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_all_fixes_and_nothing_else(tmp_path, line_end, mark):
    path = tmp_path / "net.yaml"
    path.write_bytes(mark + BEFORE.replace("\n", line_end).encode())
    fixed = fix_file(path)
    assert path.read_bytes() == mark + AFTER.replace("\n", line_end).encode()
    assert fixed.left == 0
    assert fixed.fixes >= 4
    assert [each.rule for each in fixed.checked.findings if each.fix and each.fix.edits] == []
    status = path.stat()
    assert fix_file(path).fixes == 0
    assert path.stat().st_mtime_ns == status.st_mtime_ns, "a second time writes nothing"


def test_a_fix_that_breaks_a_promise_is_left(tmp_path):
    path = tmp_path / "net.yaml"
    text = "input: 3x8x8\nlayers:\n  - conv: {out_channels: 2, kernel_size: 1}\n  - batchnorm\n  - relu\n  - relu\n"
    path.write_text(f"{text}expect: {{params: 12}}\n")
    fixed = fix_file(path)
    assert (fixed.fixes, fixed.left) == (1, 1)
    (left,) = (each for each in fixed.checked.findings if each.rule == "bias-before-norm")
    assert left.fix == Fix("bias: false"), "nothing says that --fix does it"
    assert path.read_text() == f"{text.removesuffix('  - relu' + chr(10))}expect: {{params: 12}}\n"


def count_checks(monkeypatch):
    """A list that grows with every check of a whole spec while it is being fixed."""
    checks = []

    def counted(*arguments):
        checks.append(arguments)
        return check_source(*arguments)

    monkeypatch.setattr("cnncalc.checks.fixing.check_source", counted)
    return checks


NORMED = "  - conv: {out_channels: 3, kernel_size: 1}\n  - batchnorm\n"  # 18 parameters, of which a fix removes 3
TWICE = "  - relu\n  - relu\n  - sigmoid\n"


@pytest.mark.parametrize(
    ("layers", "params", "fixes", "left", "most"),
    [(TWICE * 60 + NORMED + TWICE * 60, 18, 120, 1, 20), (NORMED * 100, 1800, 0, 100, MOST_CHECKS + 1)],
    ids=["one of many", "all"],
)
def test_refused_fixes_cost_few_checks(tmp_path, monkeypatch, layers, params, fixes, left, most):
    path = tmp_path / "net.yaml"
    path.write_text(f"input: 3x8x8\nlayers:\n{layers}expect: {{params: {params}}}\n")
    checked = check_source(read(str(path)), Choice())
    checks = count_checks(monkeypatch)
    fixed = fix(Task(str(path), None), Choice(), checked)
    assert (fixed.fixes, fixed.left + fixed.untried) == (fixes, left)
    assert len(checks) <= most


def finding(*places):
    """A finding of which the fix replaces these places."""
    return Finding("some-rule", "warning", "", fix=Fix("", tuple(Edit(Span(PAGE, *place), "") for place in places)))


PAGE = Source("net.yaml", "")


def test_fixes_made_together_do_not_touch():
    """Each is made unless it touches one made before it: held against all edits made, one by one."""
    random = Random(4)
    for _ in range(examples(500)):
        wanted = []
        for _ in range(random.randint(1, 8)):
            lines = random.sample(range(1, 4), random.randint(1, 2))
            wanted.append(finding(*((line, random.randint(1, 9), random.randint(0, 3)) for line in lines)))
        made = []
        for each in wanted:
            if not any(
                one.span.line == two.span.line
                and max(one.span.column, two.span.column)
                <= min(one.span.column + one.span.width, two.span.column + two.span.width)
                for one in each.fix.edits
                for two in made
            ):
                made += each.fix.edits
        assert disjoint_edits(wanted) == made


@pytest.mark.parametrize("place", [lambda at: (at + 1, 1, 3), lambda at: (1, 1 + 5 * at, 3)], ids=["lines", "one line"])
def test_the_choice_of_fixes_is_linear(place):
    wanted = [finding(place(at)) for at in range(2000)]
    steps(lambda: disjoint_edits(wanted), 2000 * 10)


@pytest.mark.parametrize(
    ("before", "item", "after"),
    [
        ("layers:\n", "  - relu\n", ""),
        ("layers: [", "relu, ", "]\n"),
        ("layers:\n", "  - conv: {out_channels: 3, kernel_size: 1}\n  - batchnorm\n", ""),
        ("layers: [", "{conv: {out_channels: 3, kernel_size: 1}}, batchnorm, ", "]\n"),
        ("layers: # cnncalc: ignore[checkerboard]", " # cnncalc: ignore[checkerboard]", "\n  - relu\n"),
    ],
)
def test_many_fixes_take_linear_steps(tmp_path, before, item, after):
    path = tmp_path / "net.yaml"
    path.write_text(f"input: 3x8x8\n{before}{item * 500}{after}")
    choice, fixed = Choice(select=("repeated-activation", "bias-before-norm", "unused-ignore", "checkerboard")), []
    steps(lambda: fixed.append(fix_file(path, choice)), 500 * 5000)
    assert fixed[0].fixes >= 499


@pytest.mark.parametrize("text", ["input: 3x8x8\nlayers: [rely]\n", "input: 3x8x8\nlayers: [relu]\n"])
def test_nothing_to_fix(tmp_path, text):
    path = tmp_path / "net.yaml"
    path.write_text(text)
    assert fix_file(path).fixes == 0
    assert path.read_text() == text


def test_changed_meanwhile(tmp_path, monkeypatch):
    path = tmp_path / "net.yaml"
    path.write_text(BEFORE)

    def meanwhile(source: Source, *more):
        path.write_text("input: 3x8x8\nlayers: [relu]\n")
        return check_source(source, *more)

    monkeypatch.setattr("cnncalc.checks.fixing.check_source", meanwhile)
    with pytest.raises(UsageError, match="changed in the meantime: not written"):
        fix(Task(str(path)), Choice(), check_source(Source(str(path), BEFORE), Choice()))
    assert path.read_text() == "input: 3x8x8\nlayers: [relu]\n"
    assert list(tmp_path.iterdir()) == [path]


def test_read_only(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(BEFORE)
    path.chmod(0o444)
    with pytest.raises(UsageError, match="read-only: not written"):
        fix_file(path)
    assert path.read_text() == BEFORE


def test_gone_meanwhile(tmp_path):
    path = tmp_path / "net.yaml"
    with pytest.raises(UsageError, match="no such file"):
        fix(Task(str(path)), Choice(), check_source(Source(str(path), BEFORE), Choice()))


TEXT = "one two\nthree\n\nfour"


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        ([(1, 5, 3, "2")], "one 2\nthree\n\nfour"),
        ([(1, 1, 0, "> "), (4, 5, 0, "!")], "> one two\nthree\n\nfour!"),
        ([(2, 1, 6, "")], "one two\n\nfour"),
        ([(3, 1, 1, "")], "one two\nthree\nfour"),
        ([(2, 3, 4, "E\n")], "one two\nthE\n\nfour"),
        ([(4, 1, 5, "")], "one two\nthree\n\n"),
        ([(1, 1, 3, "1"), (1, 5, 3, "2"), (2, 6, 0, "\nnew")], "1 2\nthree\nnew\n\nfour"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_edits(edits, after, line_end):
    source = Source("net.yaml", TEXT.replace("\n", line_end))
    made = apply_edits(
        source.text, [Edit(Span(source, *place), text.replace("\n", line_end)) for *place, text in edits]
    )
    assert made == after.replace("\n", line_end)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_at_any_moment_the_old_or_the_new_file_stands_whole(tmp_path):
    """Before each line of the code that writes: until the file is replaced the old one stands, from then on the new."""
    path = tmp_path / "net.yaml"
    path.write_text(BEFORE)
    script, root = Path(__file__).with_name("killed.py"), Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, script, path], env=environment, capture_output=True, check=True, timeout=100)
    texts = json.loads(done.stdout)
    old = texts.count(BEFORE)
    assert texts == [BEFORE] * old + [AFTER] * (len(texts) - old)
    assert 10 < old < len(texts) - 1
