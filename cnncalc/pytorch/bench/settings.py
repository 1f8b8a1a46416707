"""The settings of a benchmark."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import torch

from cnncalc.errors import UsageError
from cnncalc.quantities.dtypes import storage_dtype

Dtype = Literal["fp32", "tf32", "fp16", "bf16"]
Mode = Literal["inference", "training"]
DTYPES: tuple[Dtype, ...] = get_args(Dtype)
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the network is set up and run; `duration` is the seconds to measure per batch, excluding the warm-up."""

    dtype: Dtype = "fp32"
    mode: Mode = "inference"
    channels_last: bool = False
    compile: bool = False
    cuda_graph: bool = False
    per_layer: bool = False
    duration: float = 2.0
    latency: bool = False
    cold: bool = False

    @property
    def training(self) -> bool:
        """Whether training steps are timed."""
        return self.mode == "training"

    @property
    def tensor_dtype(self) -> torch.dtype:
        """The data type of the tensors; for tf32 it is float32, since tf32 is a mode of multiplication."""
        dtype: torch.dtype = getattr(torch, storage_dtype(self.dtype))
        return dtype

    def require_sense(self) -> None:
        """Refuse settings that exclude each other.

        Raises:
            UsageError: two settings exclude each other.
        """
        if self.per_layer and self.training:
            raise UsageError("--per-layer times the layers at inference: leave out --mode training or --per-layer")
        if self.cuda_graph and self.training and self.dtype == "fp16":
            raise UsageError("fp16 training scales its loss, which no CUDA graph captures: use --dtype bf16")

    def refuse_cuda(self) -> None:
        """Refuse settings that only CUDA supports.

        Raises:
            UsageError: such a setting is given.
        """
        if self.cuda_graph:
            raise UsageError("--cuda-graph needs --device cuda")
        if self.cold:
            raise UsageError("--cold needs --device cuda")

    def to_dict(self) -> dict[str, Any]:
        """The settings as plain data, for saving."""
        return asdict(self)
