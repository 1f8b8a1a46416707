"""Rules for attention: PyTorch's function, and the two products around a softmax that stand for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.pytorch.places import MOST_MOVES, MOVES
from cnncalc.importers.pytorch.rules.attending import NORMS, Scores, attend
from cnncalc.importers.pytorch.rules.joins import JOINS, rescale
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Inexpressible, Tensor
from cnncalc.importers.traced import TracedNode

VIEWS = ("reshape", "flatten")


def function(call: Call) -> Tensor:
    """PyTorch's `scaled_dot_product_attention`."""
    return attend(call, *_read(call))


def _read(call: Call) -> tuple[Sequence[Tensor], Scores]:
    """Its queries, keys and values, and what happens to the scores."""
    parts = [call.tensor(name) for name in ("query", "key", "value")]
    width = parts[0].seen(call.batch)[-1]
    mask, factor = call["attn_mask"], call["scale"]
    factor = width**-0.5 if factor is None else float(factor)
    return parts, Scores(factor, [] if mask is None else [mask], None, bool(call["is_causal"]))


def step_by_step(call: Call) -> Tensor:
    """The products and the softmax as layers by themselves, as the queries of some windows are fewer than the keys."""
    (queries, keys, values), scores = _read(call)
    keys = keys._replace(order=(*keys.order[:-2], keys.order[-1], keys.order[-2]))
    q, k, v = (call.arranged(tensor, None) for tensor in (queries, keys, values))
    if scores.causal or len({(each.order, each.shape[:-2]) for each in (q, k, v)}) > 1 or min(q.order[-2:]) <= 0:
        raise Inexpressible
    q = rescale(call, q, exact(scores.factor), 0)
    product = call.emit("matmul", {}, [q, k], (*q.shape[:-1], k.shape[-1]), q.order, own=False)
    for each in scores.added:
        product = JOINS["add"](replace(call, arguments={"self": product, "other": each, "alpha": 1}))  # type: ignore[assignment]
    weights = call.emit("softmax", {"dim": len(product.shape)}, [product], product.shape, q.order, own=False)
    return call.emit("matmul", {}, [weights, v], (*q.shape[:-1], v.shape[-1]), q.order)


def either_product(call: Call, left: Tensor, right: Tensor) -> Tensor | None:
    """The same for the product of weights and values, or of both transposed, v·wᵀ."""
    found = products(call, left, right)
    if found is not None:
        return found
    left, right = (each._replace(order=(*each.order[:-2], each.order[-1], each.order[-2])) for each in (left, right))
    found = products(call, right, left)
    return found and found._replace(order=(*found.order[:-2], found.order[-1], found.order[-2]))


def products(call: Call, weights: Tensor, values: Tensor) -> Tensor | None:
    """Softmax(q·kᵀ·s + b)·v, where s stands before or behind the first product; None for any other product."""
    emission, rank = call.emission, len(weights.shape)
    softmax = emission.nodes.get(_behind(emission.nodes, weights.name, ("dropout", *VIEWS)))
    if rank < 3 or softmax is None or softmax.kind != "softmax" or softmax.arguments.get("dim") != len(softmax.output):
        return None
    found = _scores(emission, softmax.inputs[0])
    if found is None or weights.order[-2:] != (rank - 1, rank) or len(values.order) != len(weights.order):
        return None
    product, scores = found
    queries, keys = (emission.shapes[name] for name in product.inputs)
    front = weights.order[:-2]
    if keys[:-2] != queries[:-2] or len(queries) != rank or len(values.shape) != rank:
        return None
    for name in product.inputs:
        scores = scores._replace(factor=scores.factor * _factor(emission.nodes, name, ("rescale", *MOVES, *NORMS)))
    parts = [
        Tensor(product.inputs[0], queries, weights.order),
        Tensor(product.inputs[1], keys, (*front, rank, rank - 1)),
        values,
    ]
    try:
        return attend(call, parts, scores)
    except Inexpressible:
        return None


def _scores(emission: Emission, name: str) -> tuple[TracedNode, Scores] | None:
    """The product of queries and keys behind a tensor, and what was done to it; None where there is none."""
    scores = Scores(1.0)
    for _ in range(MOST_MOVES):
        node = emission.nodes.get(name)
        if node is None:
            return None
        layers = (*scores.layers, name)
        if node.kind == "matmul":
            return node, scores._replace(layers=layers)
        added = emission.added.get(name)
        if added is not None and added.op == "add" and scores.scaled is None:
            scores, name = (
                scores._replace(added=[*scores.added, added.constant], layers=(*layers, *added.layers)),
                added.source,
            )
        elif added is not None and added.op == "mul" and scores.scaled is None:
            scores, name = scores._replace(scaled=added.constant, layers=layers), added.source
        elif node.kind == "rescale" and not node.arguments.get("offset"):
            factor = float(node.arguments.get("factor", 1))  # type: ignore[arg-type] # a number
            scores, name = scores._replace(factor=scores.factor * factor, layers=layers), node.inputs[0]
        elif node.kind in VIEWS:
            name = node.inputs[0]
        else:
            return None
    return None


def _behind(nodes: dict[str, TracedNode], name: str, kinds: Sequence[str]) -> str:
    """The tensor before the layers of these kinds."""
    for _ in range(MOST_MOVES):
        node = nodes.get(name)
        if node is None or node.kind not in kinds:
            return name
        name = node.inputs[0]
    return name


def _factor(nodes: dict[str, TracedNode], name: str, kinds: Sequence[str]) -> float:
    """The product of the factors before a tensor."""
    factor = 1.0
    for _ in range(MOST_MOVES):
        node = nodes.get(name)
        if node is None or node.kind not in kinds or len(node.inputs) != 1:
            break
        if node.kind == "rescale":
            if node.arguments.get("offset"):
                return 0.0
            factor *= float(node.arguments.get("factor", 1))  # type: ignore[arg-type] # a number
        name = node.inputs[0]
    return factor
