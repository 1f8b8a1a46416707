"""What other tools count of attention, by how its source writes it (docs/conventions.md)."""

from __future__ import annotations

from cnncalc.conventions.call import Call
from cnncalc.conventions.rules import Rule, nothing
from cnncalc.layers.heads import heads_of
from cnncalc.symbolic import Size


class Sizes:
    """h heads, Lq queries and Lk keys of an attention, of d numbers each; E numbers in a query of all heads."""

    def __init__(self, call: Call) -> None:
        heads = heads_of(call.layer, call.node.shapes)
        self.h: Size = call.layer.num_heads
        self.lq: Size = heads.queries
        self.lk: Size = heads.keys
        self.d: Size = heads.key
        self.embed: Size = self.h * self.d
        self.weights: Size = self.h * self.lq * self.lk


def attending(
    functional: Rule, operator: Rule, module: Rule = nothing, plain: bool = False, turned: bool = False
) -> Rule:
    """The rule for attention, written with PyTorch's function or as two products.

    `nn.MultiheadAttention` calls that function, or products where it returns the weights; `module` is what a hook on
    it counts besides. Windows and masks are known too, unless `plain`; normalized or turned queries only where
    `turned`.
    """

    def count(call: Call) -> Size | None:
        if (plain and not call.plain and not call.by) or (call.turned and not turned):
            return None
        inner = operator if call.by or call.written == "operator" else functional
        counts = (inner(call), module(call) if call.hooked else 0)
        return None if None in counts else sum(count for count in counts if count is not None)

    return count


def by_function(products: Rule, names: str = "matmul bmm", softmax: int = 0) -> Rule:
    """The products where functions of these names compute them, and `softmax` per weight if a function does."""

    def count(call: Call) -> Size | None:
        known = products(call) if any(name in call.by for name in names.split()) else 0
        return None if known is None else known + (softmax * Sizes(call).weights if "softmax" in call.by else 0)

    return count


def projected(call: Call) -> Size:
    """ultralytics-thop's rule for `nn.MultiheadAttention`: projections, and the softmax; the products come besides."""
    of = Sizes(call)
    projections: Size = of.embed * (2 * of.lq * of.embed + 2 * of.lk * of.embed)
    return projections + of.h * of.lq * (3 * of.lk - 1)


def hooked_heads(call: Call) -> Size:
    """ptflops' rule for `nn.MultiheadAttention`: scaled queries, projections with biases, products, softmax."""
    of = Sizes(call)
    entering: Size = of.lq * of.embed + (of.lq + 2 * of.lk) * (of.embed * of.embed + of.embed)
    return entering + 2 * of.weights * of.d + of.weights + of.lq * of.embed * (of.embed + 1)


def every_operation(call: Call) -> Size:
    """torch-scan's rule for `nn.MultiheadAttention`; 2E per number of a biased projection of E."""
    of = Sizes(call)
    projections: Size = 2 * of.embed * of.embed * (2 * of.lq + 2 * of.lk)
    scaled = 1 + of.lq * of.embed
    softmax = of.h * of.lq * (3 * of.lk - 1)
    averaged = of.weights if call.by else 0
    products = of.weights * (2 * of.d - 1) + of.h * of.lq * of.d * (2 * of.lk - 1)
    return projections + scaled + products + softmax + averaged
