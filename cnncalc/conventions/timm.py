"""timm's published `gmacs` and `macts` (`benchmark.py: profile_fvcore`; results/benchmark-*.csv), in single units.

`gmacs` is fvcore's total. `macts` is fvcore's other one (`activation_count.py`): every number that leaves a
convolution, a linear layer or a matrix product. What fvcore does not know has no activations: PyTorch's attention
function, a convolution with padding='same'.
"""

from __future__ import annotations

from cnncalc.conventions.attention import Sizes, attending
from cnncalc.conventions.call import Call
from cnncalc.conventions.convention import Convention
from cnncalc.conventions.fvcore import FVCORE
from cnncalc.conventions.rules import leaving, nothing, rules
from cnncalc.symbolic import Size

VERSION = "1.0"
COUNTED = ("conv", "conv_transpose", "linear", "matmul", "attention", "blurpool", "std_conv")


def _conv(call: Call) -> Size:
    return 0 if call.same else call.y


def _products(call: Call) -> Size:
    """Scores, and what is summed with them."""
    return Sizes(call).weights + call.y


GMACS = Convention("timm", VERSION, FVCORE.unit, FVCORE.rules)
MACTS = Convention(
    "timm-macts",
    VERSION,
    "activations",
    rules(
        (_conv, "conv"),
        (leaving(), "conv_transpose linear matmul blurpool std_conv"),
        (attending(nothing, _products), "attention"),
        (nothing, " ".join(kind for kind in FVCORE.rules if kind not in COUNTED)),
    ),
)
