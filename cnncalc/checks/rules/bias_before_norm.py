"""`bias-before-norm`: a bias that the following normalization cancels."""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import partial
from typing import ClassVar

from cnncalc.checks.edits import set_field
from cnncalc.checks.finding import Fix
from cnncalc.checks.places import Place
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.checks.wiring import Wiring
from cnncalc.document.types import LayerCall
from cnncalc.errors import Span
from cnncalc.graph import Node
from cnncalc.layers import LAYERS


class BiasBeforeNorm(Rule):
    """Everything that reads a layer with a bias subtracts the mean of each channel first."""

    name: ClassVar[str] = "bias-before-norm"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = "A layer has a bias, but everything that reads its output normalizes each channel to mean 0."
    why: ClassVar[str] = (
        "A constant added to a whole channel shifts its mean by the same amount, and the normalization subtracts the "
        "mean: the bias has no effect on the result and receives no gradient; the normalization's own β does its "
        "work. It costs parameters, optimizer state and one addition per element. Frozen normalization, which "
        "subtracts a fixed value, and layer and group normalization, which subtract the mean of several channels, are "
        "not reported."
    )
    example: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}  # 16 parameters for nothing
  - batchnorm
  - relu
"""
    fixed: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1, bias: false}
  - batchnorm
  - relu
"""
    source: ClassVar[str] = "Ioffe, Szegedy: Batch Normalization, arXiv:1502.03167, section 3.2."

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the layers with a bias per channel that has no effect."""
        wiring = subject.wiring
        centred = _centred_tensors(wiring)
        dead = {node.name for node in wiring.graph.nodes if _is_cancelled(wiring, node, centred)}
        needed = {node.span for node in wiring.graph.nodes if node.name not in dead}
        for node in wiring.graph.nodes:
            if node.name in dead:
                message = f"the bias of {node.kind} is cancelled by the mean that {centred[node.name]} subtracts"
                yield Case(node, message, ("bias",), partial(_fix, subject, node, needed))


def _is_cancelled(wiring: Wiring, node: Node, centred: Container[str]) -> bool:
    biased = node.layer.weighs and node.weights.get("bias") == node.output[:1]  # one per channel
    across = len(node.output) > 1 and node.layer.positions == "gathered"  # a linear layer over the last axis
    return biased and not across and all(user.name in centred for user in wiring.users(node))


def _centred_tensors(wiring: Wiring) -> dict[str, str]:
    """Tensors of which every reader subtracts the mean of each channel → the kind of normalization that does."""
    kinds: dict[str, str] = {}
    for node in reversed(wiring.graph.nodes):  # readers come first
        found = [
            reader.kind
            if reader.layer.centres(reader.output, reader.frozen)
            else kinds.get(reader.name)
            if reader.layer.keeps_offsets
            else None
            for reader in wiring.consumers.get(node.name, ())
        ]
        if found and all(found) and node.name not in wiring.outputs:
            kinds[node.name] = found[0] or ""
    return kinds


def _fix(subject: Subject, node: Node, needed: Container[Span | None]) -> Fix:
    """The fix `bias: false`, with an edit if the text alone shows that a normalization always follows."""
    words = "bias: false"
    place = subject.places.of(node)
    if place is None or node.span in needed:
        return Fix(words)
    item = place.item
    own = not (item.share or item.repeat or item.frozen) and len(subject.wiring.users(node)) == 1
    if not (own and _norm_follows(place) and subject.places.mentions.is_unmentioned(item)):
        return Fix(words)
    return Fix(words, set_field(subject.places, place, "bias", "false"))


def _norm_follows(place: Place) -> bool:
    """Whether the next item is a normalization, in every variant and every use."""
    after = place.sibling(1)
    if after is None or not isinstance(after.body, LayerCall) or not LAYERS[after.body.kind].centred:
        return False
    return not (after.when or after.repeat or after.source or after.frozen)
