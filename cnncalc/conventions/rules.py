"""The vocabulary of the tables: rules for one call, and groups of kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cnncalc.conventions.call import Call
from cnncalc.symbolic import Size

Rule: TypeAlias = Callable[[Call], "Size | None"]
"""A tool's count for a call; None if it cannot be determined."""

GROUPS = {  # words that stand for several kinds in a table
    "CONVS": "conv conv_transpose",
    "NORMS": "batchnorm instancenorm layernorm groupnorm",
    "POOLS": "maxpool avgpool",
    "ADAPTIVE": "adaptive_avgpool adaptive_maxpool global_avgpool global_maxpool",
    "AVERAGING": "adaptive_avgpool global_avgpool",
    "SMOOTH": "sigmoid tanh hardswish hardsigmoid mish softplus",
    "ACTIVATIONS": "relu relu6 leaky_relu prelu elu selu celu gelu silu hardtanh abs SMOOTH",
    "SOFTMAXES": "softmax log_softmax",
    "JOINED": "add subtract multiply divide concat",
    "TENSORS": "parameter constant",
    "REDUCED": "sum max var std cumsum",
    "TRIED": "glu rmsnorm",  # the layers of transformers that all these tools were tried on
    "RECURRENT": "lstm gru rnn",
    "OTHERS": "REDUCED grid_sample roi_align nms embedding drop_path",  # which most tools never count
    "MOVES": "flatten reshape permute pixel_shuffle pixel_unshuffle channel_shuffle pad crop slice take roll identity",
}


def kinds_of(words: str) -> list[str]:
    """The kinds named by these words, each a kind or a group."""
    return [kind for word in words.split() for kind in (kinds_of(GROUPS[word]) if word in GROUPS else (word,))]


def without(words: str, others: str) -> str:
    """The kinds in the first words that are not in the others."""
    left_out = kinds_of(others)
    return " ".join(kind for kind in kinds_of(words) if kind not in left_out)


def rules(*rows: tuple[Rule, str]) -> Mapping[str, Rule]:
    """A table from rows of a rule and its kinds; raises ValueError if a kind occurs twice."""
    table: dict[str, Rule] = {}
    for rule, kinds in rows:
        for kind in kinds_of(kinds):
            if kind in table:
                msg = f"two rules for {kind}"
                raise ValueError(msg)
            table[kind] = rule
    return table


def nothing(call: Call) -> Size:
    """0: the tool counts nothing."""
    return 0


def macs(call: Call) -> Size:
    """M: multiply-accumulates without the bias."""
    return call.macs


def biased(call: Call) -> Size:
    """M + b·y: multiply-accumulates, and one addition per output element for the bias."""
    return call.macs + call.bias


def entering(times: int = 1) -> Rule:
    """`times` per input element."""
    return lambda call: times * call.x


def leaving(times: int = 1) -> Rule:
    """`times` per output element."""
    return lambda call: times * call.y


def joining(call: Call) -> Size:
    """y for every tensor that is added to the first, or multiplied."""
    return call.y * (len(call.node.inputs) - 1)


def normalizing(affine: int, plain: int) -> Rule:
    """Operations per input element, with and without trainable scale."""
    return lambda call: (affine if call.affine else plain) * call.x


def times(factor: int, rule: Rule) -> Rule:
    """The count of another rule, multiplied."""

    def multiplied(call: Call) -> Size | None:
        count = rule(call)
        return None if count is None else factor * count

    return multiplied


def doubled(rule: Rule) -> Rule:
    """Twice the count of another rule."""
    return times(2, rule)


def hooked(rule: Rule) -> Rule:
    """The rule if a hook on modules sees the call, else 0."""
    return lambda call: rule(call) if call.hooked else 0


def exactly(rule: Rule) -> Rule:
    """The rule if a hook on modules of exactly PyTorch's own class sees the call, else 0."""
    return lambda call: rule(call) if call.exact else 0


def patched(rule: Rule) -> Rule:
    """The rule if a patched function sees the call, also from inside a module, else 0."""
    return lambda call: rule(call) if call.patched else 0


def called(rule: Rule) -> Rule:
    """The rule, but 0 where an operator stands for the layer: `x.mean()` for pooling."""
    return lambda call: 0 if call.written == "operator" else rule(call)


def merging(add: Rule, multiply: Rule) -> Rule:
    """The rule by which a tensor of the layer's own joins the input; 0 if it is concatenated or by itself."""
    return lambda call: {"add": add, "multiply": multiply}.get(call.layer.merge, nothing)(call)


def of_rank(rank: int, rule: Rule) -> Rule:
    """The rule for this number of spatial axes, else 0."""
    return lambda call: rule(call) if call.rank == rank else 0


def by_mode(modes: Mapping[str, int]) -> Rule:
    """Operations per output element of an interpolation, by mode; other modes, and antialiased ones, count 0."""
    return lambda call: 0 if call.layer.antialias else modes.get(call.layer.mode, 0) * call.y
