"""`sweep`: computes figures over a grid of networks, parameters and input sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cnncalc.analysis.figures import FIGURES
from cnncalc.api.networks import Network, spec_of
from cnncalc.devices.catalog import find_device
from cnncalc.errors import UsageError
from cnncalc.quantities.given import exact
from cnncalc.quantities.shapes import Given
from cnncalc.spec import Spec
from cnncalc.suggest import with_suggestion
from cnncalc.sweeps.grid import SHOWN, NetworkText
from cnncalc.sweeps.sweep import Sweep
from cnncalc.sweeps.timing import Timing
from cnncalc.writer import spelling


def sweep(
    networks: Network | Iterable[Network],
    params: Mapping[str, Any] | None = None,
    input: Given | Iterable[Given] = (),  # noqa: A002
    *,
    figures: Iterable[str] = SHOWN,
    where: str | None = None,
    pareto: str | Iterable[str] | None = None,
    jobs: int | None = None,
    backend: str | None = None,
    device: str | None = None,
    batch: int = 1,
) -> Sweep:
    """Compute figures at every point of a grid; the points are computed during iteration.

        >>> swept = cnncalc.sweep("mobilenet_v2", {"width": [0.5, 1.0]}, "3x{160,224}", figures=["params", "macs"])
        >>> for point in swept:
        ...     print(point["width"], point["input"], point["params"], point["macs"])
        1/2 (3, 160, 160) 1968680 50184000
        1/2 (3, 224, 224) 1968680 97131840
        1 (3, 160, 160) 3504872 154083200
        1 (3, 224, 224) 3504872 300774272

    Input sizes are evaluated by closed forms: a million of them take seconds. `pandas.DataFrame(iter(swept))` makes a
    table.

    Args:
        networks: one or several specs, or names that `cnncalc.load` accepts.
        params: parameter → values: a list of numbers or expressions, or a text as on the command line
            (`"0.5:2:0.25"`).
        input: a shape, channels first; a text as on the command line (`"3x{32:512:32}x64"`); input → shape where there
            are several inputs; or a list of these. By default the spec's own.
        figures: the columns: params, trainable, buffers, macs, flops, peak_memory, activation_memory, layers, fits.
        where: keep only the points that satisfy this condition: `"params < 5M and output[0] == 10"`.
        pareto: keep only the Pareto front of these expressions, which are minimized; `-params` maximizes.
        jobs: the number of processes, by joblib.
        backend: the back end of joblib: loky, threading, multiprocessing, dask, ray.
        device: adds the figure `time`: the predicted seconds of a batch on this device (`"rtx4090"`, `"my_gpu.yaml"`),
            in its usual setting. It is None where the network may take longer than the prediction says.
        batch: the batch of `time`.

    Raises:
        UsageError: a network, parameter or figure is unknown, a text cannot be parsed, or there are too many points.
        SpecError: a spec has faults.
    """
    given = [networks] if isinstance(networks, Spec | str | Path) else networks
    columns = tuple(figures)
    for name in columns:
        if name not in FIGURES:
            hint = f"choose from {', '.join(FIGURES)}"
            raise UsageError(with_suggestion(f"figures: no figure '{name}'", name, FIGURES, hint))
    timing = None if device is None else Timing(find_device(device), batch)
    best = pareto if pareto is None or isinstance(pareto, str) else ",".join(pareto)
    settings = [f"{name}={_values_text(values, name)}" for name, values in (params or {}).items()]
    texts = [NetworkText.of(spec_of(each)) for each in given]
    return Sweep(texts, settings, list(_input_texts(input)), columns, where, best, jobs, backend, timing)


def _values_text(values: Any, name: str) -> str:  # noqa: ANN401
    """Write the values of a parameter as on the command line."""
    if isinstance(values, str):
        return values
    if isinstance(values, range) and len(values):
        return f"{values[0]}:{values[-1]}:{values.step}"
    listed = values if isinstance(values, Iterable) else [values]
    return f"{{{','.join(_value_text(exact(value, name)) for value in listed)}}}"


def _value_text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, list):
        return f"[{', '.join(map(_value_text, value))}]"
    return value if isinstance(value, str) else spelling(value)


def _input_texts(given: Any) -> Iterator[str]:  # noqa: ANN401
    """Write the inputs as on the command line."""
    if isinstance(given, str):
        yield given
        return
    if isinstance(given, Mapping):
        yield from (f"{name}={text}" for name, shape in given.items() for text in _input_texts(shape))
        return
    listed = [given] if hasattr(given, "__index__") else list(given)
    if listed and hasattr(listed[0], "__index__"):  # one shape
        yield "x".join(map(str, listed))
    else:
        for each in listed:
            yield from _input_texts(each)
