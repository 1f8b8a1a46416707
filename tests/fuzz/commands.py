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
NEEDED = {"time": ("--device",)}  # options without which a command does little
NO_TOOLS = ("fvcor", "thop@0.1.1", "keras", ",", "torch,x", "all,²", "macs", "")  # any that is one runs PyTorch
FIXED = {
    "--to": ("torch",),
    "--jobs": ("1", "1", "0", "x", "²"),
    "--backend": ("threading", "no-such"),
    "--live": NO_TOOLS,
}
SYMBOLIC = ("3xHxW", "3xHxH", "3xHx32", "CxHxW", "3xH", "3xDxHxW")
POOLS: dict[str, tuple[str, ...]] = {  # by metavar: what is valid, at least for some networks
    "SIZES": (*SYMBOLIC, *SYMBOLIC, "3x224x224", "3x32x64", "1x28x28", "3x65x33", "3x64", "a=3xHxW", "HxWxC"),
    "SWEPT": ("3x{32,64}", "3x{32:96:32}", "3x{32,48}x{32:64:7}", "3x64x64", "{1,3}x33x33", "3x{64}"),
    "NAME=VALUE": (
        "n=8",
        "n=2",
        "flag=true",
        "flag=false",
        "n=k",
        "n=2*k",
        "width=0.5",
        "width=w",
        "depths=[1,2,1,1]",
        "depths=[d,1,1,1]",
    ),
    "NAME=VALUES": ("n=1:4:1", "n={1,2}", "width={0.5,1}", "depths={[1,1,1,1],[2,2,2,2]}", "flag={true,false}"),
    "H=224,W=320": ("H=64", "H=65,W=33", "H=7", "W=1000000", "C=3,H=32,W=32", "n=3", "k=2", "w=1"),
    "N": ("1", "2", "3", "7", "64", "13", "17", "1000"),
    "STEPS": ("1000", "100k", "1M", "10M"),
    "DTYPE": ("float16", "float32", "int8", "bf16"),
    "LIST": ("params", "params,macs", "-params,macs", ",".join(FIGURES)),
    "CONDITION": ("params < 5M", "output[0] == 10", "macs > params and fits", "peak_memory < 1G or params > 1"),
    "NAME[@VERSION]": tuple(CONVENTIONS),
    "A B": tuple(CONVENTIONS),
    "RULE,…": (*RULE_NAMES, "all", "checkerboard,dominant-layer"),
    "ROW,COLUMN": ("0,0", "5,5", "0", "999,1", "H,W", "0,0,0"),
    "LAYER": ("stem", "last", "conv1", "conv2", "relu1", "input", "1"),
    "8GiB": ("8GiB", "1MB", "0.5 MB"),
    "rtx4090|FILE": ("rtx4090", "RTX 3090", "h200", "i7_12700h", "raspberry_pi_5", "rtx", "net.yaml"),
    "1,64,256": ("1", "1,64,256", "1000000", "0", "1,x"),
    "LIMITS": ("params=0%", "params=+1%,macs=5", "macs=1M", "peak_memory=10%"),
    "FILE": ("out.file", "-"),
    "TOPIC": ("conv", "residual", "checkerboard", "round_to", "shapes", "padding", "in_channels"),
    "WORD": ("resnet", "params", "layers", "no-such"),
    "WORDS": ("stride", "batch norm", "("),
    "NAME": ("n", "H", "adam", "sgd", "checkerboard", "stem", "conv1"),
}
TEXT = "-1 0 1e400 ² x = , 3x-1 0x1 n= =1 n=² 3x{} H=0 n=1:2:0 no/such/out.file 99999999999999999999 :"
INVALID = (*WORDS, *TEXT.split(), "", "9**9**9 > n")
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
    imports = any(not each.endswith(".yaml") for each in names)
    less = {*SELDOM, *(() if imports else ("import",)), *(("check", "fmt", "sweep") if imports else ())}
    name = rng.choice([each for each in commands() if each not in less or rng.random() < 0.2])
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
    if option in NEVER or rng.random() < (0.1 if option in NEEDED.get(command, ()) else 0.85):
        return []
    if parameter.is_flag:
        return [option]
    if option in FIXED:
        return [option, rng.choice(FIXED[option])]
    if command == "sweep" and metavar == "SIZES":
        metavar = "SWEPT"
    return [option, *(_value(rng, metavar) for _ in range(parameter.nargs))]


def _value(rng: random.Random, metavar: str) -> str:
    if rng.random() < 0.05:
        return rng.choice(INVALID)
    if "|" in metavar and metavar not in POOLS:
        return rng.choice(metavar.split("|"))
    pool = POOLS.get(metavar) or rng.choice(list(POOLS.values()))
    return rng.choice(pool)


def _spec(rng: random.Random, names: tuple[str, ...]) -> str:
    roll = rng.random()
    if roll < 0.8:
        return rng.choice(names) + (rng.choice(("@v1", "@2", "@none")) if rng.random() < 0.1 else "")
    if roll < 0.9:
        return rng.choice(shipped.names())
    if roll < 0.97:
        return rng.choice(ITEMS)
    return rng.choice((".", "-", "*.yaml", "**", "no-such.yaml", "", "net.yaml:", "HEAD:net.yaml", *WORDS))
