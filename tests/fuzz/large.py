"""Specs that are valid and large: many layers, variants, parameters, comments, faults; forms of many symbols."""

from __future__ import annotations

import random
from collections.abc import Iterator

COUNTS = (10, 100, 300, 1000)
FAULTY = ("conv: {out_channels: 3, kernel_size: 3, strde: 2}", "convv: 3", "linear: nn", "relu: {from: r}")
FITTED = (
    "conv: {out_channels: 4, kernel_size: 3, stride: 2, padding: 1}",
    "maxpool: {kernel_size: 3, stride: 2, padding: 1, ceil_mode: true}",
    "conv: {out_channels: 8, kernel_size: 3, dilation: 3, padding: 3}",
    "relu",
    "concat: stem",
    "batchnorm",
    "upsample: {scale_factor: 2}",
)


def make_large(rng: random.Random) -> bytes:
    """A spec in which some of its parts are repeated many times."""
    parts = dict(_parts(rng))
    chosen = {"input", "params", "layers", *rng.sample(sorted(parts), rng.randrange(1, len(parts)))}
    return "".join(text for name, text in parts.items() if name in chosen).encode()


def _parts(rng: random.Random) -> Iterator[tuple[str, str]]:
    def many(line: str) -> str:
        return "".join(line.replace("#", str(number)) for number in range(rng.choice(COUNTS)))

    yield "comments", rng.choice((many("# comment #\n"), "#" * 100_000 + "\n"))
    sizes = rng.choice(("3x64x64", "3xHxW", "CxHxW", "3x1000x1000", "3xHxH"))
    yield "input", f"input: {sizes}\n" if rng.random() < 0.8 else "input:\n" + many("  in#: [C#, H#, W#]\n")
    yield "params", "params:\n  n: 1\n" + many("  p#: 1\n")
    yield "variants", "variants:\n" + many(f"  v#: {{n: {rng.choice((1, 3, 500))}}}\n")
    form = f"(in_channels + in_size[0] + in_size[1] + 1)**{rng.choice((2, 8, 24, 60))}"
    layers = [f"  - {line}\n" for line in (*FITTED, f"conv: {{out_channels: '{form}', kernel_size: 1}}")]
    body = "".join(rng.choice(layers) for _ in range(rng.choice((1, 3, 20))))
    repeated = rng.choice(
        (many(rng.choice(layers)), f"  - {{sequence: [relu], repeat: {rng.choice((100, 20_000))}}}\n")
    )
    faults = many(f"  - {rng.choice(FAULTY)}\n") if rng.random() < 0.2 else ""
    yield "layers", f"layers:\n  - identity:\n    name: stem\n  - relu\n{body}{repeated}{faults}"
    yield "expect", "expect:\n  at:\n" + many(f"    3x{rng.choice((8, 64))}x#: {{macs: at least 1}}\n")
