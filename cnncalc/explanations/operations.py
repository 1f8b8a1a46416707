"""Operations, term by term: MACs as a product of sizes, and FLOPs as a sum over kinds of operation."""

from __future__ import annotations

from cnncalc.analysis.cost import operations_of
from cnncalc.explanations.formula import Formula, Letter, Number, Value, product
from cnncalc.explanations.steps import POSITIONS, C, F, G, K, Step
from cnncalc.graph import Node
from cnncalc.layers.heads import heads_of
from cnncalc.layers.layer import Shape
from cnncalc.layers.operations import Operations
from cnncalc.quantities.sizes import numel


def operation_steps(node: Node) -> list[Step]:
    """The MACs, and the FLOPs (2 per MAC, 1 per other operation); empty if nothing is computed."""
    operations = operations_of(node)
    if operations is None:
        return [Step("operations", note="not known for this layer")]
    if not any(_some(number) for number in operations):
        return []
    return [*_macs(node, operations), _flops(operations)]


def _macs(node: Node, operations: Operations) -> list[Step]:
    if not _some(operations.mac):
        return []
    rule = {
        "conv": _conv,
        "deform_conv": _conv,
        "locally_connected": _conv,
        "conv_transpose": _transposed,
        "linear": _linear,
        "attention": _attention,
    }.get(node.kind)
    terms = rule(node) if rule else None
    if terms is None:
        return [Step("MACs", results=(operations.mac,))]
    factors, values, note = terms
    return [Step("MACs", product(factors), values, (operations.mac,), note=note)]


Terms = tuple[list[Formula], dict[str, Value], str]


def _conv(node: Node) -> Terms | None:
    """Output positions × filters × elements read per window: C/G·F·F."""
    if getattr(node.layer, "connections", None) is not None:
        return None
    filters, values = _filter(node, C)
    return [POSITIONS, K, *filters], values | _positions(node.output[1:]), "a window per position and filter"


def _transposed(node: Node) -> Terms:
    """Input positions × channels × elements written per window: K/G·F·F."""
    filters, values = _filter(node, K)
    return [POSITIONS, C, *filters], values | _positions(node.shapes[0][1:]), "a window written per input element"


def _linear(node: Node) -> Terms:
    features, outputs = node.weights["weight"][1], node.weights["weight"][0]
    rows = numel(node.output) // outputs
    values: dict[str, Value] = {"K": outputs, "C": features, "positions": rows}
    return ([K, C] if rows == 1 else [POSITIONS, K, C]), values, ""


def _attention(node: Node) -> Terms:
    """Per head and pair of query and key, d products for the score and dᵥ for the weighted value."""
    heads = heads_of(node.layer, node.shapes)  # type: ignore[arg-type] # of attention
    values: dict[str, Value] = {
        "h": node.layer.__dict__["num_heads"],
        "L_q": heads.queries,
        "L_k": heads.keys,
        "d": heads.key,
        "d_v": heads.value,
    }
    h, queries, keys, key, value = map(Letter, values)
    return [h, queries, keys, key + value], values, "heads, queries, keys per query, numbers of a key and of a value"


def _filter(node: Node, channels: Letter) -> tuple[list[Formula], dict[str, Value]]:
    layer = node.layer
    kernel: Shape = layer.kernel_size  # type: ignore[attr-defined] # of convolutions
    groups = getattr(layer, "groups", 1)
    read: Formula = channels if groups == 1 else channels / G
    values: dict[str, Value] = {"C": node.shapes[0][0], "K": node.output[0], "G": groups}
    if len(set(kernel)) == 1:
        return [read, *[F] * len(kernel)], values | {"F": kernel[0]}
    own = [Letter(f"F_{number}") for number in range(1, len(kernel) + 1)]
    return [read, *own], values | {letter.name: size for letter, size in zip(own, kernel, strict=True)}


def _positions(sizes: Shape) -> dict[str, Value]:
    return {"positions": numel(sizes)}


def _flops(operations: Operations) -> Step:
    """2·mac + add + …, for the kinds that occur."""
    terms = {kind: number for kind, number in operations._asdict().items() if _some(number)}
    formula: Formula | None = None
    for kind in terms:
        term = Number(2) * Letter(kind) if kind == "mac" else Letter(kind)
        formula = term if formula is None else formula + term
    values: dict[str, Value] = dict(terms)
    return Step("FLOPs", formula, values, (operations.flops,), note="for one image")


def _some(number: Value) -> bool:
    return not (isinstance(number, int) and number == 0)
