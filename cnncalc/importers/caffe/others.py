"""Traces Caffe's layers other than convolution and pooling."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.caffe.network import Layer
from cnncalc.importers.caffe.tracing import Handler, Tracing, UnsupportedError


def plain(kind: str) -> Handler:
    """A layer without arguments."""
    return lambda layer, trace: trace.layer(layer, kind, {})


def inner_product(layer: Layer, trace: Tracing) -> None:
    """InnerProduct: linear, on a flattened feature map."""
    params = layer.parameters("inner_product")
    if not params.all("num_output"):
        raise SpecError([Fault(f"{layer.who}: no num_output", layer.span)])
    axis = params.whole("axis", 1, least=1)[-1] if params.word("axis", "1") != "-1" else len(trace.shape(layer))
    if axis != 1:
        size = params.whole("num_output", 1, 1)[-1]
        raise UnsupportedError("a product along another axis", (*trace.shape(layer)[: axis - 1], size))
    source = trace.source(layer.bottoms[0], layer)
    if len(trace.shape(layer)) > 1:
        source = trace.add("flatten", "flatten", {}, (source,), layer)
    arguments = {"out_features": params.whole("num_output", 1, 1)[-1], "bias": params.flag("bias_term", True)}
    trace.layer(layer, "linear", arguments, (source,))


def relu(layer: Layer, trace: Tracing) -> None:
    """ReLU, or leaky ReLU when it has a negative slope."""
    slope = layer.parameters("relu").number("negative_slope", "0")
    if slope:
        trace.layer(layer, "leaky_relu", {"negative_slope": slope})
    else:
        trace.layer(layer, "relu", {})


def prelu(layer: Layer, trace: Tracing) -> None:
    """PReLU: one slope for all elements, or one per channel."""
    shared = layer.parameters("prelu").flag("channel_shared", False)
    trace.layer(layer, "prelu", {"num_parameters": 1 if shared else trace.shape(layer)[0]})


def elu(layer: Layer, trace: Tracing) -> None:
    """ELU."""
    trace.layer(layer, "elu", {"alpha": layer.parameters("elu").number("alpha", "1")})


def power(layer: Layer, trace: Tracing) -> None:
    """Power: (shift + scale·x)^power, when that is the identity."""
    params = layer.parameters("power")
    if params.number("power", "1") != 1 or params.number("scale", "1") != 1 or params.number("shift", "0") != 0:
        raise UnsupportedError("a power of a number, scaled and shifted", trace.shape(layer), 0)
    trace.layer(layer, "identity", {})


def lrn(layer: Layer, trace: Tracing) -> None:
    """LRN across channels. Caffe's defaults differ from PyTorch's."""
    params = layer.parameters("lrn")
    if params.word("norm_region", "ACROSS_CHANNELS") not in ("ACROSS_CHANNELS", "0"):
        raise UnsupportedError("a normalization within channels", trace.shape(layer), 0)
    arguments = {
        "size": params.whole("local_size", 5, least=1)[-1],
        "alpha": params.number("alpha", "1"),
        "beta": params.number("beta", "0.75"),
        "k": params.number("k", "1"),
    }
    trace.layer(layer, "lrn", arguments)


def batchnorm(layer: Layer, trace: Tracing) -> None:
    """BatchNorm without factors, which Caffe keeps in a Scale layer after it."""
    eps = layer.parameters("batch_norm").number("eps", "1e-5")
    trace.layer(layer, "batchnorm", {"eps": eps, "affine": False})


def scale(layer: Layer, trace: Tracing) -> None:
    """Scale: a factor per channel, or the product of two inputs."""
    params = layer.parameters("scale")
    if len(layer.bottoms) == 2:
        trace.layer(layer, "multiply", {}, trace.gate_sources(layer))
        return
    if params.word("axis", "1") != "1" or params.word("num_axes", "1") != "1":
        raise UnsupportedError("a factor along axes other than the channels", trace.shape(layer))
    trace.layer(layer, "scale", {"bias": params.flag("bias_term", False)})


def eltwise(layer: Layer, trace: Tracing) -> None:
    """Eltwise: sum, difference or product."""
    params = layer.parameters("eltwise")
    way = params.word("operation", "SUM")
    signs = params.numbers("coeff") or [Fraction(1)] * len(layer.bottoms)
    sources = tuple(trace.source(name, layer) for name in layer.bottoms)
    if way in ("PROD", "0"):
        trace.layer(layer, "multiply", {}, sources)
    elif way in ("SUM", "1") and set(signs) == {1}:
        trace.layer(layer, "add", {}, sources)
    elif way in ("SUM", "1") and signs[0] == 1 and set(signs[1:]) == {-1}:
        trace.layer(layer, "subtract", {}, sources)
    else:
        raise UnsupportedError("the largest of several, or a sum with factors", trace.shape(layer), 0)


def concat(layer: Layer, trace: Tracing) -> None:
    """Concat along an axis other than the batch."""
    params = layer.parameters("concat")
    dim = params.integer("axis", params.integer("concat_dim", 1))
    if dim == 0:
        raise UnsupportedError("it joins batches")
    trace.layer(layer, "concat", {"dim": dim}, tuple(trace.source(name, layer) for name in layer.bottoms))


def slice_blob(layer: Layer, trace: Tracing) -> None:
    """Slice: one part for each top, cut at `slice_point`, else into equal parts."""
    params = layer.parameters("slice")
    shape = trace.shape(layer)
    dim = params.integer("axis", params.integer("slice_dim", 1))
    size = shape[dim - 1] if 0 < dim <= len(shape) else 0
    points = params.whole("slice_point") if params.all("slice_point") else None
    if not isinstance(size, int) or size < 1:
        raise UnsupportedError("it divides the batch")
    count = len(layer.tops)
    points = points if points is not None else [size * part // count for part in range(1, count)]
    if len(points) != count - 1 or (not params.all("slice_point") and size % count):
        raise SpecError([Fault(f"{layer.who}: {size} rows cannot be divided into {count} tops", layer.span)])
    source = trace.source(layer.bottoms[0], layer)
    for top, start, end in zip(layer.tops, [0, *points], [*points, size], strict=True):
        arguments = {"dim": dim, "start": start} | ({"end": end} if end != size else {})
        made = trace.add(f"{layer.name}_{top}", "slice", arguments, (source,), layer)
        trace.blobs[top] = made


def split(layer: Layer, trace: Tracing) -> None:
    """Split: one blob under several names."""
    for top in layer.tops:
        trace.blobs[top] = trace.source(layer.bottoms[0], layer)


def flatten(layer: Layer, trace: Tracing) -> None:
    """Flatten."""
    params = layer.parameters("flatten")
    start, end = params.integer("axis", 1), params.integer("end_axis", -1)
    trace.layer(layer, "flatten", {"start_dim": start, "end_dim": end})


def reshape(layer: Layer, trace: Tracing) -> None:
    """Reshape: 0 keeps a size, -1 is inferred; the batch must stay first."""
    shape = trace.shape(layer)
    params = layer.parameters("reshape").message("shape").integers("dim")
    if not params or params[0] not in (0, -1) or len(params) < 2:
        raise UnsupportedError("it flattens the batch too")
    rest = [shape[axis] if size == 0 and axis < len(shape) else size for axis, size in enumerate(params[1:])]
    trace.layer(layer, "reshape", {"shape": rest})


def permute(layer: Layer, trace: Tracing) -> None:
    """Permute (SSD), when the batch stays first."""
    order = layer.parameters("permute").integers("order")
    if not order or order[0] != 0:
        raise UnsupportedError("it moves the batch")
    trace.layer(layer, "permute", {"dims": order[1:]})


def normalize(layer: Layer, trace: Tracing) -> None:
    """Normalize (SSD): the L2 norm over the channels of each pixel, times a trainable factor per channel."""
    params = layer.message.message("norm_param")
    if params.flag("across_spatial", True) or params.flag("channel_shared", True):
        raise UnsupportedError("a length over pixels too, or one factor for all channels", trace.shape(layer))
    name = trace.add(f"{layer.name}_length", "l2norm", {}, (trace.source(layer.bottoms[0], layer),), layer)
    trace.layer(layer, "scale", {}, (name,))


def mvn(layer: Layer, trace: Tracing) -> None:
    """MVN: each channel to mean 0 and variance 1."""
    params = layer.parameters("mvn")
    if params.flag("across_channels", False) or not params.flag("normalize_variance", True):
        raise UnsupportedError("over channels too, or the mean alone", trace.shape(layer), 0)
    trace.layer(layer, "instancenorm", {"eps": params.number("eps", "1e-9")})


def dropout(layer: Layer, trace: Tracing) -> None:
    """Dropout."""
    trace.layer(layer, "dropout", {"p": layer.parameters("dropout").number("dropout_ratio", "0.5")})


def softmax(layer: Layer, trace: Tracing) -> None:
    """Softmax along the channels."""
    trace.layer(layer, "softmax", {"dim": layer.parameters("softmax").integer("axis", 1)})


def channel_shuffle(layer: Layer, trace: Tracing) -> None:
    """ShuffleChannel (ShuffleNet)."""
    groups = layer.parameters("shuffle_channel").whole("group", 1, least=1)[-1]
    trace.layer(layer, "channel_shuffle", {"groups": groups})


def axpy(layer: Layer, trace: Tracing) -> None:
    """Axpy (SENet): a·x + y for bottoms a, x and y, with a factor a per channel."""
    factor, x, y = (trace.source(name, layer) for name in layer.bottoms)
    missing = len(trace.shapes[x]) - len(trace.shapes[factor])
    if missing:
        shape = [*trace.shapes[factor], *[1] * missing]
        factor = trace.add(f"{layer.name}_reshape", "reshape", {"shape": shape}, (factor,), layer)
    product = trace.add(f"{layer.name}_multiply", "multiply", {}, (x, factor), layer)
    trace.layer(layer, "add", {}, (product, y))


def interp(layer: Layer, trace: Tracing) -> None:
    """Interp (DeepLab, PSPNet): bilinear with aligned corners, to a size or by a factor."""
    params, (_, *sizes) = layer.parameters("interp"), trace.shape(layer)
    cuts = [params.word("pad_beg", "0"), params.word("pad_end", "0")]
    if cuts != ["0", "0"] or (len(sizes), len(layer.bottoms)) != (2, 1) or params.word("shrink_factor", "1") != "1":
        raise UnsupportedError("it cuts rows off, or takes every so many")
    fixed, zoom = [params.whole(name)[-1] for name in ("height", "width")], params.whole("zoom_factor", 1, least=1)[-1]
    size = [wanted or old + (old - 1) * (zoom - 1) for old, wanted in zip(sizes, fixed, strict=True)]
    trace.layer(layer, "upsample", {"size": size, "mode": "bilinear", "align_corners": True})


def upsample(layer: Layer, trace: Tracing) -> None:
    """Upsample of one bottom: nearest, by a factor. With a mask (SegNet) it undoes a max pooling, which is no layer."""
    params = layer.parameters("upsample")
    if len(layer.bottoms) != 1 or any(params.all(name) for name in UNPOOLING):
        raise UnsupportedError("it undoes a max pooling")
    factors = [params.whole(f"scale_{side}", params.whole("scale", 2, least=1)[-1], least=1)[-1] for side in "hw"]
    scale = factors[0] if factors[0] == factors[1] else factors
    trace.layer(layer, "upsample", {"scale_factor": scale, "mode": "nearest"})


UNPOOLING = ("upsample_h", "upsample_w", "pad_out_h", "pad_out_w")


def crop(layer: Layer, trace: Tracing) -> None:
    """Crop to the size of the second bottom, at an offset (FCN)."""
    params = layer.parameters("crop")
    if params.word("axis", "2") != "2" or len(layer.bottoms) != 2:
        raise UnsupportedError("it crops the channels or the batch")
    shape, like = trace.shape(layer), trace.shape(layer, 1)
    offsets = params.integers("offset") or [0]
    offsets = offsets * (len(shape) - 1) if len(offsets) == 1 else offsets
    rest = [before - after - low for before, after, low in zip(shape[1:], like[1:], offsets, strict=True)]
    margin = [[low, high] for low, high in zip(offsets, rest, strict=True)]
    trace.layer(layer, "crop", {"margin": margin}, (trace.source(layer.bottoms[0], layer),))


OTHERS: Mapping[str, Handler] = {
    "InnerProduct": inner_product,
    "ReLU": relu,
    "PReLU": prelu,
    "ELU": elu,
    "ReLU6": plain("relu6"),
    "Swish": plain("silu"),
    "SELU": plain("selu"),
    "Mish": plain("mish"),
    "HSwish": plain("hardswish"),
    "HardSwish": plain("hardswish"),
    "HSigmoid": plain("hardsigmoid"),
    "HardSigmoid": plain("hardsigmoid"),
    "ShuffleChannel": channel_shuffle,
    "Axpy": axpy,
    "Interp": interp,
    "Upsample": upsample,
    "Sigmoid": plain("sigmoid"),
    "TanH": plain("tanh"),
    "AbsVal": plain("abs"),
    "BNLL": plain("softplus"),
    "Power": power,
    "LRN": lrn,
    "Normalize": normalize,
    "MVN": mvn,
    "BatchNorm": batchnorm,
    "BN": plain("batchnorm"),  # forks (SegNet, PSPNet): with its factors
    "Scale": scale,
    "Eltwise": eltwise,
    "Concat": concat,
    "Slice": slice_blob,
    "Split": split,
    "Flatten": flatten,
    "Reshape": reshape,
    "Permute": permute,
    "Dropout": dropout,
    "Softmax": softmax,
    "Crop": crop,
}
