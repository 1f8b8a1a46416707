"""fvcore (`jit_handles.py`, `flop_count.py`): traced operators; one fused multiply-add is "one flop".

Biases cost nothing, pooling and activations neither; a normalization does, and so does what enters adaptive pooling.
A convolution with padding='same' is another operator (`_convolution_mode`), which the table lacks: it counts 0.
timm's published GMACs are this total.
"""

from __future__ import annotations

from cnncalc.conventions.attention import attending
from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.rules import by_mode, called, entering, leaving, macs, normalizing, nothing, of_rank, rules
from cnncalc.conventions.standardized import standardized
from cnncalc.symbolic import Size


def untraced_same(call: Call) -> Size:
    """M, but 0 for padding='same'."""
    return 0 if call.same else call.macs


FVCORE = Convention(
    "fvcore",
    "0.1.5.post20221221",
    "flops (MACs + normalization)",
    rules(
        (untraced_same, "conv"),
        (macs, "conv_transpose linear matmul"),
        (attending(nothing, macs), "attention"),
        (normalizing(2, 1), "batchnorm"),
        (normalizing(5, 4), "instancenorm layernorm groupnorm"),
        (called(of_rank(2, entering())), "AVERAGING"),
        (of_rank(2, by_mode({"nearest": 1, "bilinear": 4})), "upsample"),
        (nothing, "POOLS lppool adaptive_maxpool global_maxpool ACTIVATIONS SOFTMAXES JOINED MOVES"),
        (leaving(4), "grid_sample"),  # in every mode
        (nothing, "deform_conv roi_align nms TENSORS"),
        (nothing, "REDUCED glu rmsnorm grn embedding drop_path"),
        (nothing, "dropout lrn mean l2norm rescale scale"),
        (macs, "blurpool"),
        (standardized(macs, affine=5, plain=4), "std_conv"),
        (nothing, "RECURRENT unfold fold"),
    ),
)
