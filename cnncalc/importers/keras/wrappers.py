"""TimeDistributed, and layers without a rule here whose shape follows from their class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cnncalc.importers.keras.recurrent import inner_step
from cnncalc.importers.keras.reshaping import unchanged
from cnncalc.importers.keras.tracing import Handler, Tracing
from cnncalc.importers.keras.values import Shape, Step, UnsupportedError, Value, product
from cnncalc.importers.keras.weights import count
from cnncalc.layers import LAYERS
from cnncalc.symbolic import Size

Inner: TypeAlias = "Callable[[Step, Tracing], Value]"
PER_ELEMENT = frozenset({"Dense", "Activation", "Dropout", "ReLU", "LeakyReLU", "ELU", "BatchNormalization"})


def distributed(step: Step, trace: Tracing, apart: Inner) -> Value:
    """TimeDistributed: a layer or a model on every step. What acts on the last axis alone does so anyway; of others
    the numbers are known.
    """
    one = inner_step(step)
    if one.kind in PER_ELEMENT:
        return apart(one, trace)
    length, *shape = step.first.shape
    refused = _alone(one, trace, tuple(shape), apart)
    total = None if refused.macs is None else refused.macs * length
    output = None if refused.output is None else (length, *refused.output)
    raise UnsupportedError(str(refused), output, refused.params, total, refused.kept)


def normalized(step: Step, trace: Tracing, apart: Inner) -> Value:
    """SpectralNormalization: the layer within it, and a vector that estimates its largest singular value."""
    refused = _alone(inner_step(step), trace, step.first.shape, apart)
    more = refused.output[-1] if refused.output else 0
    raise UnsupportedError(str(refused), refused.output, refused.params, refused.macs, refused.kept + more)


def _alone(one: Step, trace: Tracing, shape: Shape, apart: Inner) -> UnsupportedError:
    """What is known of a layer or a model on an input of this shape."""
    alone = Tracing(trace.last)
    inside = Value("input", shape, trace.last and len(shape) > 1)
    alone.enter(inside)
    one.inputs = [inside]
    try:
        result = apart(one, alone)
    except UnsupportedError as refused:
        if refused.output is None:
            raise
        return refused
    trace.begun += alone.begun
    params: Size | None = 0
    macs: Size | None = 0
    kept: Size = 0
    for node in alone.nodes:
        shapes = [alone.shape(name) for name in node.inputs]
        layer = LAYERS[node.kind].make(node.arguments, len(shapes[0]) - 1)
        total = count(node, alone)
        own = sum((product(each) for each in layer.weights(shapes, node.output).values()), 0)
        if total is not None and node.shares is None:
            kept = kept + total - own
        params = None if params is None or total is None else params + (own if node.shares is None else 0)
        operations = layer.operations(shapes, node.output)
        macs = None if macs is None or operations is None else macs + operations.mac
    return UnsupportedError("no equivalent layer", result.shape, params, macs, kept)


def text_vectorization(step: Step, trace: Tracing) -> Value:
    """TextVectorization: as many numbers as it is told to give."""
    length = step.config.get("output_sequence_length")
    raise UnsupportedError("no equivalent layer", (length,) if isinstance(length, int) else None, 0, 0)


def kept(step: Step, trace: Tracing) -> Value:
    """Layers that keep the shape and have no weights, and that no layer here is."""
    raise UnsupportedError("no equivalent layer", step.first.shape, 0, 0)


def categories(step: Step, trace: Tracing) -> Value:
    """CategoryEncoding and HashedCrossing: numbers as flags, of as many categories as it states."""
    value = step.first
    if step.kind == "HashedCrossing":
        hot = step.config.get("output_mode") == "one_hot"
        raise UnsupportedError("no equivalent layer", (step.config.count("num_bins"),) if hot else value.shape, 0, 0)
    count, one = step.config.count("num_tokens", "max_tokens"), step.config.get("output_mode") == "one_hot"
    longer = one and not (value.rank and isinstance(value.shape[-1], int) and value.shape[-1] == 1)
    raise UnsupportedError("no equivalent layer", (*(value.shape if longer else value.shape[:-1]), count), 0, 0)


KEPT = (
    "ThresholdedReLU", "StringLookup", "IntegerLookup", "Hashing", "Discretization", "Equalization",
    "ContrastLimitedAdaptiveHistogramEqualization",
)  # fmt: skip
UNCHANGED = (
    "InputLayer", "Masking", "ActivityRegularization", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Identity",
    "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness",
    "RandomHue", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomColorJitter", "RandomGrayscale",
    "RandomErasing", "RandomGaussianBlur", "RandomHeight", "RandomWidth", "RandomInvert", "RandomPosterization",
    "AutoContrast", "Solarization", "MixUp", "CutMix", "RandAugment", "AugMix", "StochasticDepth",
    "RandomPerspective", "RandomElasticTransform", "RandomColorDegeneration", "RandomApply",
)  # fmt: skip
WRAPPERS: Mapping[str, Handler] = {
    **dict.fromkeys(UNCHANGED, unchanged),
    **dict.fromkeys(KEPT, kept),
    "TextVectorization": text_vectorization,
    **dict.fromkeys(("CategoryEncoding", "HashedCrossing"), categories),
}
"""Class → how it is traced."""
AROUND: Mapping[str, Callable[[Step, Tracing, Inner], Value]] = {
    "TimeDistributed": distributed,
    "SpectralNormalization": normalized,
}
"""Class → how it is traced with what traces the layer within it."""
