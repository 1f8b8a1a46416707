"""A spec in hand: loaded from a file, a shipped network or a text, and asked for its graph and its report."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from cnncalc import shipped
from cnncalc.analysis.report import Report
from cnncalc.document import Document, read_document, read_inline
from cnncalc.elaborate import elaborate
from cnncalc.elaborate.network import input_shapes, parameters
from cnncalc.errors import Source, SpecError, UsageError
from cnncalc.graph import Graph
from cnncalc.layers.layer import Shape
from cnncalc.quantities.given import exact
from cnncalc.records import Record, replace
from cnncalc.source.reading import parse as parse_yaml
from cnncalc.source.reading import read, scan
from cnncalc.suggest import ask, nearest, with_suggestion
from cnncalc.symbolic import Size

if TYPE_CHECKING:  # they are loaded where they are needed
    from torch import nn

    from cnncalc.importers.traced import Traced

Sizes: TypeAlias = "Sequence[Size | str]"


class Spec(Record):
    """A network as written, and the variant of it that is meant."""

    document: Document
    variant: str | None = None

    @property
    def name(self) -> str:
        """The network's name."""
        return self.document.name

    @property
    def text(self) -> str:
        """The spec as it is written: `Path("net.yaml").write_text(spec.text)` saves a network that was imported."""
        return self.document.source.text

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of its variants."""
        return tuple(self.document.variants)

    def at(self, variant: str | None) -> Spec:
        """The same spec in another variant.

        Raises:
            UsageError: it has no such variant.
        """
        if variant is not None and variant not in self.document.variants:
            has = f"it has {', '.join(self.variants) or 'none'}"
            raise UsageError(with_suggestion(f"{self.name} has no variant '{variant}'", variant, self.variants, has))
        return replace(self, variant=variant)

    def inputs(
        self,
        input: Sizes | Mapping[str, Sizes] | None = None,  # noqa: A002
        params: Mapping[str, Any] | None = None,
    ) -> dict[str, Shape]:
        """The shape of every input, without the batch; arguments and errors as for `graph`, which is not made."""
        scope = parameters(self.document, self.variant, _exact(params))
        return input_shapes(self.document, scope, _inputs(self.document, input))

    def graph(
        self,
        input: Sizes | Mapping[str, Sizes] | None = None,  # noqa: A002
        params: Mapping[str, Any] | None = None,
    ) -> Graph:
        """The network with everything expanded and a shape on every edge.

        Args:
            input: sizes in place of the spec's, channels first and without the batch: `(3, 224, 224)`; a capital letter
                is a symbol; a mapping for several inputs.
            params: parameters in place of the spec's and the variant's.

        Raises:
            SpecError: the spec is at fault, at a place that the fault names.
            UsageError: the request is.
        """
        return elaborate(self.document, self.variant, _exact(params), _inputs(self.document, input))

    def to_torch(
        self,
        input: Sizes | Mapping[str, Sizes] | None = None,  # noqa: A002
        params: Mapping[str, Any] | None = None,
        device: Any = None,  # noqa: ANN401
        dtype: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """The real network, an `nn.Module` whose state_dict reads like the spec; arguments and errors as for `graph`.

        Raises:
            UsageError: PyTorch is not installed (`pip install 'cnncalc[torch]'`), or a size is a symbol.
        """
        from cnncalc.pytorch import build

        return build(self.graph(input, params), device=device, dtype=dtype)

    def analyze(
        self,
        input: Sizes | Mapping[str, Sizes] | None = None,  # noqa: A002
        params: Mapping[str, Any] | None = None,
        batch: int = 1,
    ) -> Report:
        """The report on the network; arguments and errors as for `graph`."""
        return Report(self.graph(input, params), batch, self.document.about)


def load(name: str | Path, input: Sizes | Mapping[str, Sizes] | None = None) -> Spec:  # noqa: A002
    """The spec of a file (`net.yaml`, `-` for the standard input) or of a shipped network (`alexnet`, `resnet@50`).

    A network of PyTorch's is imported, which runs its code: `torch:torchvision.models:resnet50`; `input` is for those,
    the sizes at which they are.

    Raises:
        UsageError: there is no such file, network or variant.
        SpecError: the spec has faults; all that can be told apart are listed.
    """
    if str(name).startswith("torch:"):
        from cnncalc.importers import traced_from

        return _from_traced(traced_from(str(name), input))
    stem, variant = split_variant(str(name))
    return parse_source(read(locate(stem))).at(variant)


def parse(text: str, name: str = "spec") -> Spec:
    """The spec that a text writes; errors as for `load`."""
    return parse_source(Source(name, text))


def from_torch(
    module: nn.Module, input_shape: Sizes | Mapping[str, Sizes], name: str | None = None, flat: bool = False
) -> Spec:
    """The spec of a network of PyTorch's. What cannot be expressed is an `unknown` layer, and a warning says so.

    Args:
        module: the network. It is run once, in evaluation mode, on tensors without numbers, and not changed.
        input_shape: channels first and without the batch: `(3, 224, 224)`; for several inputs a shape for each name,
            in the order in which `forward` takes them.
        name: what the network is called; its class where left out.
        flat: as one plain list of layers, called by their paths, in place of blocks, residuals, branches and repeats.

    Raises:
        UsageError: PyTorch is not installed, the network's code fails on such an input, or what it does depends on
            the numbers in its tensors.
    """
    from cnncalc.importers import traced_module

    return _from_traced(traced_module(module, input_shape, name), flat)


def _from_traced(traced: Traced, flat: bool = False) -> Spec:
    """The spec of a network that was traced; what it cannot say exactly is a warning."""
    from cnncalc.importers.writing.spec_text import spec_document

    for warning in traced.warnings:
        warnings.warn(f"{traced.name}: {warning}", stacklevel=3)
    return Spec(spec_document(traced, flat))


def parse_source(source: Source) -> Spec:
    """The spec of a source."""
    root, faults = scan(source)
    if root is None:
        raise SpecError(faults)
    return Spec(read_document(source, root, faults))


def parse_item(text: str) -> Spec:
    """A single layer, or a list of them, as a spec without an input: `conv: {out_channels: 96, kernel_size: 11}`."""
    source = Source("item", text)
    return Spec(read_inline(source, parse_yaml(source)))


def split_variant(name: str) -> tuple[str, str | None]:
    """`resnet@50` → resnet, 50; a file that really has an @ in its name is left whole."""
    stem, at, variant = name.rpartition("@")
    return (stem, variant) if at and stem and not Path(name).exists() else (name, None)


def locate(name: str) -> str:
    """The path of a spec: a file, else a shipped network.

    Raises:
        UsageError: neither is there.
    """
    if name == "-" or Path(name).exists():
        return name
    found = shipped.path_of(name)
    if found is not None:
        return str(found)
    near = _written_together(name) or nearest(name, shipped.names())
    hint = ask(near) if near else "'cnncalc list' names the shipped networks"
    raise UsageError(f"no such file or shipped network: {name} ({hint})")


def _written_together(name: str) -> str | None:
    """The variant that a name of another library means: resnet50 is resnet@50, yolov3-tiny yolov3@tiny."""
    plain = _letters(name)
    for stem in shipped.names():
        if plain.startswith(_letters(stem)):
            for variant in load(stem).variants:
                if plain == _letters(stem + variant):
                    return f"{stem}@{variant}"
    return None


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _inputs(document: Document, given: Sizes | Mapping[str, Sizes] | None) -> Mapping[str, Sequence[Any]] | None:
    if given is None or isinstance(given, Mapping):
        return given
    if isinstance(given, str):
        raise UsageError("input: expected sizes such as (3, 224, 224), not a text")
    if len(document.inputs) > 1:
        first = next(iter(document.inputs))
        raise UsageError(f"the network has several inputs ({', '.join(document.inputs)}): say which, as in {first}=…")
    return {next(iter(document.inputs), "input"): given}


def _exact(params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: exact(value, name) for name, value in (params or {}).items()}
