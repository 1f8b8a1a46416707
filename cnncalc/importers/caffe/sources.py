"""Finds the inputs of a prototxt: its own, and the tops of layers without bottoms, with the sizes that they state.

Forks have data layers of many names, so every layer without bottoms is a source of the tops that others read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.caffe.network import Layer, every_layer, inputs
from cnncalc.importers.caffe.text import Message
from cnncalc.importers.caffe.tracing import Shape
from cnncalc.quantities.shapes import Given, by_name

LOSS = "Loss"


def read_sources(
    net: Message, chain: Sequence[Layer], wanted: Given | None, known: Collection[str]
) -> tuple[dict[str, Shape], list[str]]:
    """Return the inputs with their shapes without the batch, and notes on what was assumed.

    Args:
        net: the whole file.
        chain: the layers of the phase.
        wanted: shapes that replace the file's own.
        known: the types of layers that have bottoms, and are no sources without.

    Raises:
        SpecError: there is no input, or neither the file nor `wanted` has the size of one.
    """
    shapes: dict[str, Shape] = {name: shape[1:] for name, shape in inputs(net).items()}
    notes: list[str] = []
    places: dict[str, Layer] = {}
    read = dict.fromkeys(name for layer in chain if not layer.kind.endswith(LOSS) for name in layer.bottoms)
    for layer in chain:
        if layer.kind == "Input":
            messages = layer.parameters("input").messages("shape")
            for top, shape in zip(layer.tops, messages * len(layer.tops), strict=False):
                shapes[top] = tuple(shape.whole("dim", 1, least=1)[1:])
    for layer in (*chain, *_of_other_phases(net, chain, shapes)):
        if not layer.bottoms and layer.kind not in known:
            for top in layer.tops:
                if top in read and top not in shapes:
                    places[top] = layer
                    shapes[top] = _shape(layer, top, [] if wanted else notes)
    if not shapes:
        raise SpecError([Fault("the network has no input", net.span, 'write input: "data" and input_shape')])
    shapes |= by_name(wanted, shapes, "the network")
    _require_sizes(shapes, places, net)
    return shapes, notes


def _of_other_phases(net: Message, chain: Sequence[Layer], shapes: Mapping[str, Shape]) -> Iterator[Layer]:
    """Yield the sources of another phase or stage that have a top which nothing in this phase produces."""
    made = {*shapes, *(top for layer in chain for top in layer.tops)}
    read = {name for layer in chain for name in layer.bottoms}
    for layer in every_layer(net):
        if not layer.bottoms and any(top in read and top not in made for top in layer.tops):
            made.update(layer.tops)
            yield layer


def _require_sizes(shapes: Mapping[str, Shape], places: Mapping[str, Layer], net: Message) -> None:
    missing = [name for name, shape in shapes.items() if not shape]
    if not missing:
        return
    layer = places.get(missing[0])
    option = ",".join(f"{name}=3x224x224" for name in missing) if len(shapes) > 1 else "3x224x224"
    if layer is None:
        message = f"the input '{missing[0]}' has no size other than the batch"
        raise SpecError([Fault(message, net.span, f"give its size: --input {option}")])
    message = f"{layer.who}: a {layer.kind} layer does not give the image size of '{missing[0]}'"
    raise SpecError([Fault(message, layer.span, f"give its size: --input {option}")])


def _shape(layer: Layer, top: str, notes: list[str]) -> Shape:
    """Return the shape of a top without the batch, as far as the layer states it; () where it does not."""
    if layer.kind == "DummyData":
        return _dummy(layer, layer.tops.index(top))
    if layer.kind == "MemoryData":
        params = layer.parameters("memory_data")
        return tuple(params.whole(side, 1, least=1)[-1] for side in ("channels", "height", "width"))
    sizes = _image(layer) if top == layer.tops[0] else ()
    if not sizes:
        return ()
    gray = layer.message.message("transform_param").flag("force_gray", False)
    color = all(message.flag("is_color", True) for message in _params(layer))
    channels = 3 if color and not gray else 1
    written = "×".join(map(str, sizes))
    notes.append(f"{layer.who} has images of {written}; {channels} channels are assumed (override with --input)")
    return channels, *sizes


def _dummy(layer: Layer, index: int) -> Shape:
    """Return what DummyData states: a shape per top or one for all, in the older form num, channels, height, width."""
    params = layer.parameters("dummy_data")
    shapes = [tuple(shape.whole("dim", 1, least=1)) for shape in params.messages("shape")]
    if not shapes:
        sides = [params.whole(side, 1, least=1) for side in ("num", "channels", "height", "width")]
        shapes = list(zip(*([side[0]] * len(layer.tops) if len(side) == 1 else side for side in sides), strict=False))
    return shapes[index if index < len(shapes) else 0][1:]


def _params(layer: Layer) -> list[Message]:
    return [value for name, value in layer.message.fields if name.endswith("_param") and isinstance(value, Message)]


def _image(layer: Layer) -> Shape:
    """Return the spatial size of images: a crop, else the size to which they are resized; frames first for video."""
    messages = _params(layer)
    crop = max((message.whole("crop_size")[-1] for message in messages), default=0)
    resized = [
        tuple(message.whole(side)[-1] for side in names)
        for outer in messages
        for message in (outer, outer.message("resize_param"))
        for names in (("new_height", "new_width"), ("height", "width"))
    ]
    sizes = (crop, crop) if crop else next((pair for pair in resized if all(pair)), ())
    frames = max((message.whole("new_length")[-1] for message in messages), default=0)
    return (frames, *sizes) if frames and sizes else sizes
