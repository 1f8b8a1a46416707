"""Random command lines, drawn from the commands' own tables of options: a new command or option joins by itself.

An option's metavar says what its values look like; one with choices (`a|b`) draws from these, and one with a metavar
that is unknown here draws from all pools.
"""

from __future__ import annotations

import random
import re
from functools import cache
from typing import Any

import typer

from cnncalc import shipped
from cnncalc.analysis.figures import FIGURES
from cnncalc.cli.main import COMMANDS, tool
from cnncalc.names import CONVENTIONS, RULE_NAMES

from .texts import WORDS

SLOW = ("bench", "verify")  # they run PyTorch
SELDOM = ("help", "list", "rule", "schema", "show")  # their output depends on little
NEVER = ("--watch", "--module")  # endless; runs code
LEAVES = re.compile(r"torch:|^[/~]|\.\.")  # code that runs, and folders that are not the case's own
FIXED = {"--to": ("torch", "tf"), "--jobs": ("1", "0", "-1", "x", "²"), "--backend": ("threading", "loky", "no-such")}
SIZES = "3x99999999999 3xHxW 3xHxH 3xH HxWxC 3x224x224 3x7x5 1x1x1 3 3x8 3x8x8x8 CxHxW 3x2Hx2W x=3xHxW 0x1 3x-1 3x1e3"
VALUES = (
    "n=0 n=8 n=k n=2*k n=1e400 n= flag=true flag=x width=0.25 width=w depths=[1,2] depths=[] depths=[d,1] x=1 n=² =1"
)
POOLS: dict[str, tuple[str, ...]] = {
    "SIZES": tuple(SIZES.split()),
    "SWEPT": (
        "3x{4,8}",
        "3x{8:32:8}",
        "3x{8,16}x{8:64:7}",
        "3x{}",
        "3x{1:0}",
        "3x{8:32:0}",
        "3xHxW",
        "3x8x8",
        "{1,3}x9x9",
    ),
    "NAME=VALUE": tuple(VALUES.split()),
    "NAME=VALUES": (
        "n=1:4:1",
        "n={1,2,x}",
        "width={0.5,1}",
        "n=1:0:1",
        "n=1:2:0",
        "depths={[1,2],[3]}",
        "n=:",
        "flag={true}",
    ),
    "H=224,W=320": ("H=7", "H=8,W=9", "H=0", "H=,", "W=1e9", "n=3", "k=2", "H=9,W=7,S=3,C=3", "²=1"),
    "N": ("1", "0", "2", "-1", "7", "64", "1e3", "99999999999999999999", "N", "²", "1.5", "13", "17"),
    "STEPS": ("1", "1000", "100k", "1M", "0", "x"),
    "DTYPE": ("float16", "float32", "int8", "bf16", "float"),
    "LIST": ("params", "params,macs", "-params,macs", ",", "macs,macs", "nothing", ",".join(FIGURES)),
    "CONDITION": (
        "params < 5M",
        "output[0] == 10",
        "macs > params and fits",
        "1",
        "9**9**9 > n",
        "output[9] == 1",
        "(",
    ),
    "NAME[@VERSION]": (*CONVENTIONS, "torchinfo", "none@1"),
    "A B": (*CONVENTIONS, "none"),
    "RULE,…": (*RULE_NAMES, "all", "checkerboard,dominant-layer", "no-such"),
    "ROW,COLUMN": ("0,0", "5,5", "-1,-1", "999999,1", "1", "H,W", "0,0,0"),
    "LAYER": ("layer1", "last", "conv1", "unit1", "relu", "input", "conv*", "no.such", "1"),
    "8GiB": ("8GiB", "1", "0.5 MB", "-1", "1e99", "x"),
    "LIMITS": ("params=0%", "params=+1%,macs=5", "params", "fits=1", "x=1%"),
    "FILE": ("out.file", "-", "net.yaml", "no/such/out.file", "."),
    "SECONDS": ("1",),
    "TOPIC": ("conv", "residual", "checkerboard", "round_to", "shapes", "padding", "no-such", "in_channels"),
    "WORD": ("resnet", "params", "layers", "no-such"),
    "WORDS": ("stride", "batch norm", "(", ""),
    "NAME": ("n", "H", "adam", "sgd", "checkerboard", "alexnet", "conv1", "first", "no-such"),
}
ITEMS = (
    "relu",
    "maxpool: 2",
    "conv: {out_channels: 8, kernel_size: 3}",
    "linear: 10",
    "lstm: 5",
    "conv: {}",
    "[relu, flatten]",
)
SPECS = ("SPEC", "PATH", "NETWORK", "A B or REV")


@cache
def commands() -> dict[str, Any]:
    """Every command that is tried, with its parameters."""
    group: Any = typer.main.get_command(tool(["shapes"]))
    return {name: group.get_command(None, name) for name in COMMANDS if name not in SLOW}


def draw_command(rng: random.Random, names: tuple[str, ...]) -> tuple[str, ...]:
    """A command line; `names` are those of specs that are there."""
    name = rng.choice([each for each in commands() if each not in SELDOM or rng.random() < 0.2])
    words: list[str] = [name]
    for parameter in commands()[name].params:
        words += _draw(rng, name, parameter, names)
    return tuple(word for word in words if not LEAVES.search(word))


def _draw(rng: random.Random, command: str, parameter: Any, names: tuple[str, ...]) -> list[str]:
    metavar = parameter.metavar or ""
    if parameter.param_type_name == "argument":
        most = 1 if parameter.nargs == 1 else rng.choice((1, 1, 1, 2, 3))
        if metavar in SPECS or command == "show":
            return [_spec(rng, names) for _ in range(max(most, 2) if command == "diff" else most)]
        return [_value(rng, metavar) for _ in range(most)]
    option = parameter.opts[0]
    if option in NEVER or rng.random() < 0.75:
        return []
    if parameter.is_flag:
        return [option]
    if option in FIXED:
        return [option, rng.choice(FIXED[option])]
    if command == "sweep" and metavar == "SIZES":
        metavar = "SWEPT"
    return [option, *(_value(rng, metavar) for _ in range(parameter.nargs))]


def _value(rng: random.Random, metavar: str) -> str:
    if rng.random() < 0.04:
        return rng.choice(WORDS)
    if "|" in metavar and metavar not in POOLS:
        return rng.choice(metavar.split("|"))
    pool = POOLS.get(metavar) or rng.choice(list(POOLS.values()))
    return rng.choice(pool)


def _spec(rng: random.Random, names: tuple[str, ...]) -> str:
    roll = rng.random()
    if roll < 0.7:
        return rng.choice(names) + rng.choice(("", "", "", "", "@v1", "@2", "@none"))
    if roll < 0.85:
        return rng.choice(shipped.names())
    if roll < 0.95:
        return rng.choice(ITEMS)
    return rng.choice((".", "-", "*.yaml", "**", "no-such.yaml", "", "net.yaml:", "HEAD:net.yaml", *WORDS))
