"""The output size of a sliding layer as a formula, in letters or with numbers: ⌊(224 − 11 + 2·0)/4⌋ + 1 = 54."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.analysis.fit import Fit
from cnncalc.explanations.axes import by_axis
from cnncalc.explanations.formula import Formula, Rounded, Value
from cnncalc.explanations.steps import P_HIGH, P_LOW, P_OUT, D, E, F, N, P, S
from cnncalc.graph import Node
from cnncalc.layers.transposed import ConvTranspose
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import size_text
from cnncalc.symbolic import Size


def letters(window: Window) -> dict[str, Value]:
    """Letter → value for a window."""
    values: dict[str, Value] = {"N": window.size, "F": window.kernel, "S": window.stride, "D": window.dilation}
    values |= {"E": window.extent, "out": window.out}
    return values | ({"P": window.low} if window.low == window.high else {"P_low": window.low, "P_high": window.high})


def padding(window: Window) -> Formula:
    """2P, or P_low + P_high if they differ."""
    return 2 * P if window.low == window.high else P_LOW + P_HIGH


def slack(window: Window, worked_out: bool = False) -> Formula:
    """N − F + 2P; if dilated, N − E + 2P when E was `worked_out` in an earlier step, else N − D·(F − 1) − 1 + 2P."""
    if window.dilation == 1:
        return N - F + padding(window)
    return (N - E if worked_out else N - D * (F - 1) - 1) + padding(window)


def transposed(layer: ConvTranspose, node: Node) -> Iterator[tuple[Formula, dict[str, Value], Size]]:
    """For every axis, S·(N − 1) + D·(F − 1) + 1 − 2P, the values of its letters, and the output size."""
    axes = zip(
        node.shapes[0][1:], node.output[1:], layer.kernel_size, layer.stride, layer.padding, layer.dilation,
        layer.output_padding, strict=True,
    )  # fmt: skip
    for size, out, kernel, stride, (low, high), dilation, extra in axes:
        window = Window(size, kernel, stride, low, high, dilation)
        reach = S * (N - 1) + F if dilation == 1 else S * (N - 1) + D * (F - 1) + 1
        formula = reach - padding(window)
        yield formula if extra == 0 else formula + P_OUT, {**letters(window), "P_out": extra, "out": out}, out


def formula(node: Node, fit: Fit | None) -> str:
    """The output size of a sliding layer, computed axis by axis; empty for any other layer."""
    if isinstance(node.layer, ConvTranspose):
        axes = transposed(node.layer, node)
        return by_axis([f"{size.render(values)} = {size_text(out)}" for size, values, out in axes])
    return by_axis([_work_out(window) for window in fit.windows]) if fit else ""


def quotient(window: Window) -> str:
    """The formula without rounding: (224 − 11 + 2·0)/4 + 1."""
    return (slack(window) / S + 1).render(letters(window))


def _work_out(window: Window) -> str:
    out = size_text(window.out)
    if isinstance(window.leftover, int) and window.leftover == 0:
        return f"{quotient(window)} = {out}"
    text = (Rounded(slack(window) / S, window.ceil_mode) + 1).render(letters(window))
    if window.ceil_mode and isinstance(window.leftover, int) and window.leftover > 0:
        text += " − 1"  # PyTorch drops a last window that would start in the padding
    return f"{text} = {out}"
