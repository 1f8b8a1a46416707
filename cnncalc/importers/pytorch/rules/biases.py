"""What is added to the scores of an attention, and what scales them: tables by offset, masks, small networks."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Stored, Tensor
from cnncalc.importers.pytorch.windows import Local

MOVED = (
    *(
        "view",
        "reshape",
        "permute",
        "transpose",
        "unsqueeze",
        "squeeze",
        "flatten",
        "contiguous",
        "clone",
        "to",
        "expand",
    ),
    *("index", "index_select", "slice", "select", "repeat", "dropout", "_unsafe_view", "alias"),
)
POINTWISE = ("sigmoid", "relu", "gelu", "silu", "tanh")
TABLE, INDEX = "relative_position_bias_table", "relative_position_index"


class Fields(NamedTuple):
    """Fields of an attention that come from layers it stands for, with its weights and masks."""

    fields: dict[str, object]
    stored: dict[str, Stored]
    masks: list[Tensor]


class Biased(NamedTuple):
    """The sizes of an attention whose scores are biased."""

    heads: int
    sizes: Sizes  # of the queries
    keys: Sizes
    local: Local | None

    @property
    def extents(self) -> Sizes:
        """The positions that one query attends to, along each axis."""
        return self.local.extents if self.local else self.keys

    @property
    def scores(self) -> tuple[int, int]:
        """The queries and the keys of one group."""
        return prod(self.local.extents if self.local else self.sizes), prod(self.extents)


def scale(scaled: Constant | None, heads: int) -> Fields:
    """The learned factor of every head."""
    if scaled is None:
        return Fields({}, {}, [])
    if len(scaled.sources) != 1 or not scaled.sources[0].learnt or scaled.sources[0].numel != heads:
        raise Inexpressible
    return Fields({"scale": "learnt"}, {"logit_scale": scaled.sources[0]._replace(shape=(heads,))}, [])


def biases(call: Call, added: Sequence[Constant | Tensor], sizes: Biased) -> Fields:
    """The fields for all that is added to the scores.

    Raises:
        Inexpressible: no field of ours says what it is.
    """
    fields: dict[str, object] = {}
    stored: dict[str, Stored] = {}
    masks: list[Tensor] = []
    for each in added:
        found = _mask_of_tensor(call, each, sizes) if isinstance(each, Tensor) else _bias(call, each, sizes)
        fields |= found.fields
        stored |= found.stored
        masks += found.masks
    return Fields(fields, stored, masks)


def _bias(call: Call, constant: Constant, sizes: Biased) -> Fields:
    learnt = [stored for stored in constant.sources if stored.learnt]
    if not learnt or _is_of_shift(constant, sizes):
        return _mask(call, constant, sizes)
    if len(learnt) > 1:
        return _masked(call, _network(call, constant, sizes), constant, sizes)
    (table,) = learnt
    rows, keys = sizes.scores
    counts = {"offset": prod(2 * n - 1 for n in sizes.extents), "distance": prod(sizes.extents)}
    for word, count in counts.items():
        if table.numel == count * sizes.heads:
            stored = {TABLE: table._replace(shape=(count, sizes.heads)), **_index(constant, sizes)}
            return Fields({"relative_bias": word}, stored, [])
    if table.numel % (rows * keys) == 0 and table.numel // (rows * keys) in (1, sizes.heads):
        shape: Sizes = (table.numel // (rows * keys), rows, keys)
    elif table.numel % sizes.heads == 0:
        shape = (sizes.heads, table.numel // sizes.heads)
    else:
        raise Inexpressible
    weight = {"weight": table._replace(shape=shape)}
    mask = call.emit("parameter", {"shape": list(shape)}, [], shape, None, weight, own=False)
    return _masked(call, mask, constant, sizes)


def _is_of_shift(constant: Constant, sizes: Biased) -> bool:
    """Whether a tensor holds scores for every shifted window: a mask, though its format does not say it is fixed."""
    if sizes.local is None or not any(sizes.local.shift) or constant.shape[-3:-2] != (1,):
        return False
    return prod(constant.shape) == prod(sizes.sizes) // prod(sizes.extents) * prod(sizes.scores)


def _masked(call: Call, mask: Tensor, constant: Constant, sizes: Biased) -> Fields:
    """A tensor that is added to the scores, or a table in which they are looked up."""
    stored = _index(constant, sizes) if len(mask.shape) == 2 else {}
    return Fields({"attn_mask": "mask"}, stored, [mask])


def _index(constant: Constant, sizes: Biased) -> dict[str, Stored]:
    """The buffer that says where in a table every score is."""
    places = [stored for stored in constant.sources if not stored.learnt and stored.numel == prod(sizes.scores)]
    return {INDEX: places[0]._replace(shape=sizes.scores)} if places else {}


def _mask(call: Call, constant: Constant, sizes: Biased) -> Fields:
    """A tensor that is not learned: the mask of shifted windows, which a shift implies, or any other."""
    if sizes.local is not None and any(sizes.local.shift):
        return Fields({}, {}, [])
    shape = (1, 1, 1, *constant.shape)[-3:]
    allowed = zip(shape, (sizes.heads, *sizes.scores), strict=True)
    if prod(shape) != prod(constant.shape) or any(size not in (1, whole) for size, whole in allowed):
        raise Inexpressible
    stored = {"weight": constant.sources[0]._replace(shape=shape)} if constant.whole and constant.sources else {}
    arguments = {"shape": list(shape), **({"buffer": True} if stored else {})}
    mask = call.emit("constant", arguments, [], shape, None, stored, own=False)
    return Fields({"attn_mask": "mask"}, {}, [mask])


def _mask_of_tensor(call: Call, mask: Tensor, sizes: Biased) -> Fields:
    """A mask that depends on the input."""
    if sizes.local is not None or mask.order[0] != 0 or len(mask.shape) != 3:
        raise Inexpressible
    return Fields({"attn_mask": "mask"}, {}, [call.arranged(mask, None)])


def _network(call: Call, constant: Constant, sizes: Biased) -> Tensor:
    """The layers that compute a table from the coordinates of its offsets."""
    steps: list[tuple[str, Any]] = []
    while any(stored.learnt for stored in constant.sources) and constant.made is not None:
        op, arguments = constant.made.call.op, constant.made.call.arguments
        number = arguments.get("other")
        if op in POINTWISE or op == "linear" or (op == "mul" and isinstance(number, int | float)):
            steps.append((op, arguments))
        elif op not in MOVED:
            raise Inexpressible
        constant = next(arguments[name] for name in ("self", "input", "tensor") if name in arguments)
        if not isinstance(constant, Constant):
            raise Inexpressible
    if any(stored.learnt for stored in constant.sources):
        raise Inexpressible
    return _flat(call, _apply(call, _coordinates(call, constant), steps[::-1]), sizes)


def _coordinates(call: Call, constant: Constant) -> Tensor:
    """A list of coordinates as a map; its numbers are the channels."""
    shape = (constant.shape[-1], *(size for size in constant.shape[:-1] if size != 1))
    stored = {"weight": constant.sources[0]._replace(shape=shape)} if constant.whole and constant.sources else {}
    arguments = {"shape": list(shape), **({"buffer": True} if stored else {})}
    return call.emit("constant", arguments, [], shape, None, stored, own=False)


def _apply(call: Call, tensor: Tensor, steps: Sequence[tuple[str, Any]]) -> Tensor:
    """Add the layers of a network, one after another."""
    for op, arguments in steps:
        if op == "linear":
            weight, bias = arguments["weight"], arguments["bias"]
            stored = {"weight": weight.sources[0], **({"bias": bias.sources[0]} if bias else {})}
            fields = {"out_features": weight.shape[0], "bias": bias is not None, "axis": "channels"}
            tensor = call.emit("linear", fields, [tensor], (weight.shape[0], *tensor.shape[1:]), None, stored)
        elif op == "mul":
            fields = {"factor": exact(arguments["other"])}
            tensor = call.emit("rescale", fields, [tensor], tensor.shape, own=False)
        else:
            tensor = call.emit(op, {}, [tensor], tensor.shape, own=False)
    return tensor


def _flat(call: Call, tensor: Tensor, sizes: Biased) -> Tensor:
    """A table [heads, offsets], or the scores [heads, queries, keys]."""
    if tensor.shape[0] != sizes.heads:
        raise Inexpressible
    whole = prod(tensor.shape[1:])
    shape: Sizes = (sizes.heads, *sizes.scores) if whole == prod(sizes.scores) else (sizes.heads, whole)
    if shape == tensor.shape:
        return tensor
    if len(shape) == 2:
        return call.emit("flatten", {"start_dim": 2}, [tensor], shape, own=False)
    return call.emit("reshape", {"shape": list(shape)}, [tensor], shape, own=False)
