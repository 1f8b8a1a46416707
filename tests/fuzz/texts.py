"""Specs as text, mutated: shipped specs and fixtures, which have every feature between them, with changes by character,
token and line.
"""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOKEN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|\d+(?:\.\d+)?|\n *|\s+|.", re.DOTALL)
TEXTS = """
0 -1 1 2 3 7 10 64 1000 100000 1e9 1e400 9223372036854775807 99999999999999999999 0.5 1e-5 .nan .inf 010 0x10 16:9
true false yes no null ~ None in_channels in_size i j n H W 3xHxW 3x224x224 [3,H,W] [] {} [[]] [1,2] {a:1} ² ٣
conv maxpool avgpool linear flatten relu batchnorm add concat multiply subtract residual branches sequence upsample crop
pad reshape permute slice mean softmax dropout lrn groupnorm layernorm adaptive_avgpool global_avgpool pixel_shuffle
conv_transpose identity matmul capsule rbf subsample scale name from repeat when share frozen body shortcut skip merge
paths with crop like heads outputs params variants blocks layers input expect check kernel_size stride padding dilation
groups out_channels out_features size scale_factor bias same valid center $unit $x *a &a !x !!python/object >5 | --- %
# ' " : ; , ( ) [ ] { } * ** // % + - / < > <= >= == != and or not if else round_to(w,8) max(1,2) sum(depths) len(x)
9**9**9 2**64 x[0] depths[i] {i} {9**99} layer{i} "a{i}" *.skip ? @ ` \\t \\x00 é 🙂 \u2028
"""
WORDS = TEXTS.split()


@cache
def starting_points() -> tuple[str, ...]:
    """The shipped specs and the fixtures; two of three are valid."""
    valid = sorted([*(ROOT / "specs").glob("*.yaml"), *(ROOT / "tests" / "specs" / "ok").glob("*.yaml")])
    faulty = sorted((ROOT / "tests" / "specs" / "err").glob("*.yaml"))
    share = max(1, len(faulty) // len(valid))
    return tuple(path.read_text("utf-8") for path in (*valid * 2 * share, *faulty))


def mutate_spec(rng: random.Random) -> bytes:
    """One of the starting points, changed; now and then random bytes instead."""
    if rng.random() < 0.03:
        return rng.randbytes(rng.choice((1, 10, 100, 1000)))
    return mutate(rng, rng.choice(starting_points()), starting_points()).encode("utf-8", "surrogatepass")


def mutate(rng: random.Random, text: str, others: tuple[str, ...]) -> str:
    """A text with a few changes; what is inserted comes from `WORDS` or from the other texts."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        change = rng.choice((_change_characters, _change_token, _change_line, *[_change_value] * 5))
        text = change(rng, text, others)
    return text


def mutate_bytes(rng: random.Random, content: bytes) -> bytes:
    """Bytes changed, omitted and repeated."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) or 1)
        choice = rng.randrange(3)
        if choice == 0:
            data[at : at + 1] = rng.randbytes(1)
        elif choice == 1:
            del data[at : at + rng.randint(1, 30)]
        else:
            data[at:at] = data[at : at + rng.randint(1, 30)]
    return bytes(data)


def _change_characters(rng: random.Random, text: str, others: tuple[str, ...]) -> str:
    start = rng.randrange(len(text) + 1)
    end = min(len(text), start + rng.choice((0, 0, 1, 1, 3)))
    return text[:start] + rng.choice(("", chr(rng.randrange(32, 127)), chr(rng.randrange(1, 0x3000)))) + text[end:]


def _change_token(rng: random.Random, text: str, others: tuple[str, ...]) -> str:
    tokens = TOKEN.findall(text)
    if not tokens:
        return rng.choice(WORDS)
    place = rng.randrange(len(tokens))
    choice = rng.random()
    if choice < 0.4:
        tokens[place] = rng.choice(WORDS)
    elif choice < 0.6:
        tokens[place] = rng.choice(TOKEN.findall(rng.choice(others)) or WORDS)
    elif choice < 0.8:
        tokens.insert(place, rng.choice(WORDS))
    elif choice < 0.9:
        del tokens[place]
    else:
        other = rng.randrange(len(tokens))
        tokens[place], tokens[other] = tokens[other], tokens[place]
    return "".join(tokens)


def _change_value(rng: random.Random, text: str, others: tuple[str, ...]) -> str:
    """A number becomes another number, a name another name of the text: the text mostly remains valid YAML."""
    tokens = TOKEN.findall(text)
    words = [place for place, token in enumerate(tokens) if token[0].isalnum()]
    if not words:
        return text
    place = rng.choice(words)
    if tokens[place][0].isdigit():
        tokens[place] = rng.choice(("0", "1", "2", "3", "5", "7", "8", "33", "256", "0.5", "1000000", "n", "H"))
    else:
        tokens[place] = tokens[rng.choice(words)]
    return "".join(tokens)


def _change_line(rng: random.Random, text: str, others: tuple[str, ...]) -> str:
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    choice = rng.random()
    if choice < 0.25:
        del lines[place]
    elif choice < 0.5:
        lines.insert(rng.randrange(len(lines) + 1), lines[place])
    elif choice < 0.75:
        lines[place] = " " * rng.randrange(12) + lines[place].strip()
    else:
        lines.insert(place, rng.choice(rng.choice(others).split("\n")))
    return "\n".join(lines)
