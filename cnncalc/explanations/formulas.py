"""The formula of a sliding layer with its numbers put in: ⌊(224 − 11 + 2·0)/4⌋ + 1 = 54."""

from __future__ import annotations

from cnncalc.analysis.fit import Fit
from cnncalc.graph import Node
from cnncalc.layers.transposed import ConvTranspose
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import size_text
from cnncalc.symbolic import Size

AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def formula(node: Node, fit: Fit | None) -> str:
    """The output size of a sliding layer, worked out axis by axis; nothing for another layer."""
    if isinstance(node.layer, ConvTranspose):
        return by_axis(_transposed(node, node.layer))
    return by_axis([_worked(window) for window in fit.windows]) if fit else ""


def by_axis(texts: list[str]) -> str:
    """One text where all axes agree, else each with the names of its axes; an empty one is left out."""
    if len(set(texts)) == 1:
        return texts[0]
    names = AXES.get(len(texts), tuple(f"axis {index}" for index in range(len(texts))))
    alike: dict[str, list[str]] = {}
    for name, text in zip(names, texts, strict=True):
        alike.setdefault(text, []).append(name)
    return "; ".join(f"{', '.join(named)} {text}" for text, named in alike.items() if text)


def quotient(window: Window) -> str:
    """The formula without rounding: (224 − 11 + 2·0)/4 + 1; a dilated kernel as D·(F − 1) + 1."""
    return f"({_slack(window)})/{_factor(window.stride)} + 1"


def _slack(window: Window) -> str:
    kernel = f"− {_factor(window.kernel)}"
    if not (isinstance(window.dilation, int) and window.dilation == 1):
        kernel = f"− {_factor(window.dilation)}·({size_text(window.kernel)} − 1) − 1"
    return f"{size_text(window.size)} {kernel} + {_padding(window)}"


def _padding(window: Window) -> str:
    if window.low == window.high:
        return f"2·{_factor(window.low)}"
    return f"{_factor(window.low)} + {_factor(window.high)}"


def _factor(size: Size) -> str:
    text = size_text(size)
    return f"({text})" if " " in text else text


def _worked(window: Window) -> str:
    out = size_text(window.out)
    whole = isinstance(window.leftover, int) and window.leftover == 0
    if whole:
        return f"{quotient(window)} = {out}"
    low, high = "⌈⌉" if window.ceil_mode else "⌊⌋"
    text = f"{low}({_slack(window)})/{_factor(window.stride)}{high} + 1"
    if window.ceil_mode and isinstance(window.leftover, int) and window.leftover > 0:
        text += " − 1"  # PyTorch leaves out a last window that would start in the padding
    return f"{text} = {out}"


def _transposed(node: Node, layer: ConvTranspose) -> list[str]:
    axes = zip(
        node.shapes[0][1:], layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.output_padding,
        node.output[1:], strict=True,
    )  # fmt: skip
    texts = []
    for size, kernel, stride, (low, high), dilation, extra, out in axes:
        window = Window(size, kernel, stride, low, high, dilation)
        reach = _factor(window.kernel) if dilation == 1 else f"{_factor(dilation)}·({size_text(kernel)} − 1) + 1"
        pads = f"2·{_factor(low)}" if low == high else f"{_factor(low)} − {_factor(high)}"
        more = f" + {_factor(extra)}" if extra != 0 else ""
        texts.append(f"{_factor(stride)}·({size_text(size)} − 1) + {reach} − {pads}{more} = {size_text(out)}")
    return texts
