"""Shape checks shared by layers: dimension numbers, divisibility, broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.errors import LayerError
from cnncalc.layers.layer import Require, Shape, map_of, text
from cnncalc.symbolic import Size, relation_eq


def dimension(kind: str, dim: int, shape: Shape, field: str = "dim") -> int:
    """The index into `shape` of PyTorch's dimension `dim`, which counts the batch as 0."""
    rank = len(shape) + 1
    if not -rank <= dim < rank:
        raise LayerError(
            f"{kind}: {field} (={dim}) must be between 1 and {rank - 1}, the axes of {text(shape)}", field=field
        )
    index = dim % rank - 1
    if index < 0:
        raise LayerError(f"{kind}: {field} (={dim}) is the batch; channels are 1", field=field)
    return index


def reduced_axes(kind: str, dim: tuple[int, ...] | str, shape: Shape) -> set[int]:
    """The indices into `shape` of the dimensions over which a layer reduces; `spatial` is all but the channels."""
    if isinstance(dim, str):
        map_of(kind, shape)
        return set(range(1, len(shape)))
    reduced = {dimension(kind, each, shape) for each in dim}
    if len(reduced) < len(dim):
        raise LayerError(f"{kind}: dim lists a dimension of {text(shape)} twice, got {text(dim)}", field="dim")
    return reduced


def require_divisible(kind: str, size: Size, name: str, divisor: Size, field: str, require: Require) -> None:
    """Require that `size`, called `name`, is a multiple of the `divisor` set by `field`."""
    rest = size % divisor
    if type(rest) is int and rest == 0:
        return
    require(
        relation_eq(rest, 0),
        lambda: LayerError(
            f"{kind}: {name} (={size}) must be divisible by {field} (={divisor})", field=field.rpartition(" ")[2]
        ),
    )


def broadcast(kind: str, shapes: Sequence[Shape], require: Require) -> Shape:
    """The common shape of tensors of equal rank; a size of 1 matches any other."""
    if len({len(shape) for shape in shapes}) > 1:
        raise LayerError(f"{kind} needs inputs with the same number of axes, got {' and '.join(map(text, shapes))}")
    return tuple(_common(kind, sizes, shapes, require) for sizes in zip(*shapes, strict=True))


def _common(kind: str, sizes: Shape, shapes: Sequence[Shape], require: Require) -> Size:
    wide = [size for size in sizes if not (isinstance(size, int) and size == 1)]
    for size in wide[1:]:
        require(
            relation_eq(size, wide[0]),
            lambda: LayerError(f"{kind} needs inputs of the same shape, got {' and '.join(map(text, shapes))}"),
        )
    return wide[0] if wide else 1
