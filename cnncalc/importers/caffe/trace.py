"""Turns a prototxt into a flat list of our layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cnncalc.errors import Fault, Source, SpecError
from cnncalc.importers.caffe.fields import refuse_fields, unknown_fields
from cnncalc.importers.caffe.network import DATA, Layer, layers
from cnncalc.importers.caffe.others import OTHERS
from cnncalc.importers.caffe.sliding import SLIDING
from cnncalc.importers.caffe.sources import LOSS, read_sources
from cnncalc.importers.caffe.text import parse
from cnncalc.importers.caffe.tracing import Handler, Tracing, UnsupportedError
from cnncalc.importers.caffe.unmade import complete, refuse_misspelt
from cnncalc.importers.simplify import simplify
from cnncalc.importers.traced import UNKNOWN, Placed, Traced
from cnncalc.limits import LARGEST_PROTOTXT
from cnncalc.quantities.shapes import Given
from cnncalc.source.files import read_file

HANDLERS: Mapping[str, Handler] = {**SLIDING, **OTHERS}
DROPPED = frozenset({"Accuracy", "Silence"})  # they measure, and no layer reads their tops


def read_prototxt(path: Path | str, inputs: Given | None = None) -> Traced:
    """Read the network in a prototxt file, in the phase TEST.

    Args:
        path: path of the file.
        inputs: input shapes without the batch, where the file has none or others.

    Raises:
        UsageError: the file cannot be read.
        SpecError: it is not a prototxt, or a value is invalid; the fault holds the place.
    """
    path = Path(path)
    text = read_file(path, LARGEST_PROTOTXT, "a prototxt").decode("utf-8-sig", "replace")
    return trace(Source(str(path), text.replace("\r\n", "\n").replace("\r", "\n")), inputs)


def trace(source: Source, wanted: Given | None = None) -> Traced:
    """Trace the network of a text; raises as `read_prototxt` does."""
    net = parse(source)
    chain = [layer for layer in layers(net) if layer.kind not in DROPPED]
    if not chain:
        raise SpecError([Fault(f"{source.name}: no layers: not the prototxt of a network?")])
    given, warnings = read_sources(net, chain, wanted, HANDLERS)
    tracing = Tracing(given)
    ends = {name: place for place, layer in enumerate(chain) if not layer.kind.endswith(LOSS) for name in layer.bottoms}
    places = []
    for place, layer in enumerate(chain):
        begun = len(tracing.nodes)
        if layer.kind != "Input" and not _provides_data(layer) and not layer.kind.endswith(LOSS):
            _step(layer, tracing, any(ends.get(top, 0) > place for top in layer.tops))
        made = tuple(node.name for node in tracing.nodes[begun:])
        leaving = [tracing.blobs[top] for top in layer.tops if top in tracing.blobs]
        places.append(Placed(layer.span, made, tuple(tracing.shapes[tensor] for tensor in leaving)))
    return simplify(
        Traced(
            net.word("name") or Path(source.name).stem,
            given,
            tuple(tracing.nodes),
            _outputs(chain, tracing),
            {"description": "From a Caffe prototxt."},
            warnings=(*warnings, *unknown_fields(chain), *_unknown(tracing)),
            places=lambda: places,
        )
    )


def _provides_data(layer: Layer) -> bool:
    return not layer.bottoms and layer.kind not in HANDLERS


def _step(layer: Layer, tracing: Tracing, read: bool) -> None:
    """Trace one layer; `read` when a later layer reads its tops."""
    handler = HANDLERS.get(layer.kind)
    try:
        if handler is None:
            refuse_misspelt(layer, (*HANDLERS, *DATA, *DROPPED, "Input"))
            raise UnsupportedError("no equivalent layer")
        refuse_fields(layer)
        handler(layer, tracing)
    except UnsupportedError as refused:
        tracing.add_unknown(layer, complete(layer, tracing, refused, read))
    except (ValueError, IndexError) as error:
        raise SpecError([Fault(f"{layer.who}: invalid value: {error}", layer.span)]) from None


def _outputs(chain: list[Layer], tracing: Tracing) -> dict[str, str]:
    """Return the outputs: tops that no layer except a loss reads."""
    read = {
        name for layer in chain if not layer.kind.endswith(LOSS) for name in layer.bottoms if name not in layer.tops
    }
    tops = dict.fromkeys(top for layer in chain for top in layer.tops if top in tracing.blobs)
    ends = [top for top in tops if top not in read and tracing.blobs[top] not in tracing.inputs]
    if len(ends) == 1:
        return {"output": tracing.blobs[ends[0]]}
    return {name.replace("/", "_").replace("-", "_"): tracing.blobs[name] for name in ends}


def _unknown(tracing: Tracing) -> Iterator[str]:
    if tracing.unknown:
        types = ", ".join(f"{kind} ({reason})" for kind, reason in sorted(tracing.unknown.items()))
        yield f'layers of these types are {UNKNOWN}, totals over them read "at least": {types}'
