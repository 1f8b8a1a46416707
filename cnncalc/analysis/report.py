"""Collects all figures of a network, layer by layer, for the commands and for `--format json`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from cnncalc.analysis import record
from cnncalc.analysis.cost import Cost, cost_of, flops_of, macs_of
from cnncalc.analysis.fit import Fit, fit_of
from cnncalc.analysis.parameters import Parameters, parameters_of, sum_of
from cnncalc.graph import Graph, Node
from cnncalc.layers.layer import Shape
from cnncalc.quantities.sizes import least_text, plural, shape_text, tensors_text
from cnncalc.records import EMPTY, Record, once, replace
from cnncalc.suggest import no_layer
from cnncalc.symbolic import Size

if TYPE_CHECKING:  # they are loaded where they are asked for
    from cnncalc.analysis.field.footprint import Footprint
    from cnncalc.analysis.field.receptive_field import Fields
    from cnncalc.analysis.memory.memory import Memory

AllFields: TypeAlias = "Callable[[], Mapping[str, Fields]]"
SCHEMA = "cnncalc/1"


class LayerReport:
    """One layer: its node, its fit (None for a layer that does not slide), and its parameters."""

    __slots__ = ("_fields", "fit", "graph", "node", "parameters")

    def __init__(self, node: Node, fit: Fit | None, parameters: Parameters, graph: Graph, fields: AllFields) -> None:
        self.node, self.fit, self.parameters = node, fit, parameters
        self.graph = graph  # not the report, which would keep itself alive until garbage is collected
        self._fields = fields  # those of the whole graph

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LayerReport) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    def __repr__(self) -> str:
        params = f"{least_text(self.params, bool(self.parameters.at_least))} parameters"
        return f"<LayerReport on {self.name}: {self.kind}, output {shape_text(self.output)}, {params}>"

    @property
    def _parts(self) -> tuple[Node, Fit | None, Parameters]:
        return self.node, self.fit, self.parameters

    @property
    def receptive_field(self) -> Fields:
        """The receptive field in every network input: `report["conv2"].receptive_field["input"].size`."""
        return self._fields()[self.name]

    @property
    def macs(self) -> Size | None:
        """Multiply-accumulates of one sample; None if unknown."""
        return macs_of(self.node)

    @property
    def flops(self) -> Size | None:
        """Arithmetic operations of one sample, 2 per multiply-accumulate; None if unknown."""
        return flops_of(self.node)

    @property
    def name(self) -> str:
        """The dotted name."""
        return self.node.name

    @property
    def kind(self) -> str:
        """The kind of layer."""
        return self.node.kind

    @property
    def output(self) -> Shape:
        """The output shape, without the batch."""
        return self.node.output

    @property
    def params(self) -> Size:
        """The number of parameters, frozen ones included; 0 if the layer shares another's."""
        return self.parameters.params


