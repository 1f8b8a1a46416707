"""calflops 0.3.2 and DeepSpeed's profiler, from which it comes: patched functions (`pytorch_ops.py`).

Bugs of both: padding='same' is computed as 2·⌊D·(F − 1)/2⌋, short by one for even kernels; a grouped transposed
convolution is divided by its groups twice, and its bias counted over the size that a convolution would leave;
upsampling to a size forgets the channels. calflops also counts what enters an upsampling by a scale, not what leaves.
DeepSpeed's release 0.19.8 counts transposed convolutions right; edaa72212 is a state before it. In training mode a
batchnorm costs more, and the backward pass is taken as two forward passes.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.conventions.attention import attending, by_function
from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.ptflops import ELEMENTWISE, functional, lrn, rescaled, scaled
from cnncalc.conventions.recurrent import forward
from cnncalc.conventions.rules import (
    Rule,
    doubled,
    entering,
    hooked,
    joining,
    leaving,
    macs,
    merging,
    normalizing,
    nothing,
    patched,
    rules,
    times,
)
from cnncalc.conventions.standardized import standardized
from cnncalc.layers.layer import Shape
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size

RELEASE, EARLIER = "0.19.8", "edaa72212"  # of DeepSpeed
REST = "SMOOTH MOVES log_softmax selu celu hardtanh abs subtract divide concat mean l2norm dropout"


def _positions(call: Call) -> Size:
    """The number of windows of a convolution, as the tools compute it."""
    if not call.same:
        return call.y // call.channels
    layer = call.layer
    axes = zip(call.node.shapes[0][1:], layer.kernel_size, layer.dilation, strict=True)
    positions: Shape = tuple(n + 2 * (d * (f - 1) // 2) - d * (f - 1) for n, f, d in axes)
    return numel(positions)


def _conv_macs(call: Call) -> Size:
    return call.macs // (call.y // call.channels) * _positions(call) if call.same else call.macs


def _conv(call: Call) -> Size:
    return 2 * _conv_macs(call) + (call.channels * _positions(call) if call.biased else 0)


def _transposed_macs(call: Call) -> Size:
    groups: Size = call.layer.groups
    return call.x * (call.channels // groups // groups) * call.kernel


def _transposed(call: Call) -> Size:
    """The bias per group, over ⌊(N + 2P − E)/S⌋ + 1."""
    layer = call.layer
    axes = zip(call.node.shapes[0][1:], layer.kernel_size, layer.stride, layer.padding, layer.dilation, strict=True)
    outs: Shape = tuple((n + low + high - d * (f - 1) - 1) // s + 1 for n, f, s, (low, high), d in axes)
    return 2 * _transposed_macs(call) + (call.channels // layer.groups * numel(outs) if call.biased else 0)


def _released_transposed(call: Call) -> Size:
    return 2 * call.macs + call.bias


def _relu6(call: Call) -> Size:
    """F.relu6; the module calls F.hardtanh, which is not patched."""
    return call.x if call.written == "functional" else 0


def _matmul(call: Call) -> Size:
    """torch.matmul, and the method; torch.bmm and `@` are not patched."""
    return call.macs if call.patched and not call.by else 0


def _every_product(call: Call) -> Size | None:
    """DeepSpeed patches `@` too; a softmax only as a function."""
    softmax = by_function(nothing, softmax=1)(call)
    return None if softmax is None else 2 * call.macs + softmax


def _upsample(of_scale: Rule) -> Rule:
    """prod(size) for a size, whatever the channels."""
    return lambda call: of_scale(call) if call.layer.scale_factor is not None else numel(call.node.output[1:])


def _flops(upsample: Rule, matmul: Rule, attended: Rule, *recurrent: tuple[Rule, str]) -> Mapping[str, Rule]:
    return rules(
        (_conv, "conv"),
        (_transposed, "conv_transpose"),
        (doubled(macs), "linear"),
        (doubled(matmul), "matmul"),
        (attended, "attention"),
        (functional(rescaled), "rescale"),
        (functional(scaled), "scale"),
        *recurrent,
        (normalizing(2, 1), "batchnorm"),
        (normalizing(5, 4), "instancenorm layernorm groupnorm"),
        (patched(entering()), "relu prelu elu leaky_relu silu gelu softmax POOLS ADAPTIVE"),
        (_relu6, "relu6"),
        (lrn, "lrn"),
        (_upsample(upsample), "upsample"),
        (patched(joining), "add multiply"),
        (patched(merging(leaving(), leaving())), "TENSORS"),
        (nothing, f"{REST} TRIED OTHERS grn unfold fold"),
        (doubled(macs), "blurpool"),
    )


def _macs(matmul: Rule, attended: Rule, also: str = "", *more: tuple[Rule, str]) -> Mapping[str, Rule]:
    norms = "batchnorm instancenorm layernorm groupnorm"
    activations = "relu prelu elu leaky_relu silu gelu relu6 softmax POOLS ADAPTIVE"
    return rules(
        (_conv_macs, "conv"),
        (_transposed_macs, "conv_transpose"),
        (macs, "linear"),
        (matmul, "matmul"),
        (attended, "attention"),
        (nothing, "scale rescale"),
        *more,
        (macs, "blurpool"),
        (
            nothing,
            f"TRIED OTHERS grn unfold fold {norms} {activations} {REST} upsample add multiply lrn TENSORS {also}",
        ),
    )


RECURRENT = (hooked(forward(ELEMENTWISE, factor=2, less=1)), "RECURRENT")  # multiplications, and sums of them

STANDARDIZED = (standardized(lambda call: 2 * call.macs + call.bias, affine=5, plain=4), "std_conv")

_BY_MATMUL = attending(nothing, by_function(doubled(macs), "matmul", softmax=1), plain=True)
FLOPS = _flops(entering(), _matmul, _BY_MATMUL, RECURRENT, STANDARDIZED)
CALFLOPS = Convention("calflops", "0.3.2", "FLOPs (2 per MAC)", FLOPS)
CALFLOPS_MACS = Convention(
    "calflops-macs",
    "0.3.2",
    "MACs",
    _macs(_matmul, attending(nothing, by_function(macs, "matmul"), plain=True), "RECURRENT", (macs, "std_conv")),
)
_EVERY_PRODUCT = attending(doubled(macs), _every_product, plain=True)
EARLIER_FLOPS = _flops(leaving(), macs, _EVERY_PRODUCT, RECURRENT, STANDARDIZED)
EARLIER_MACS = _macs(macs, attending(macs, macs, plain=True), "RECURRENT", (macs, "std_conv"))
DEEPSPEED = Convention(
    "deepspeed", RELEASE, "FLOPs (2 per MAC)", {**EARLIER_FLOPS, "conv_transpose": _released_transposed}
)
DEEPSPEED_MACS = Convention("deepspeed-macs", RELEASE, "MACs", {**EARLIER_MACS, "conv_transpose": macs})
DEEPSPEED_TRAINING = Convention(
    "deepspeed-training",
    RELEASE,
    "FLOPs, forward and backward",
    {kind: times(3, rule) for kind, rule in {**DEEPSPEED.rules, "batchnorm": normalizing(5, 4)}.items()},
    training=True,
)
DEEPSPEED_EARLIER = Convention("deepspeed", EARLIER, "FLOPs (2 per MAC)", EARLIER_FLOPS)
DEEPSPEED_MACS_EARLIER = Convention("deepspeed-macs", EARLIER, "MACs", EARLIER_MACS)
