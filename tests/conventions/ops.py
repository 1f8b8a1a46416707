"""The rows of tests/data/peers_ops.csv as layers of ours: item and input without the batch, which is 2.

Channels that enter 8 and leave 16, where the row does not say otherwise; the layers were found from the counts.
"""

MAP = (8, 12, 10)


def conv(kernel_size=3, out=16, **fields):
    text = ", ".join(f"{name}: {str(value).lower()}" for name, value in fields.items())
    return f"conv: {{out_channels: {out}, kernel_size: {kernel_size}{', ' + text if text else ''}}}"


def transposed(kernel_size, out=16, **fields):
    return conv(kernel_size, out, **fields).replace("conv:", "conv_transpose:")


def twice(after):
    return f"{conv(out=8, padding=1)}\n    name: first{after}\n  - conv:\n    share: first{after}"


OPS = {
    "conv3x3_bias": (conv(padding=1), MAP),
    "conv3x3_nobias": (conv(padding=1, bias=False), MAP),
    "conv3x3_s2_bias": (conv(padding=1, stride=2), MAP),
    "conv3x3_g2_bias": (conv(padding=1, groups=2), MAP),
    "conv3x3_dw_nobias": (conv(out=8, padding=1, groups=8, bias=False), MAP),
    "conv3x3_dil2_bias": (conv(padding=2, dilation=2), MAP),
    "conv4x4_same_bias": (conv(4, padding="same"), MAP),
    "conv1d_bias": (conv(padding=1), (8, 12)),
    "conv3d_bias": (conv(padding=1), (8, 4, 12, 10)),
    "convT4x4_s2_bias": (transposed(4, stride=2, padding=1), MAP),
    "convT4x4_s2_nobias": (transposed(4, stride=2, padding=1, bias=False), MAP),
    "convT3x3_s1_g2_nobias": (transposed(3, padding=1, groups=2, bias=False), MAP),
    "linear_bias": ("linear: 30", (20,)),
    "linear_nobias": ("linear: {out_features: 30, bias: false}", (20,)),
    "linear3d_bias": ("linear: {out_features: 30, axis: last}", (5, 20)),
    "bn2d": ("batchnorm", MAP),
    "bn2d_noaffine": ("batchnorm: {affine: false}", MAP),
    "bn1d": ("batchnorm", (20,)),
    "layernorm": ("layernorm: {axis: last}", (5, 20)),
    "groupnorm": ("groupnorm: 4", MAP),
    "instnorm_noaffine": ("instancenorm", MAP),
    "instnorm_affine": ("instancenorm: {affine: true}", MAP),
    "lrn": ("lrn: 5", MAP),
    **{
        name: (kind, MAP)
        for name, kind in {
            "relu": "relu", "relu6": "relu6", "leakyrelu": "leaky_relu", "prelu": "prelu", "elu": "elu", "silu": "silu",
            "gelu": "gelu", "hardswish": "hardswish", "hardsigmoid": "hardsigmoid", "sigmoid": "sigmoid",
            "tanh": "tanh", "mish": "mish", "softplus": "softplus", "dropout": "dropout", "flatten": "flatten",
            "identity": "identity", "gap": "global_avgpool", "adaptmax1": "global_maxpool",
            "zeropad": "pad: 1", "pixelshuffle": "pixel_shuffle: 2",
            "maxpool2_s2": "maxpool: 2", "maxpool3_s2_p1": "maxpool: {kernel_size: 3, stride: 2, padding: 1}",
            "maxpool3_s2_ceil": "maxpool: {kernel_size: 3, stride: 2, ceil_mode: true}",
            "avgpool2_s2": "avgpool: 2", "avgpool3_s1_p1": "avgpool: {kernel_size: 3, stride: 1, padding: 1}",
            "avgpool_tuple2": "avgpool: [2, 2]", "globalmaxpool_int_k12": "maxpool: [12, 10]",
            "adaptavg_6x5": "adaptive_avgpool: [6, 5]", "adaptavg_7x7": "adaptive_avgpool: 7",
            "up_nearest2": "upsample: 2", "up_bilinear2": "upsample: {scale_factor: 2, mode: bilinear}",
            "up_bilinear_size": "upsample: {size: [24, 20], mode: bilinear}",
            "mean_hw": "mean", "torch.flatten": "flatten", "conv_nonfit_s2": conv(stride=2),
            "F.relu": "relu", "F.interpolate_nearest2": "upsample: 2", "F.max_pool2d": "maxpool: 2",
            "F.adaptive_avg_pool2d": "global_avgpool",
        }.items()
    },
    "softmax": ("softmax: -1", (20,)),
    "op_add": ("add: x", MAP),
    "torch.add": ("add: x", MAP),
    "op_mul": ("multiply: x", MAP),
    "torch.mul": ("multiply: x", MAP),
    "cat": ("concat: x", MAP),
    "matmul": ("permute: [1, 3, 2]\n    from: x\n    name: y\n  - matmul:\n    from: [x, y]", MAP),
    "shared_conv_twice": (twice(""), MAP),
    "same_conv_two_names": (twice(""), MAP),
    "shared_across_parents": (twice("\n  - relu"), MAP),
    "shared_relu_3x": (f"sequence: [{conv(1, 8)}, relu]\n    repeat: 3", MAP),
    "tied_weight_linears": ("linear: 20\n  - linear: 20", (20,)),
    "unused_layer": (conv(1, 8), MAP),
    "conv_frozen_weight": (f"{conv(padding=1)}\n    frozen: true", MAP),
    "se_block": (
        f"branches: {{merge: multiply, paths: [[], [global_avgpool, {conv(1, 2)}, relu, {conv(1, 8)}, sigmoid]]}}",
        MAP,
    ),
}  # fmt: skip
WRITTEN = {
    **dict.fromkeys(("F.relu", "F.interpolate_nearest2", "F.max_pool2d", "F.adaptive_avg_pool2d"), "functional"),
    **dict.fromkeys(("torch.add", "torch.mul", "torch.flatten"), "functional"),
    "shared_relu_3x": "shared",
}
NO_LAYER = {  # rows that concern no layer of ours
    "bn2d_train": "training mode", "einsum": "any contraction", "embedding": "indices enter", "lstm": "recurrent",
    "mha": "attention", "sdpa": "attention", "raw_parameter_mul": "a parameter without a layer",
}  # fmt: skip


def spec(name):
    """The text of a row's spec; `x` names what enters."""
    item, shape = OPS[name]
    size = "x".join(map(str, shape)) if len(shape) > 1 else list(shape)
    kind = item.partition(":")[0] if name != "shared_relu_3x" else "relu"
    written = f"written: {{{kind}: {WRITTEN[name]}}}\n" if name in WRITTEN else ""
    return f"input: {{x: {size}}}\nlayers:\n  - identity:\n    from: x\n  - {item}\n{written}"
