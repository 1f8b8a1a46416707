"""Counts the parameters and buffers that a node owns. Shared weights count once, at their owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cnncalc.graph import Node
from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Parameters(NamedTuple):
    """Counts of elements: all `params`, the `biases` among them, the `trainable` (not frozen) ones, and `buffers`.

    `at_least`: some layer has unknown parameters, so that the counts are lower bounds.
    """

    params: Size = 0
    biases: Size = 0
    trainable: Size = 0
    buffers: Size = 0
    at_least: bool = False

    def __add__(self, other: object) -> Parameters:
        """The sum, figure by figure."""
        if not isinstance(other, Parameters):
            return NotImplemented
        params, biases = self.params + other.params, self.biases + other.biases
        trainable, buffers = self.trainable + other.trainable, self.buffers + other.buffers
        return Parameters(params, biases, trainable, buffers, self.at_least or other.at_least)

    @property
    def weights(self) -> Size:
        """The parameters that are not biases."""
        return self.params - self.biases


_NONE = Parameters()


def parameters_of(node: Node) -> Parameters:
    """Count the parameters and buffers that a node owns."""
    weights, known = node.weights, node.layer.weights_known
    if node.shares is not None or not (weights or node.buffers):
        return _NONE if known else Parameters(at_least=True)
    biases = numel(weights["bias"]) if "bias" in weights else 0
    params, buffers = total(map(numel, weights.values())), total(map(numel, node.buffers.values()))
    return Parameters(params, biases, 0 if node.frozen else params, buffers, not known)


def sum_of(each: Iterable[Parameters]) -> Parameters:
    """The sum, figure by figure. A report has one object for equal layers, which is added once, times their number."""
    summands = list(each)
    numbers = Counter(map(id, summands))
    distinct = [(one, numbers[key]) for key, one in {id(one): one for one in summands}.items()]
    return Parameters(
        total(one.params * number for one, number in distinct),
        total(one.biases * number for one, number in distinct),
        total(one.trainable * number for one, number in distinct),
        total(one.buffers * number for one, number in distinct),
        any(one.at_least for one, _ in distinct),
    )


def total(counts: Iterable[Size]) -> Size:
    """The sum of sizes."""
    return sum(counts)
