"""The words of the tables: what a tool may count for a call, and the kinds of layer that go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cnncalc.conventions.call import Call
from cnncalc.symbolic import Size

Rule: TypeAlias = Callable[[Call], "Size | None"]
"""What a tool counts for a call; None where it cannot be told."""

GROUPS = {  # words that stand for several kinds in a table
    "CONVS": "conv conv_transpose",
    "NORMS": "batchnorm instancenorm layernorm groupnorm",
    "POOLS": "maxpool avgpool",
    "ADAPTIVE": "adaptive_avgpool adaptive_maxpool global_avgpool global_maxpool",
    "AVERAGING": "adaptive_avgpool global_avgpool",
    "SMOOTH": "sigmoid tanh hardswish hardsigmoid mish softplus",
    "ACTIVATIONS": "relu relu6 leaky_relu prelu elu selu celu gelu silu hardtanh abs SMOOTH",
    "SOFTMAXES": "softmax log_softmax",
    "JOINED": "add subtract multiply concat",
    "MOVES": "flatten reshape permute pixel_shuffle pixel_unshuffle channel_shuffle pad crop slice identity",
}


def kinds_of(words: str) -> list[str]:
    """The kinds that words name, each itself or by its group."""
    return [kind for word in words.split() for kind in (kinds_of(GROUPS[word]) if word in GROUPS else (word,))]


def without(words: str, others: str) -> str:
    """The kinds that the first words name and the others do not."""
    left_out = kinds_of(others)
    return " ".join(kind for kind in kinds_of(words) if kind not in left_out)


def rules(*rows: tuple[Rule, str]) -> Mapping[str, Rule]:
    """A table: rules and the kinds that each is for; no kind twice."""
    table: dict[str, Rule] = {}
    for rule, kinds in rows:
        for kind in kinds_of(kinds):
            if kind in table:
                msg = f"two rules for {kind}"
                raise ValueError(msg)
            table[kind] = rule
    return table


def nothing(call: Call) -> Size:
    """The tool sees it and counts nothing."""
    return 0


def macs(call: Call) -> Size:
    """M: multiply-accumulates, the bias not counted."""
    return call.macs


def biased(call: Call) -> Size:
    """M + b·y: multiply-accumulates, and an add of the bias."""
    return call.macs + call.bias


def entering(times: int = 1) -> Rule:
    """So many per input element."""
    return lambda call: times * call.x


def leaving(times: int = 1) -> Rule:
    """So many per output element."""
    return lambda call: times * call.y


def normalizing(affine: int, plain: int) -> Rule:
    """So many per input element, with and without learnt factors."""
    return lambda call: (affine if call.affine else plain) * call.x


def doubled(rule: Rule) -> Rule:
    """Twice what another rule says."""

    def twice(call: Call) -> Size | None:
        count = rule(call)
        return None if count is None else 2 * count

    return twice


def hooked(rule: Rule) -> Rule:
    """What a hook on modules counts."""
    return lambda call: rule(call) if call.hooked else 0


def patched(rule: Rule) -> Rule:
    """What a patched function counts, called by a module too."""
    return lambda call: rule(call) if call.patched else 0


def of_rank(rank: int, rule: Rule) -> Rule:
    """What is counted over so many spatial axes; nothing over others."""
    return lambda call: rule(call) if call.rank == rank else 0


def by_mode(modes: Mapping[str, int]) -> Rule:
    """So many per output element an interpolation, by its mode; modes that are not listed are not counted."""
    return lambda call: modes.get(call.layer.mode, 0) * call.y
