"""TimeDistributed, and layers without a rule here whose shape follows from their class."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.importers.keras.recurrent import inner_step
from cnncalc.importers.keras.reshaping import unchanged
from cnncalc.importers.keras.tracing import Handler, Tracing
from cnncalc.importers.keras.values import Step, UnsupportedError, Value, product
from cnncalc.layers import LAYERS
from cnncalc.symbolic import Size

PER_ELEMENT = frozenset({"Dense", "Activation", "Dropout", "ReLU", "LeakyReLU", "ELU", "BatchNormalization"})


def distributed(step: Step, trace: Tracing, handlers: Mapping[str, Handler]) -> Value:
    """TimeDistributed: a layer on every step. What acts on the last axis alone does so anyway; of others the numbers
    are known.
    """
    one = inner_step(step)
    handler = handlers.get(one.kind)
    if handler is None or one.layer.inner is not None:
        raise UnsupportedError(f"of {one.kind}")
    if one.kind in PER_ELEMENT:
        made = handler(one, trace)
        return made[0] if isinstance(made, list) else made
    length, *shape = step.first.shape
    alone = Tracing(trace.last)
    moved = trace.last and len(shape) > 1
    inside = Value("input", tuple(shape), moved)
    alone.enter(inside)
    one.inputs = [inside]
    try:
        made = handler(one, alone)
    except UnsupportedError as refused:
        if refused.output is None:
            raise
        raise UnsupportedError(str(refused), (length, *refused.output), refused.params) from None
    result = made[0] if isinstance(made, list) else made
    params, macs = _numbers(alone)
    total = macs * length if macs is not None and isinstance(length, int) else None
    raise UnsupportedError("no equivalent layer", (length, *result.shape), params, total)


def _numbers(alone: Tracing) -> tuple[Size, Size | None]:
    """Parameters and MACs of what a layer became."""
    params: Size = 0
    macs: Size | None = 0
    for node in alone.nodes:
        shapes = [alone.shape(name) for name in node.inputs]
        layer = LAYERS[node.kind].make(node.arguments, len(shapes[0]) - 1)
        params += sum((product(shape) for shape in layer.weights(shapes, node.output).values()), 0)
        operations = layer.operations(shapes, node.output)
        macs = None if macs is None or operations is None else macs + operations.mac
    return params, macs


def text_vectorization(step: Step, trace: Tracing) -> Value:
    """TextVectorization: as many numbers as it is told to give."""
    length = step.config.get("output_sequence_length")
    raise UnsupportedError("no equivalent layer", (length,) if isinstance(length, int) else None, 0, 0)


def kept(step: Step, trace: Tracing) -> Value:
    """Layers that keep the shape and have no weights, and that no layer here is."""
    raise UnsupportedError("no equivalent layer", step.first.shape, 0, 0)


KEPT = ("ThresholdedReLU", "StringLookup", "IntegerLookup", "Hashing", "Discretization")
UNCHANGED = (
    "InputLayer", "Masking", "ActivityRegularization", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Identity",
    "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness",
    "RandomHue", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomColorJitter", "RandomGrayscale",
    "RandomErasing", "RandomGaussianBlur", "RandomHeight", "RandomWidth", "RandomInvert", "RandomPosterization",
    "AutoContrast", "Solarization", "MixUp", "CutMix", "RandAugment", "AugMix", "StochasticDepth",
)  # fmt: skip
WRAPPERS: Mapping[str, Handler] = {
    **dict.fromkeys(UNCHANGED, unchanged),
    **dict.fromkeys(KEPT, kept),
    "TextVectorization": text_vectorization,
}
"""Class → how it is traced."""
