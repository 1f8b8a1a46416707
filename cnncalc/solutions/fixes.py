"""Fixes for a stride that drops pixels: computed, then verified by re-analysis (docs/formulas.md).

For the network: the nearest inputs at which every layer fits. For one layer: padding, on both sides or one, and a
kernel that reads the leftover rows without changing the output size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from cnncalc.analysis.fit import fit_of
from cnncalc.elaborate.exchange import Exchange
from cnncalc.elaborate.replay import replay
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph, Node
from cnncalc.layers.layer import Layer, Shape
from cnncalc.layers.window import Window
from cnncalc.records import Record
from cnncalc.solutions.conditions import Fitting, fit_requirements, solve, symbolic_input
from cnncalc.symbolic import Residues, Size, Undecidable, symbol


class Fix(Record):
    """A change as a spec would write it, the layer to change (None: the input), and the resulting output shape."""

    layer: str | None
    change: str
    output: Shape


def describe_fix(fix: Fix) -> str:
    """The fix as one line of text."""
    shape = "×".join(map(str, fix.output))
    if fix.layer is None:
        return f"{fix.change} (every layer fits, output {shape})"
    return f"{fix.change} (fits, output {shape})"


def input_fixes(graph: Graph, fitting: Fitting = "exact") -> list[Fix]:
    """The nearest smaller and larger inputs at which every layer fits exactly, or drops no pixel.

    Empty if layer arguments depend on spatial sizes: another input would change the layers.
    """
    if graph.sized or len(graph.inputs) != 1 or _symbolic(graph.inputs.values()):
        return []
    (name, shape), *_ = graph.inputs.items()
    sizes = symbolic_input(dict(graph.inputs))[name]
    symbols = tuple(symbol(size) if isinstance(size, str) else size for size in sizes)
    try:
        axes = {axis.symbol: axis.fitting for axis in solve(replay(graph, {name: symbols}), fitting).axes}
    except (CnncalcError, Undecidable):
        return []
    nearest = [_nearest(axes.get(str(size)), now) for size, now in zip(sizes, shape, strict=True)]
    fixes = []
    for side in (0, 1):
        changed = tuple(size for pair in nearest if (size := pair[side]) is not None)
        if changed != shape and len(changed) == len(shape):
            fixes += _checked_input(graph, name, changed, fitting)
    return fixes


def _nearest(fitting: Residues | None, now: Size) -> tuple[Size | None, Size | None]:
    """The nearest fitting sizes below and above; a size that is not a symbol stays the same."""
    return fitting.nearest(now) if fitting is not None and isinstance(now, int) else (now, now)


def _symbolic(shapes: Iterable[Shape]) -> bool:
    return any(not isinstance(size, int) for shape in shapes for size in shape)


def _checked_input(graph: Graph, name: str, shape: Shape, fitting: Fitting) -> list[Fix]:
    try:
        fixed = replay(graph, {name: shape})
    except CnncalcError:
        return []
    if any(requirement.holds is False for requirement in fit_requirements(fixed.nodes, fitting)):
        return []
    output = fixed.shape(next(iter(fixed.outputs.values())))
    return [Fix(None, f"{name}: {'x'.join(map(str, shape))}", output)]


def layer_fixes(graph: Graph | Exchange, name: str) -> list[Fix]:
    """The changes that make one layer fit, each verified by re-analysis; empty if its input is symbolic.

    Those who ask for many layers of a graph pass its `Exchange`, which remembers what it has verified.
    """
    exchange = graph if isinstance(graph, Exchange) else Exchange(graph)
    node = exchange.node(name)
    if _symbolic(node.shapes):
        return []
    fixes = []
    for change, layer in _candidates(node):
        after = exchange.try_layer(name, layer)
        fit = fit_of(after) if after else None
        if after is not None and fit is not None and fit.fits:
            fixes.append(Fix(name, change, after.output))
    return fixes


def _candidates(node: Node) -> Iterator[tuple[str, Layer]]:
    windows = node.layer.windows(node.shapes)
    for field, change in (("padding", _even), ("padding", _one_sided), ("kernel_size", _larger_kernel)):
        if field not in node.layer.arguments:
            continue
        changed = [change(window) for window in windows]
        if all(value is not None for value in changed):
            follows = field == "kernel_size" and getattr(node.layer, "stride", 1) is None
            also = f", stride: {_format_values([window.stride for window in windows])}" if follows else ""
            yield f"{field}: {_format_values(changed)}{also}", _with(node.layer, windows, {field: tuple(changed)})


def _with(layer: Layer, windows: tuple[Window, ...], changes: dict[str, object]) -> Layer:
    """The layer with some fields changed; a stride that defaulted to the kernel keeps its value."""
    stride = {"stride": tuple(window.stride for window in windows)}
    values = {name: getattr(layer, name) for name in layer.arguments}
    return type(layer)(**{**values, **stride, **changes})


Change = Callable[[Window], object]


def _even(window: Window) -> tuple[int, int] | None:
    """The smallest padding on both sides, at least the current one, that leaves nothing over."""
    low, high, leftover, stride = _as_integers(window)
    rows = -leftover % stride
    if rows % 2:  # both sides get the same: if odd, add another (odd) stride
        rows += stride
    return None if rows % 2 else (low + rows // 2, high + rows // 2)


def _one_sided(window: Window) -> tuple[int, int]:
    """Padding on the high side only, until one more window fits."""
    low, high, leftover, stride = _as_integers(window)
    return low, high + -leftover % stride


def _larger_kernel(window: Window) -> int | None:
    """F + leftover/D: the kernel that reads the leftover rows with the same number of windows."""
    _, _, leftover, _ = _as_integers(window)
    kernel, dilation = window.kernel, window.dilation
    if not isinstance(kernel, int) or not isinstance(dilation, int) or leftover % dilation:
        return None
    return kernel + leftover // dilation


def _as_integers(window: Window) -> tuple[int, int, int, int]:
    low, high, leftover, stride = window.low, window.high, window.leftover, window.stride
    if not (isinstance(low, int) and isinstance(high, int) and isinstance(leftover, int) and isinstance(stride, int)):
        msg = "a fix needs numbers, not symbols"
        raise TypeError(msg)
    return low, high, leftover, stride


def _format_values(values: Sequence[object]) -> str:
    """One value per axis as a spec writes it: a single one if they agree, [low, high] where sides differ."""
    texts = [_format_value(value) for value in values]
    if len(set(texts)) == 1 and not texts[0].startswith("["):
        return texts[0]
    return f"[{', '.join(texts)}]"


def _format_value(value: object) -> str:
    if isinstance(value, tuple):
        return str(value[0]) if value[0] == value[1] else f"[{value[0]}, {value[1]}]"
    return str(value)
