"""A spec in hand: read from a text, and asked for its graph, its report, its module; `loading` opens a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from cnncalc.analysis.report import Report
from cnncalc.document import Document, read_document, read_inline
from cnncalc.elaborate import elaborate
from cnncalc.elaborate.network import input_shapes, parameters
from cnncalc.errors import Fault, Source, SpecError, UsageError
from cnncalc.graph import Graph
from cnncalc.importers import holds_model
from cnncalc.layers.layer import Shape
from cnncalc.quantities.given import exact
from cnncalc.quantities.shapes import Given, by_name
from cnncalc.records import Record, replace
from cnncalc.source.reading import parse as parse_yaml
from cnncalc.source.reading import scan
from cnncalc.suggest import with_suggestion


class Spec(Record):
    """A network as written, and the variant of it that is meant."""

    document: Document
    variant: str | None = None
    viewer: ClassVar[Callable[[Report, Spec, Mapping[str, Any] | None], Any] | None] = None  # `cnncalc` sets it

    def __repr__(self) -> str:
        return f"<Spec {self.name}{f'@{self.variant}' if self.variant else ''} from {self.document.source.name}>"

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
        input: Given | None = None,  # noqa: A002
        params: Mapping[str, Any] | None = None,
    ) -> dict[str, Shape]:
        """The shape of every input, without the batch; arguments and errors as for `graph`, which is not made."""
        scope = parameters(self.document, self.variant, _exact(params))
        return input_shapes(self.document, scope, _inputs(self.document, input))

    def graph(
        self,
        input: Given | None = None,  # noqa: A002
        params: Mapping[str, Any] | None = None,
    ) -> Graph:
        """The network with everything expanded and a shape on every edge.

        Args:
            input: sizes in place of the spec's, channels first and without the batch: `(3, 224, 224)` or `"3x224x224"`;
                a capital letter is a symbol; a mapping, or `"image=3x64x64, mask=1x64x64"`, for several inputs.
            params: parameters in place of the spec's and the variant's.

        Raises:
            SpecError: the spec is at fault, at a place that the fault names.
            UsageError: the request is.
        """
        return elaborate(self.document, self.variant, _exact(params), _inputs(self.document, input))

    def to_torch(
        self,
        input: Given | None = None,  # noqa: A002
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
        input: Given | None = None,  # noqa: A002
        params: Mapping[str, Any] | None = None,
        batch: int = 1,
    ) -> Report:
        """The report on the network; arguments and errors as for `graph`."""
        return Report(self.graph(input, params), batch, self.document.about)

    def view(
        self,
        input: Given | None = None,  # noqa: A002
        params: Mapping[str, Any] | None = None,
        batch: int = 1,
    ) -> Any:  # noqa: ANN401
        """The page of `cnncalc view`: shown in a frame by a notebook; it has `.open()`, `.save(path)`, `.html`.

        Arguments and errors are those of `graph`; they say at which sizes the page opens.
        """
        viewer = type(self).viewer
        assert viewer, "`import cnncalc` sets it"
        return viewer(self.analyze(input, params, batch), self, params)


def parse(text: str, name: str = "spec") -> Spec:
    """The spec that a text writes; `name` is what messages call it.

    Raises:
        SpecError: the spec has faults; all that can be told apart are listed.
    """
    return parse_source(Source(name, text))


def parse_source(source: Source, tell: Callable[[Fault], object] | None = None) -> Spec:
    """The spec of a source.

    Args:
        source: its text, of a spec or of a model file in Ultralytics' style.
        tell: called with each fault of `expect` and `check`, which the network does not need; without it they are
            raised like any other.

    Raises:
        SpecError: the spec has faults; all that can be told apart are listed.
    """
    if holds_model(source.text):
        from cnncalc.importers.ultralytics import translate

        document = translate(source).placed()
    else:
        root, faults = scan(source)
        if root is None:
            raise SpecError(faults)
        document = read_document(source, root, faults)
    if document.aside and tell is None:
        raise SpecError(document.aside)
    for fault in document.aside:
        assert tell is not None
        tell(fault)
    return Spec(document)


def parse_item(text: str) -> Spec:
    """A single layer, or a list of them, as a spec without an input: `conv: {out_channels: 96, kernel_size: 11}`."""
    source = Source("item", text)
    return Spec(read_inline(source, parse_yaml(source)))


def _inputs(document: Document, given: Given | None) -> Mapping[str, Shape]:
    return by_name(given, document.inputs, document.name or "the spec")


def _exact(params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: exact(value, name) for name, value in (params or {}).items()}
