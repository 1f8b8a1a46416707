"""`channels-off-tensor-core`: channel counts that tensor cores have to pad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.checks.finding import Fix
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.layers.convolution import Conv
from cnncalc.layers.linear import Linear

MULTIPLE = 8


class ChannelsOffTensorCore(Rule):
    """The output channels of a convolution or linear layer are not a multiple of 8."""

    name: ClassVar[str] = "channels-off-tensor-core"
    level: ClassVar[Level] = "off"
    what: ClassVar[str] = f"A layer produces a number of channels that is not a multiple of {MULTIPLE}."
    why: ClassVar[str] = (
        "In half precision, tensor cores multiply matrices whose sizes are multiples of 8; other sizes are padded, "
        "which costs time and memory, or run on slower units. Outputs of the network (the number of classes is given) "
        "and depthwise convolutions (which do not run on tensor cores) are not reported. Off by default: it matters "
        "only on such hardware."
    )
    example: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 25, kernel_size: 3, padding: 1}
  - relu
  - conv: {out_channels: 10, kernel_size: 1}
"""
    fixed: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 24, kernel_size: 3, padding: 1}
  - relu
  - conv: {out_channels: 10, kernel_size: 1}
"""
    source: ClassVar[str] = (
        "NVIDIA: Deep Learning Performance, Convolutional Layers User's Guide, Tensor Core requirements."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the inner layers with channels, or channels per group, that are not a multiple of 8."""
        for node in subject.report.graph.nodes:
            if isinstance(node.layer, Conv | Linear) and subject.wiring.feeds_weights(node):
                field = "out_features" if isinstance(node.layer, Linear) else "out_channels"
                channels = getattr(node.layer, field)
                groups = getattr(node.layer, "groups", 1)
                if not isinstance(channels, int) or not isinstance(groups, int) or groups == node.shapes[0][0] != 1:
                    continue
                each = channels // groups
                if each % MULTIPLE:
                    near = max(MULTIPLE, (each + MULTIPLE // 2) // MULTIPLE * MULTIPLE) * groups
                    per_group = f" in {groups} groups" if groups > 1 else ""
                    message = f"{channels} channels{per_group} is not a multiple of {MULTIPLE}"
                    yield Case(node, message, (field,), lambda near=near, field=field: Fix(f"{field}: {near}"))  # type: ignore[misc]
