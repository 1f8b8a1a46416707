"""The predicted time of a batch: the sum over all kernels of what they multiply, move and launch.

A device's fit has the seconds of one unit of every term (`terms`). The interval around the sum contains 90 % of the
measured runs of networks of families that the fit had not seen (docs/time.md).

The least time that a data sheet allows is the larger of all operations over the peak rate and of the bytes that no run
avoids (weights, inputs and outputs, once each) over the bandwidth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from cnncalc.analysis.memory.memory import Memory
from cnncalc.devices.device import Device, Fit, Setting
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, list_symbols
from cnncalc.prediction.fusing import compiled_kernels
from cnncalc.prediction.kernels import Kernel, eager_kernels
from cnncalc.prediction.terms import amounts_of
from cnncalc.prediction.widths import FULL, HALF, PLAIN
from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple, Record

By = Literal["compute", "bandwidth", "launch"]
HOST = 10e-6
"""Seconds in which a host at most queues a kernel of PyTorch's: shorter kernels leave a GPU waiting for it."""


class Parts(NamedTuple):
    """Seconds by what they are spent on."""

    compute: float = 0.0
    bandwidth: float = 0.0
    launch: float = 0.0

    @property
    def seconds(self) -> float:
        """The sum."""
        return self.compute + self.bandwidth + self.launch

    @property
    def by(self) -> By:
        """What takes most of the time."""
        return max(("compute", "bandwidth", "launch"), key=lambda name: getattr(self, name))


class LayerTime(NamedTuple):
    """The time of a layer and of the casts before it; of fused layers, under the name of the last."""

    name: str
    parts: Parts
    least: float | None
    known: bool = True
    kernels: int = 1


class Prediction(Record):
    """The time of one batch: `seconds` and its 90% interval, unless the device has no fit; `least` by its data sheet.

    `at_least` is true if the work of some layer is not known, or if the host may take longer than the device: then the
    interval has no upper end.
    """

    device: Device
    setting: Setting
    batch: int
    fit: Fit | None
    layers: Sequence[LayerTime]
    least: float | None
    unknown: Sequence[str]
    needed: int | None = None  # bytes of memory, if they are known

    @property
    def seconds(self) -> float | None:
        """Predicted seconds per batch, never fewer than the data sheet allows; None without a fit."""
        if self.fit is None:
            return None
        return max(sum(layer.parts.seconds for layer in self.layers), self.least or 0.0)

    @property
    def kernels(self) -> int:
        """The number of kernels."""
        return sum(layer.kernels for layer in self.layers)

    @property
    def waits(self) -> bool:
        """Whether the kernels are so short that a GPU may wait for the host, which no run of the fit shows."""
        return self.seconds is not None and self.device.queues and self.seconds < HOST * self.kernels

    @property
    def at_least(self) -> bool:
        """Whether the time may be longer than any bound that is known."""
        return bool(self.unknown) or self.waits

    @property
    def interval(self) -> tuple[float, float | None] | None:
        """The ends of the 90% interval in seconds; None without a fit."""
        if self.fit is None or self.seconds is None:
            return None
        low, high = self.fit.interval
        return low * self.seconds, None if self.at_least else high * self.seconds

    @property
    def images_per_second(self) -> float | None:
        """Images per second at the predicted time."""
        return self.batch / self.seconds if self.seconds else None

    @property
    def shares(self) -> dict[By, float]:
        """The share of the time that is spent on each."""
        totals: dict[By, float] = {
            "compute": sum(layer.parts.compute for layer in self.layers),
            "bandwidth": sum(layer.parts.bandwidth for layer in self.layers),
            "launch": sum(layer.parts.launch for layer in self.layers),
        }
        whole = sum(totals.values())
        return {name: seconds / whole for name, seconds in totals.items()} if whole else totals


def predict(graph: Graph, device: Device, setting: Setting, batches: Iterable[int]) -> list[Prediction]:
    """The predicted time of every batch.

    Raises:
        UsageError: a size of the graph is a symbol.
    """
    require_sizes(graph)
    kernels = kernels_in(graph, setting)
    fit = device.fit(setting)
    return [_predict(graph, kernels, device, setting, fit, batch) for batch in batches]


def kernels_in(graph: Graph, setting: Setting) -> list[Kernel]:
    """The kernels that run in a setting."""
    return (compiled_kernels if setting.compiled else eager_kernels)(graph, setting.dtype)


def require_sizes(graph: Graph) -> None:
    """Refuse a graph that depends on symbols.

    Raises:
        UsageError: a size or an argument of a layer depends on a symbol.
    """
    if symbols := list_symbols(graph):
        raise UsageError(f"{graph.name}: a time needs numbers: --at gives values to {', '.join(symbols[:5])}")


def _predict(
    graph: Graph, kernels: Sequence[Kernel], device: Device, setting: Setting, fit: Fit | None, batch: int
) -> Prediction:
    terms = {} if fit is None else fit.terms
    width = PLAIN.get(setting.dtype, HALF)
    layers = _by_layer(_layer(kernel, device, setting.dtype, terms, batch) for kernel in kernels)
    sizes = [numel(shape) for shape in (*graph.inputs.values(), *graph.output_shapes().values())]
    carried = sum(size for size in sizes if isinstance(size, int)) * batch + sum(kernel.weights for kernel in kernels)
    macs = sum(kernel.macs for kernel in kernels) * batch
    unknown = [kernel.name for kernel in kernels if not kernel.known]
    return Prediction(
        device,
        setting,
        batch,
        fit,
        layers,
        _least(device, setting, macs, carried * width),
        unknown,
        needed_bytes(graph, setting, batch),
    )


def needed_bytes(graph: Graph, setting: Setting, batch: int) -> int | None:
    """Bytes of memory of one pass, or of a step of SGD; None if unknown."""
    dtype = "float32" if PLAIN.get(setting.dtype) == FULL else "float16"
    memory = Memory(graph, batch, dtype)
    needed = memory.training.bytes if setting.mode == "training" else memory.inference_bytes
    return needed if isinstance(needed, int) else None


def _layer(kernel: Kernel, device: Device, dtype: str, terms: Mapping[str, float], batch: int) -> LayerTime:
    amounts = amounts_of(kernel, dtype)
    parts = Parts(
        terms.get(amounts.multiplying, 0.0) * amounts.macs * batch,
        terms.get(amounts.moving, 0.0) * amounts.moved * batch + terms.get("weight_bytes", 0.0) * amounts.weights,
        terms.get("launches", 0.0),
    )
    return LayerTime(
        kernel.name, parts, _least(device, Setting(dtype=dtype), kernel.macs * batch, amounts.weights), kernel.known
    )


def _by_layer(kernels: Iterable[LayerTime]) -> list[LayerTime]:
    """The kernels, with casts added to the layer that needs them."""
    found: dict[str, LayerTime] = {}
    for kernel in kernels:
        before = found.get(kernel.name)
        if before is not None:
            sums = Parts(*map(sum, zip(before.parts, kernel.parts, strict=True)))
            kernel = LayerTime(kernel.name, sums, kernel.least, kernel.known, before.kernels + 1)
        found[kernel.name] = kernel
    return list(found.values())


def _least(device: Device, setting: Setting, macs: int, moved: int) -> float | None:
    """The larger of the operations over the peak and the bytes over the bandwidth; None if neither is known."""
    peak = device.peak(setting.dtype)
    passes = 3 if setting.mode == "training" else 1
    bounds = [2 * macs * passes / peak] if peak else []
    bounds += [moved / device.bandwidth] if device.bandwidth else []
    return max(bounds, default=None)
