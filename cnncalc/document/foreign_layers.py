"""The layers of PyTorch, Keras, TensorFlow, ONNX, Caffe, Darknet and timm in our words, used only in messages.

Words are compared without case, underscores, hyphens and a number of dimensions: `MaxPool2d` is `maxpool`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SAME = {  # our layer: words of other tools that certainly mean it, with fields like its own
    "conv": "convolution convolutional convolutionlayer lazyconv convsame convinteger qlinearconv pointwiseconv",
    "conv_transpose": "deconv deconvolution deconvolutional transposedconv transposedconvolution upconv"
    " lazyconvtranspose",
    "locally_connected": "local locallyconnectedlayer",
    "linear": "dense fc fullyconnected innerproduct ip gemm affine connected lazylinear denselayer",
    "maxpool": "pool pooling maxpooling maxpoolinglayer maxpoolsame",
    "avgpool": "averagepooling averagepool meanpool meanpooling avgpooling avgpoolsame",
    "lppool": "lppooling",
    "subsample": "subsampling",
    "adaptive_avgpool": "adaptiveaveragepool adaptiveaveragepooling fastadaptiveavgpool",
    "adaptive_maxpool": "adaptivemaxpooling",
    "global_avgpool": "gap globalaveragepooling globalaveragepool globalavgpooling globalpool globalpooling avgglobal"
    " selectadaptivepool",
    "global_maxpool": "gmp globalmaxpooling",
    "batchnorm": "bn batchnormalization norm normalization batchnormalize lazybatchnorm syncbatchnorm frozenbatchnorm"
    " synchronizedbatchnorm batchnormalizationlayer",
    "layernorm": "ln layernormalization",
    "groupnorm": "gn groupnormalization",
    "instancenorm": "in instancenormalization lazyinstancenorm",
    "lrn": "localresponsenorm localresponsenormalization crossmaplrn responsenormalization",
    "l2norm": "lpnormalization l2normalize l2normalization unitnorm unitnormalization normalize",
    "scale": "layerscale scalelayer affinechannel learnedscale gamma",
    "flatten": "flat ravel",
    "reshape": "view unflatten",
    "permute": "transpose swapaxes movedim moveaxis",
    "pad": "zeropadding zeropad constantpad padding padlayer",
    "crop": "cropping centercrop",
    "upsample": "upsampling interpolate interpolation interp resize resizing upsamplenearest"
    " upsamplingnearest unpool unpooling",
    "pixel_shuffle": "depthtospace subpixel",
    "pixel_unshuffle": "spacetodepth reorg",
    "channel_shuffle": "shuffle shufflechannel shufflechannels",
    "concat": "concatenate concatenation cat merge route",
    "add": "eltwise plus addition elementwiseadd",
    "multiply": "mul times product prod hadamard elementwisemul",
    "subtract": "sub minus difference",
    "divide": "quotient truediv realdiv",
    "matmul": "bmm mm dot batchmatmul matmulinteger",
    "mean": "reducemean average",
    "deform_conv": "deformableconv deformableconvolution dcn dcnv2 modulateddeformconv",
    "grid_sample": "gridsampler",
    "roi_align": "multiscaleroialign",
    "nms": "nonmaxsuppression nonmaximumsuppression",
    "residual": "skip shortcut res skipconnection residualblock",
    "branches": "parallel fork inception",
    "sequence": "sequential seq group modulelist",
    "rnn": "simplernn",
    "std_conv": "scaledstdconv wsconv stdconvsame scaledstdconvsame",
    "unfold": "im2col",
    "fold": "col2im",
    "blurpool": "blur antialiaspool",
    "relu": "rectify rectifier activation",
    "leaky_relu": "lrelu leaky rrelu",
    "gelu": "quickgelu gelutanh",
    "silu": "swish",
    "sigmoid": "logistic",
    "tanh": "hyperbolictangent",
    "hardswish": "hswish",
    "hardsigmoid": "hsigmoid",
    "softmax": "softmaxlayer",
    "rescale": "rescaling mulconstant",
    "glu": "gatedlinearunit",
    "rmsnorm": "rmsnormalization",
    "grn": "globalresponsenorm globalresponsenormalization",
    "drop_path": "stochasticdepth",
    "sum": "reducesum",
    "max": "reducemax",
    "dropout": "drop spatialdropout alphadropout featurealphadropout gaussiandropout",
    "identity": "noop none passthrough nop cast castlike quantizelinear dequantizelinear",
}
LAYER_WORDS = {word: layer for layer, words in _SAME.items() for word in words.split()}

_ATTENTION = (
    "write `linear: {out_features: 3 * in_channels, axis: channels}` for queries, keys and values, `attention: heads`, "
    "and `linear` behind it"
)
_OPAQUE = "no layer does this: `unknown: {op: …, shape: […]}` stands for it, with the shape of its output"
_TRAINING = "it acts only in training: leave it out, or write `dropout`"
_LOSS = "a loss is not part of the network: leave it out"
_DECODING = "it adds no weights: end the network in the layer before it"
_EXPLAINED = {  # words of other tools: how to write what they mean, if that is not one layer with the same fields
    "split chunk tensorsplit unbind splittosequence": "`slice` reads one part: write one for each, from the same layer",
    "narrow stridedslice select getitem": "`slice` reads a range of one dimension",
    "gather index indexselect": "`take: [2, 0, 1]` reads chosen rows of one dimension, `slice` a range",
    "squeeze": "`flatten` drops the axes of size 1 after a pooling, `flatten: {end_dim: 2}` the "
    "height of a map of one row",
    "unsqueeze expanddims newaxis": "`reshape` adds axes of size 1: `reshape: [64, 1, 1]`",
    "rearrange": "`reshape` or `permute` does this",
    "stack": "add the new axis with `reshape`, then `concat` along it",
    "swiglu geglu reglu": "`glu` with its field gate: silu, gelu or relu",
    "se selayer semodule seblock squeezeexcite squeezeexcitation squeezeandexcite squeezeandexcitation "
    "effectivesemodule sqex": "`branches: {merge: multiply, paths: [[], [global_avgpool, …, sigmoid]]}`, with two "
    "`conv` of kernel_size 1: see 'cnncalc show senet'",
    "cbam eca ecamodule gatherexcite": "`branches: {merge: multiply, paths: [[], […, sigmoid]]}` is a gate",
    "depthwise depthwiseconv dwconv depthwiseconvolution convolutiondepthwise": "`conv` with groups: in_channels",
    "separableconv separable depthwiseseparableconv depthwiseseparable sepconv": "a `conv` with groups: in_channels, "
    "then a `conv` of kernel_size 1",
    "atrousconv dilatedconv": "`conv` with its field dilation",
    "groupconv groupedconv": "`conv` with its field groups",
    "convbn convbnrelu convbnact convnorm convnormact convmodule basicconv cbr cbs cbl": "`conv`, `batchnorm` and the "
    "activation are separate layers: put them in a block of your own, under 'blocks:'",
    "mbconv invertedresidual fusedmbconv bottleneck basicblock resblock c2f c3 csp": "a block of your own, under "
    "'blocks:', or a `residual`: see 'cnncalc show mobilenet_v2'",
    "mlp ffn feedforward": "`linear`, an activation and `linear` are separate layers",
    "spp sppf aspp": "`branches` of `maxpool` or dilated `conv`: see 'cnncalc show deeplab_v3'",
    "focus": "`pixel_unshuffle` and a `conv`",
    "patchembed patchembedding": "`conv` with stride equal to kernel_size",
    "layernorm2d layernormchannel": "`layernorm` with axis: channels",
    "batchnormact": "`batchnorm` and its activation are separate layers",
    "reflectionpad reflectpad replicationpad circularpad": "`pad` with its field mode",
    "upsamplingbilinear upsamplebilinear": "`upsample` with mode: bilinear",
    "clip clamp clipbyvalue": "`hardtanh: {min_val: 0, max_val: 6}`, or `relu6`",
    "neg negative": "`rescale` with factor: -1",
    "div": "by a number: `rescale` with a factor; by a tensor: `divide`",
    "einsumdense": "`linear` with axis: last",
    "einsum": "`matmul`, with `permute` where needed",
    "averagelayer": "`add` and `rescale`",
    "timedistributed": "every layer acts on all positions: write the layer itself; `linear` with axis: last",
    "bilstm bigru birnn bidirectional": "`lstm`, `gru` or `rnn` with bidirectional: true",
    "dropblock gaussiannoise randomflip randomrotation": _TRAINING,
    "input inputlayer data net imagedata placeholder": "the input is a key of its own, beside 'layers:': "
    "`input: 3x224x224`",
    "output": "the last layer is the output; several are named under 'outputs:'",
    "loss cost crossentropy accuracy": _LOSS,
    "yolo detection region priorbox topk argmax argmin detectionoutput proposal": _DECODING,
    "selfattention multiheadattention multiheadselfattention mhsa transformer transformerencoder "
    "transformerencoderlayer transformerdecoder transformerdecoderlayer "
    "linearattention flexattention transformerblock encoderlayer": _ATTENTION,
    "lstmcell grucell rnncell convlstm crnn embeddingbag "
    "lambda maxunpool maxunpooling roipool "
    "roipooling psroipooling affinegrid spatialtransformer maxout softsign "
    "softmin tanhshrink hardshrink softshrink threshold thresholdedrelu logsigmoid exp log sqrt pow power erf sin cos "
    "where tile expand repeatvector reducemin maximum minimum min fractionalmaxpool "
    "cumprod cosinesimilarity bilinear bilinearpooling globallppool reducel1 reducel2 reduceprod acos acosh "
    "asin asinh atan atanh tan sinh cosh sign reciprocal floor ceil round mod hardmax trilu scatter scatternd "
    "constantofshape gatherelements gathernd stft dft rotaryembedding": _OPAQUE,
}
EXPLAINED = {word: how for words, how in _EXPLAINED.items() for word in words.split()}


def plain_word(word: str) -> str:
    """A word as the tables have it: `nn.AdaptiveAvgPool2d` is `adaptiveavgpool`."""
    return re.sub(r"[123]d|[_\-]", "", word.lower().rpartition(".")[2])


def known_layer(word: str, known: Iterable[str]) -> str | None:
    """The layer or block that another tool's word, or another spelling, certainly means; else None."""
    known, plain = list(known), plain_word(word)
    if word.lower() in known:
        return word.lower()
    if explanation(word):
        return None
    return LAYER_WORDS.get(plain) or next((name for name in known if plain_word(name) == plain), None)


def explanation(word: str) -> str | None:
    """How to write what another tool's word means, if that is more than another name of a layer."""
    plain = plain_word(word)
    if plain.endswith("loss"):
        return _LOSS
    return EXPLAINED.get(word.lower().replace("_", "")) or EXPLAINED.get(plain)
