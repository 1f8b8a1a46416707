"""Builds the grid: networks × parameters × inputs. An architecture is a network with parameters, and all its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from math import prod

from cnncalc.analysis.figures import FIGURES
from cnncalc.errors import Fault, Source, UsageError
from cnncalc.limits import MOST_POINTS
from cnncalc.records import NamedTuple, Record
from cnncalc.spec import Spec, parse_item, parse_source
from cnncalc.suggest import suggest
from cnncalc.sweeps.inputs import Inputs, read_inputs
from cnncalc.sweeps.timing import TIME, Timing
from cnncalc.sweeps.values import Value, join_parts, read_values

SHOWN = ("params", "macs", "flops")


class NetworkText(NamedTuple):
    """A network as text, from which a worker in another process can open it."""

    label: str
    name: str  # of the source, for messages
    text: str
    variant: str | None
    item: bool  # whether it is a single layer, not a spec

    @staticmethod
    def of(spec: Spec, label: str = "") -> NetworkText:
        """Convert a spec, by default labelled with its name and variant.

        A spec without an input of its own is a single layer.
        """
        source, item = spec.document.source, not spec.document.inputs
        label = label or (f"{spec.name}@{spec.variant}" if spec.variant else spec.name) or "item"
        return NetworkText(label, source.name, source.text, spec.variant, item)

    def spec(self) -> Spec:
        """Open the spec."""
        return _open_network(self.name, self.text, self.item).at(self.variant)


@lru_cache(maxsize=16)
def _open_network(name: str, text: str, item: bool) -> Spec:
    return parse_item(text) if item else parse_source(Source(name, text), _ignore)


def _ignore(fault: Fault) -> None:
    """Say nothing of a fault of `expect`: whoever opened the spec was told."""


class Architecture(Record):
    """One network with its parameters, and the inputs at which to analyse it."""

    network: NetworkText
    settings: Mapping[str, Value]
    inputs: Inputs
    figures: tuple[str, ...]
    timing: Timing | None = None


class Grid(Record):
    """All points of a sweep."""

    networks: tuple[tuple[NetworkText, tuple[Inputs, ...]], ...]
    settings: Mapping[str, Sequence[Value]]
    figures: tuple[str, ...] = SHOWN
    timing: Timing | None = None

    @property
    def points(self) -> int:
        """The number of points."""
        settings = prod(len(values) for values in self.settings.values())
        return settings * sum(inputs.points for _, each in self.networks for inputs in each)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return ("network", *self.settings, "input", *self.figures, "output", "error")

    def architectures(self) -> Iterator[Architecture]:
        """Yield the architectures, network by network, with the last parameter varying fastest."""
        for network, alternatives in self.networks:
            for values in _product(list(self.settings.values())):
                settings = dict(zip(self.settings, values, strict=True))
                for inputs in alternatives:
                    yield Architecture(network, settings, inputs, self.figures, self.timing)


def _product(axes: Sequence[Sequence[Value]]) -> Iterator[tuple[Value, ...]]:
    """`itertools.product` without storing long axes, which may have 10^9 values."""
    if all(len(axis) <= 1000 for axis in axes):
        yield from product(*axes)
        return
    first, *others = axes
    for value in first:
        for rest in _product(others):
            yield (value, *rest)


def read_grid(
    networks: Sequence[NetworkText],
    settings: Sequence[str],
    inputs: Sequence[str],
    figures: tuple[str, ...] = SHOWN,
    timing: Timing | None = None,
) -> Grid:
    """Parse the texts of `--set` and `--input` to a grid; with `timing`, the figures have a time.

    Raises:
        UsageError: a text cannot be parsed, or there are too many points.
        SpecError: a spec has faults.
    """
    settings_values: dict[str, list[Sequence[Value]]] = {}
    for text in settings:
        name, equals, values = text.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier() or not values.strip():
            raise UsageError(f"--set {text}: expected name=values, such as --set width=0.5:2:0.25")
        if name in FIGURES or name in ("network", "input", "output", "error") or (timing and name == TIME):
            raise UsageError(f"--set {text}: '{name}' is already a column of the sweep, so it cannot be a parameter")
        settings_values.setdefault(name, []).append(read_values(values, f"--set {text}"))
    _require_known(settings_values, networks)
    axes = {name: join_parts(parts, f"--set {name}") for name, parts in settings_values.items()}
    grid = Grid(tuple((each, tuple(_inputs_of(each, inputs))) for each in networks), axes, figures, timing)
    if grid.points > MOST_POINTS:
        raise UsageError(
            f"the grid has {grid.points:,} points, but a sweep takes at most {MOST_POINTS:,}: "
            "use larger steps or fewer axes"
        )
    return grid


def _require_known(names: Iterable[str], networks: Sequence[NetworkText]) -> None:
    """Raise a UsageError for a parameter that no network has; a network without it ignores it."""
    known = dict.fromkeys(name for network in networks for name in network.spec().document.params)
    for name in names:
        if name not in known:
            hint = suggest(name, known, f"choose from {', '.join(known)}" if known else "they have none")
            raise UsageError(f"--set {name}: no network has this parameter: {hint}")


def _inputs_of(network: NetworkText, texts: Sequence[str]) -> list[Inputs]:
    ranks = {name: len(sizes) for name, sizes in network.spec().document.inputs.items()}
    return read_inputs(texts, ranks)