class Report(Record):
    """The analysis of one graph; figures are computed on first use."""

    graph: Graph
    batch: int = 1
    about: Mapping[str, str] = EMPTY  # of the spec: source, year, task, description
    presenter: ClassVar[Callable[[Report], str] | None] = None  # of a notebook; `cnncalc` sets it
    pager: ClassVar[Callable[[Report], str]]  # writes the page of `view`; `cnncalc` sets it

    @once
    def layers(self) -> tuple[LayerReport, ...]:
        """The layers in execution order; training heads last."""
        known: dict[object, tuple[Fit | None, Parameters]] = {}  # deep networks repeat themselves
        layers = []
        for node in self.graph.nodes:
            key = (id(node.layer), id(node.shapes), node.shares is None, node.frozen)
            if (figures := known.get(key)) is None:
                figures = known[key] = fit_of(node), parameters_of(node)
            layers.append(LayerReport(node, *figures, self.graph, self._all_fields))
        return tuple(layers)

    @once
    def totals(self) -> Parameters:
        """Parameters of the network at inference, without training heads."""
        return sum_of(layer.parameters for layer in self.layers if not layer.node.training)

    @once
    def training_heads(self) -> Parameters:
        """Parameters of the training heads only."""
        return sum_of(layer.parameters for layer in self.layers if layer.node.training)

    @once
    def has_training_heads(self) -> bool:
        """Whether some layers are used only in training."""
        return any(node.training for node in self.graph.nodes)

    @property
    def name(self) -> str:
        """The network's name, with its variant."""
        return f"{self.graph.name}@{self.graph.variant}" if self.graph.variant else self.graph.name

    @property
    def inputs(self) -> dict[str, Shape]:
        """Input name → shape, without the batch."""
        return dict(self.graph.inputs)

    @once
    def outputs(self) -> dict[str, Shape]:
        """Output name → shape, without the batch."""
        return self.graph.output_shapes()

    @property
    def params(self) -> Size:
        """Parameters of the network at inference."""
        return self.totals.params

    @once
    def cost(self) -> Cost:
        """Operations of the network at inference, on one sample."""
        return cost_of(node for node in self.graph.nodes if not node.training)

    @property
    def macs(self) -> Size:
        """Multiply-accumulates of the network at inference, on one sample."""
        return self.cost.macs

    @property
    def flops(self) -> Size:
        """Arithmetic operations of the network at inference, on one sample."""
        return self.cost.flops

    def __getitem__(self, name: str) -> LayerReport:
        """The layer of this name.

        Raises:
            KeyError: there is no such layer.
        """
        if name not in self._by_name:
            raise KeyError(no_layer(str(name), self._by_name))
        return self._by_name[name]

    def __iter__(self) -> Iterator[LayerReport]:
        """The layers, as `layers` lists them."""
        return iter(self.layers)

    def __contains__(self, name: object) -> bool:
        """Whether there is a layer of this name, or this layer."""
        return (isinstance(name, str) and name in self._by_name) or name in self.layers

    def __repr__(self) -> str:
        """One line: the name, the shapes, and how large it is."""
        shapes = f"{tensors_text(self.inputs)} → {tensors_text(self.outputs)}"
        params = least_text(self.params, bool(self.totals.at_least))
        layers = plural(len(self.layers), "layer")
        return f"<Report on {self.name or 'a layer'}: {shapes}, {layers}, {params} parameters>"

    @once
    def _by_name(self) -> dict[str, LayerReport]:
        return {layer.name: layer for layer in self.layers}

    @once
    def _all_fields(self) -> AllFields:
        return cache(partial(_fields_of, self.graph, self.graph.inputs))

    @property
    def receptive_fields(self) -> Mapping[str, Fields]:
        """Layer → network input → receptive field; inputs that the layer does not see are omitted."""
        return self._all_fields()

    def receptive_fields_of(self, seen: Iterable[str]) -> Mapping[str, Fields]:
        """Layer → tensor → receptive field in the outputs of the named layers (or inputs).

        Raises:
            UsageError: there is no layer or input of this name.
        """
        return _fields_of(self.graph, seen)

    def footprint(self, layer: str, position: Sequence[int]) -> Mapping[str, Footprint]:
        """Tensor → the exact footprint of one output position of a layer, borders included.

        Raises:
            UsageError: sizes are symbolic, or there is no such layer or position.
        """
        from cnncalc.analysis.field.footprint import footprints

        return footprints(self.graph, layer, position)

    def memory(
        self, batch: Size | None = None, dtype: str = "float32", optimizer: str = "sgd", *, fold_batchnorm: bool = False
    ) -> Memory:
        """Memory of inference and training: `report.memory(batch=64).peak.bytes`, `.training.bytes`, `.fits(8 << 30)`.

        Args:
            batch: the batch size, by default the report's; a symbol gives closed forms.
            dtype: that of weights and activations, by PyTorch's name.
            optimizer: the optimizer that keeps state in training: sgd, momentum, adam, …
            fold_batchnorm: fold batch normalization into the previous layer, as inference engines do.

        Raises:
            UsageError: the dtype or optimizer is unknown, or the batch is a symbol of the input.
        """
        from cnncalc.analysis.memory.memory import Memory

        return Memory(self.graph, self.batch if batch is None else batch, dtype, optimizer, fold_batchnorm)

    def at(self, **values: int) -> Report:
        """Replace symbols by numbers: `report.at(H=224, W=320)`; closed forms are evaluated, not analysed again.

        Raises:
            UsageError: there is no such symbol, or the network does not accept these sizes.
        """
        from cnncalc.elaborate.replay import at

        return replace(self, graph=at(self.graph, values))

    def to_dict(self, figures: Collection[str] = ()) -> dict[str, Any]:
        """Return the JSON document `cnncalc/1`; sizes that depend on a symbol are strings.

        `figures` names optional figures of layers, which take extra time: `macs` (with `flops`), `receptive_field`.
        """
        return {
            "schema": SCHEMA,
            "name": self.graph.name,
            "variant": self.graph.variant,
            "inputs": {name: record.shape_record(shape) for name, shape in self.inputs.items()},
            "outputs": {name: record.shape_record(shape) for name, shape in self.outputs.items()},
            "batch": self.batch,
            "layers": [_layer_record(layer, figures) for layer in self.layers],
            "totals": {
                **record.figures_record(self.totals),
                **(record.cost_record(self.cost) if "macs" in figures else {}),
                "at_least": self.totals.at_least or ("macs" in figures and self.cost.at_least),
                "training_heads": record.figures_record(self.training_heads) if self.has_training_heads else None,
            },
            "left_out": self.graph.left_out._asdict(),
            "conditions": list(map(record.condition_record, self.graph.conditions)),
        }

    def to_html(self) -> str:
        """The page of `cnncalc view`, on which sizes move, as HTML; on that of `Spec.view`, parameters do too."""
        return type(self).pager(self)

    def _repr_html_(self) -> str | None:
        """The HTML table that a notebook shows."""
        return presenter(self) if (presenter := type(self).presenter) else None


def _fields_of(graph: Graph, seen: Iterable[str]) -> Mapping[str, Fields]:
    from cnncalc.analysis.field.receptive_field import receptive_fields

    return receptive_fields(graph, seen)


def _layer_record(layer: LayerReport, figures: Collection[str]) -> dict[str, Any]:
    node = layer.node
    return {
        "name": layer.name,
        "kind": layer.kind,
        "from": list(node.inputs),
        "output": record.shape_record(layer.output),
        "fit": record.fit_record(layer.fit),
        "weights": {name: record.shape_record(shape) for name, shape in node.weights.items()},
        **record.figures_record(layer.parameters if not layer.parameters.at_least else None),
        **(
            {"macs": record.optional_size(layer.macs), "flops": record.optional_size(layer.flops)}
            if "macs" in figures
            else {}
        ),
        **({"receptive_field": record.fields_record(layer.receptive_field)} if "receptive_field" in figures else {}),
        "shares": node.shares,
        "training": node.training,
    }
