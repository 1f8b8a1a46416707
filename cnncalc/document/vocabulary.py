"""Other tools' words for ours, used only in messages: specs use one vocabulary, PyTorch's."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.suggest import ask, nearest

MODIFIER_WORDS = {
    "id": "name", "label": "name", "input": "from", "inputs": "from", "bottom": "from", "source": "from",
    "times": "repeat", "n": "repeat", "number": "repeat", "repeats": "repeat", "count": "repeat", "if": "when",
    "condition": "when", "shared": "share", "weights": "share", "freeze": "frozen", "trainable": "frozen",
}  # fmt: skip

LAYER_WORDS = {
    "conv1d": "conv", "conv2d": "conv", "conv3d": "conv", "convolution": "conv", "convolutional": "conv",
    "convolution2d": "conv", "depthwiseconv2d": "conv", "separableconv2d": "conv", "depthwise": "conv",
    "convtranspose1d": "conv_transpose", "convtranspose2d": "conv_transpose", "convtranspose3d": "conv_transpose",
    "conv2dtranspose": "conv_transpose", "deconv": "conv_transpose", "deconvolution": "conv_transpose",
    "transposed_conv": "conv_transpose", "upconv": "conv_transpose",
    "locallyconnected2d": "locally_connected", "local": "locally_connected",
    "dense": "linear", "fc": "linear", "fullyconnected": "linear", "fully_connected": "linear",
    "innerproduct": "linear", "inner_product": "linear", "gemm": "linear", "affine": "linear", "connected": "linear",
    "pool": "maxpool", "pooling": "maxpool", "max_pool": "maxpool", "max_pool2d": "maxpool", "maxpool1d": "maxpool",
    "maxpool2d": "maxpool", "maxpool3d": "maxpool", "maxpooling": "maxpool", "maxpooling2d": "maxpool",
    "max_pooling": "maxpool", "max_pooling2d": "maxpool", "subsampling": "subsample",
    "avg_pool": "avgpool", "avg_pool2d": "avgpool", "avgpool1d": "avgpool", "avgpool2d": "avgpool",
    "avgpool3d": "avgpool", "averagepooling2d": "avgpool", "average_pool": "avgpool", "averagepool": "avgpool",
    "meanpool": "avgpool", "adaptiveavgpool2d": "adaptive_avgpool", "adaptive_avg_pool2d": "adaptive_avgpool",
    "adaptivemaxpool2d": "adaptive_maxpool", "gap": "global_avgpool", "globalaveragepooling2d": "global_avgpool",
    "globalavgpool2d": "global_avgpool", "global_average_pool": "global_avgpool", "global_avg_pool": "global_avgpool",
    "globalpool": "global_avgpool", "global_pool": "global_avgpool", "globalmaxpooling2d": "global_maxpool",
    "bn": "batchnorm", "batch_norm": "batchnorm", "batchnorm1d": "batchnorm", "batchnorm2d": "batchnorm",
    "batchnorm3d": "batchnorm", "batchnormalization": "batchnorm", "batch_normalization": "batchnorm",
    "layer_norm": "layernorm", "ln": "layernorm", "layernormalization": "layernorm", "group_norm": "groupnorm",
    "gn": "groupnorm", "instance_norm": "instancenorm", "instancenorm2d": "instancenorm", "in": "instancenorm",
    "localresponsenorm": "lrn", "local_response_norm": "lrn", "norm": "batchnorm",
    "flat": "flatten", "view": "reshape", "transpose": "permute", "zeropadding2d": "pad", "zeropad2d": "pad",
    "zero_pad": "pad", "cropping2d": "crop", "upsampling2d": "upsample", "interpolate": "upsample",
    "resize": "upsample", "pixelshuffle": "pixel_shuffle", "depth_to_space": "pixel_shuffle",
    "space_to_depth": "pixel_unshuffle", "shuffle": "channel_shuffle",
    "concatenate": "concat", "cat": "concat", "merge": "concat", "route": "concat", "sum": "add", "eltwise": "add",
    "plus": "add", "mul": "multiply", "times": "multiply", "sub": "subtract", "minus": "subtract",
    "skip": "residual", "shortcut": "residual", "res": "residual", "parallel": "branches", "split": "branches",
    "sequential": "sequence", "seq": "sequence", "group": "sequence",
    "drop": "dropout", "dropout2d": "dropout", "leakyrelu": "leaky_relu", "lrelu": "leaky_relu", "leaky": "leaky_relu",
    "rectify": "relu", "activation": "relu", "swish": "silu", "hard_swish": "hardswish", "h_swish": "hardswish",
    "hard_sigmoid": "hardsigmoid", "logsoftmax": "log_softmax", "soft_max": "softmax", "logistic": "sigmoid",
    "rescaling": "rescale", "noop": "identity", "none": "identity", "bmm": "matmul", "mm": "matmul",
}  # fmt: skip

FIELD_WORDS: dict[str, tuple[str, ...]] = {
    "filters": ("out_channels",), "num_filters": ("out_channels",), "channels": ("out_channels",),
    "features": ("out_features", "out_channels"), "num_output": ("out_channels", "out_features"),
    "units": ("out_features", "out_channels"), "neurons": ("out_features",), "nodes": ("out_features",),
    "n": ("out_channels", "out_features"), "out": ("out_channels", "out_features"), "depth": ("out_channels",),
    "output": ("out_channels", "out_features"), "outputs": ("out_channels", "out_features"),
    "kernel": ("kernel_size",), "kernels": ("kernel_size",), "filter_size": ("kernel_size",),
    "filter": ("kernel_size",), "size": ("kernel_size", "output_size"), "window": ("kernel_size",),
    "pool_size": ("kernel_size",), "k": ("kernel_size",), "f": ("kernel_size",), "kernel_shape": ("kernel_size",),
    "window_size": ("kernel_size",),
    "strides": ("stride",), "s": ("stride",), "step": ("stride",), "subsample": ("stride",),
    "pad": ("padding",), "pads": ("padding",), "p": ("padding",), "border_mode": ("padding",),
    "dilation_rate": ("dilation",), "dilations": ("dilation",), "rate": ("p", "dilation"), "atrous": ("dilation",),
    "group": ("groups",), "use_bias": ("bias",), "bias_term": ("bias",), "rounding": ("ceil_mode",),
    "dropout_ratio": ("p",), "prob": ("p",), "alpha": ("negative_slope",), "epsilon": ("eps",), "axis": ("dim",),
    "scale": ("scale_factor", "upscale_factor"), "factor": ("scale_factor", "upscale_factor", "downscale_factor"),
    "block_size": ("upscale_factor", "downscale_factor"), "num_groups": ("groups",), "groups": ("num_groups",),
    "local_size": ("size",), "center": ("affine",), "interpolation": ("mode",),
}  # fmt: skip

SECTION_WORDS = {
    "network": "layers", "model": "layers", "architecture": "layers", "body": "layers", "net": "layers",
    "modules": "layers", "backbone": "layers", "input_shape": "input", "input_size": "input", "inputs": "input",
    "in": "input", "parameters": "params", "args": "params", "functions": "blocks", "definitions": "blocks",
    "expected": "expect", "expectations": "expect", "title": "name", "paper": "source", "configs": "variants",
    "checks": "check", "rules": "check", "lint": "check", "budget": "expect",
}  # fmt: skip

OWN_LAYER = {"activation", "act", "nonlinearity", "batch_norm", "batch_normalize", "bn", "dropout", "pool", "pooling"}
COMPUTED = {"in_channels", "in_features", "input_channels", "num_features", "normalized_shape", "input_shape"}


def known_layer(word: str, known: Iterable[str]) -> str | None:
    """The layer or block that another tool's word, or another capitalization, certainly means; else None."""
    lowered = word.lower()
    return LAYER_WORDS.get(lowered) or (lowered if lowered in known else None)


def layer_hint(word: str, known: Iterable[str]) -> str | None:
    """A suggestion for an unknown layer or block: by another tool's word, else the nearest spelling."""
    known = list(known)
    near = known_layer(word, known) or nearest(word, known, cutoff=0.65)
    return ask(near) if near else None


def field_hint(kind: str, word: str, fields: Iterable[str], written: Iterable[str] = ()) -> str | None:
    """A suggestion for an unknown field of a layer with these fields; `written` are those already used."""
    fields = list(fields)
    if word in COMPUTED:
        return "computed from the input: leave it out"
    lowered = word.lower()
    if lowered in OWN_LAYER:
        return "a separate layer: write it as the next item"
    for candidate in (*FIELD_WORDS.get(lowered, ()), lowered):
        if candidate in fields and candidate not in written:
            return ask(candidate)
    near = nearest(word, fields)
    if near:
        return ask(near)
    return f"it has {', '.join(fields)}" if fields else f"{kind} has no fields"


def section_hint(word: str, sections: Iterable[str]) -> str | None:
    """A suggestion for an unknown key of the spec."""
    sections = list(sections)
    near = SECTION_WORDS.get(word.lower()) or nearest(word, sections)
    return ask(near) if near else f"a spec has {', '.join(sections)}"
