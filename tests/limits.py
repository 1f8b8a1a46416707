"""What each limit of `cnncalc/limits.py` lets pass, and what not: `TRIALS[name](n)` uses up n of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import reduce
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import pytest

import cnncalc
from cnncalc.cli import patterns, project
from cnncalc.errors import Source
from cnncalc.pytorch.bench.results.saved import read_saved
from cnncalc.quantities.given import whole_number
from cnncalc.source import git, reading
from cnncalc.symbolic import symbol


class Trial(NamedTuple):
    """How to use up a limit.

    Attributes:
        use: uses up n; the current folder is empty.
        message: what is said beyond the limit, with `{}` for it.
        lowered: the module whose copy of the limit is lowered, and to what, where the real value is expensive.
        beyond: the least value beyond the limit that `use` can make, if not the next.
    """

    use: Callable[[int], object]
    message: str
    lowered: tuple[str, int] | None = None
    beyond: int | None = None


TRIALS: dict[str, Trial] = {}


def tries(name: str, message: str, **options):
    def register(use):
        TRIALS[name] = Trial(use, message, **options)
        return use

    return register


def analyse(layers: str, params: str = "x: 1", blocks: str = "", size: str = "3x8x8"):
    text = f"input: {size}\nparams: {{{params}}}\n{blocks}layers:\n{layers}\n"
    return cnncalc.parse(text).analyze()


def write(name: str, text: str, size: int) -> str:
    """A file of so many bytes: a text, and a comment or spaces to fill it."""
    Path(name).write_text(text + " " * (size - len(text)))
    return name


# Reading files


@tries("LARGEST_SPEC", "larger than 4 MiB")
def spec_of_bytes(n):
    cnncalc.load(write("net.yaml", "input: 3x8x8\nlayers: [relu]\n#", n))


@tries("LARGEST_WITHOUT_LIBYAML", "256 KiB")
def spec_without_libyaml(n):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_has_libyaml", lambda: False)
        reading.parse(Source("net.yaml", "input: 3x8x8\nlayers: [relu]\n#".ljust(n)))


@tries("DEEPEST_YAML", "nested more than {:,} deep")
def nested_collections(n):
    analyse("  - relu", params=f"x: {'[' * (n - 2)}{']' * (n - 2)}")


@tries("MOST_YAML_NODES", "more than {:,} nodes")
def yaml_nodes(n):
    cnncalc.parse("input: 3x8x8\nlayers: [" + "relu," * (n - 5) + "]")


@tries("MOST_ALIASED", "the aliases repeat more than {:,} nodes")
def aliased_nodes(n):
    lists = "".join(f", b{i}: *a" for i in range(n // 1000)) + "".join(f", c{i}: *s" for i in range(n % 1000))
    analyse("  - relu", params=f"a: &a [{'1,' * 999}], s: &s 1{lists}")


@tries("LARGEST_PROJECT", "larger than 4 MiB")
def project_of_bytes(n):
    write("pyproject.toml", "[tool.cnncalc]\n#", n)
    project.project()


@tries("MOST_FILES", "covers more than 5 files", lowered=("cnncalc.cli.patterns", 5))
def files_below_a_pattern(n):
    folder = Path(str(n))
    folder.mkdir()
    for number in range(n):
        (folder / f"{number}.yaml").touch()
    patterns.expand(f"{n}/*.yaml")


@tries("LARGEST_GIT_OUTPUT", "git writes more than", lowered=("cnncalc.source.git", 1000))
def git_output(n):
    command = [sys.executable, "-c", f"print('x' * {n}, end='')"]
    git._wait(subprocess.Popen(command, stdout=subprocess.PIPE))


@tries("LARGEST_RUN", "larger than 64 MiB")
def saved_benchmark(n):
    from cnncalc.pytorch.bench.results.saved import SCHEMA

    text = f'{{"schema": "{SCHEMA}", "environment": {{}}, "settings": {{}}, "runs": []}}'
    read_saved(Path(write("run.json", text, n)))


# Values


@tries("LARGEST_NUMBER", "up to 2^63")
def number(n):
    analyse("  - relu", params=f"x: {n}")


@tries("MOST_DIGITS", "it has more than {} digits")
def digits(n):
    analyse("  - relu", params=f"x: 0.{'1' * (n - 2)}")


@tries("MOST_ZEROS", "the exponent is too large: at most {}")
def zeros(n):
    analyse("  - relu", params=f"x: 1e-{n}")


@tries("LARGEST_BATCH", "--batch")
def batch(n):
    whole_number("--batch", str(n), cnncalc.limits.LARGEST_BATCH)


@tries("MOST_AXES", "expected 1 to {} sizes")
def axes(n):
    analyse("  - relu", size="x".join(repeat("2", n)))


@tries("MOST_STACKED", "num_layers: expected at most {:,}")
def stacked(n):
    analyse(f"  - lstm: {{hidden_size: 4, num_layers: {n}}}", size="4x8")


@tries("LONGEST_EXPRESSION", "longer than {:,} characters")
def expression(n):
    analyse(f"  - linear: '{'1' if n % 2 else '10'}{'+1' * ((n - 1) // 2)}'", size="3")


@tries("DEEPEST_EXPRESSION", "nested more than {:,} deep")
def nested_expression(n):
    analyse(size="3", layers=f"  - linear: '{'(' * n}1{')' * n}'")


@tries("MOST_BITS", "the result is too large")
def bits(n):
    analyse(size="3", layers=f"  - linear: '2**{n - 1} // 2**{n - 1}'")


@tries("LONGEST_LIST", "at most {:,} numbers")
def elements(n):
    analyse("  - relu", params=f"x: [{'1,' * n}]")


@tries("LONGEST_NAME", "longer than {:,} characters")
def name(n):
    analyse(f"  - relu:\n    name: '{'a' * (n - 1)}{{x}}'")


# The expansion of one network


@tries("MOST_LAYERS", "more than {:,} layers after expansion")
def layers(n):
    analyse(
        "  - {sequence: [relu], repeat: 50_000}\n".replace("_", "") + f"  - {{sequence: [relu], repeat: {n - 50_000}}}"
    )


@tries("MOST_ITEMS", "more than 50 items after expansion", lowered=("cnncalc.elaborate.limits", 50))
def items(n):
    analyse("  - {relu: , when: false}\n" * n)


@tries("MOST_EDGES", "more than 50 connections between layers", lowered=("cnncalc.elaborate.limits", 50))
def edges(n):
    analyse("  - relu\n" * n)


@tries("MOST_ELEMENTS", "too much computation on long lists", lowered=("cnncalc.elaborate.limits", 160), beyond=176)
def computed_elements(n):
    analyse("  - relu", params=f"x: [{'1,' * (n // 16)}]")


@tries("MOST_LETTERS", "more than 50 characters in total", lowered=("cnncalc.elaborate.limits", 50))
def letters(n):
    analyse(f"  - relu:\n    name: {'a' * n}")


@tries("DEEPEST_BLOCKS", "blocks are nested more than {:,} deep")
def blocks(n):
    lines = "".join(f"  b{i}: [b{i + 1}]\n" for i in range(1, n))
    analyse("  - b1", blocks=f"blocks:\n{lines}  b{n}: [relu]\n")


# Closed forms and fields


@tries("WORK_LIMIT", "by 10 terms is too long to work out", lowered=("cnncalc.symbolic.polynomials", 100), beyond=110)
def products(n):
    many = sum((symbol(f"a{i}") for i in range(n // 10)), symbol("b") - symbol("b"))
    ten = sum((symbol(f"c{i}") for i in range(10)), symbol("b") - symbol("b"))
    many * ten


@tries("MAX_EXPONENT", "exponent")
def exponent(n):
    symbol("H") ** n


@tries("MAX_DEGREE", "degree past {}", beyond=1001)
def degree(n):
    factors = (10, 10, 10) if n == 1000 else (7, 11, 13)
    reduce(lambda form, factor: form**factor, factors, symbol("H"))


@tries("MOST_DIVISOR_BITS", "a floor is divided by more than 2^{}")
def divisor_bits(n):
    symbol("H") // 2 ** (n - 1)


@tries("MOST_ROWS", "more than {:,} rows on the way")
def rows(n):
    report = analyse(f"  - conv: {{out_channels: 1, kernel_size: {n - 1}}}\n    name: wide", size=f"1x{n}")
    report.footprint("wide", (0,))
