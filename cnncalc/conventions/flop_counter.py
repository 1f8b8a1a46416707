"""PyTorch's own counter (`torch.utils.flop_counter.FlopCounterMode`): 2 per MAC, and nothing else.

torchvision's published "GFLOPS" are half of it. On the CPU it does not see the products of an LSTM, which oneDNN
computes: the count is that of the meta device.
"""

from __future__ import annotations

from cnncalc.conventions.attention import attending
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.rules import doubled, macs, nothing, rules

REST = "NORMS POOLS ADAPTIVE ACTIVATIONS SOFTMAXES JOINED MOVES"

TORCH = Convention(
    "torch",
    "2.13.0",
    "FLOPs (2 per MAC)",
    rules(
        (doubled(macs), "CONVS linear matmul locally_connected"),
        (attending(doubled(macs), doubled(macs), turned=True), "attention"),
        (doubled(macs), "RECURRENT blurpool std_conv"),
        (nothing, "unfold fold"),
        (nothing, "grid_sample deform_conv roi_align nms TENSORS"),  # torchvision's operators are not in its table
        (nothing, "REDUCED glu rmsnorm grn embedding drop_path"),
        (nothing, f"{REST} upsample dropout lrn mean lppool l2norm rescale scale subsample rbf"),
    ),
)
