"""Modules and functions that PyTorch lacks: the builder imports them, the exporter copies their source into files.

Each is copied together with what it uses from this package, and nothing else, so its modules import nothing from
cnncalc, and no name is defined twice. Lines are short enough for a formatter of 88 columns. Compiled forward passes run
among the names of this package, which include `torch`, `nn` and `F`.
"""

from __future__ import annotations

from cnncalc.pytorch.written_out.attention import *  # noqa: F403
from cnncalc.pytorch.written_out.blurring import *  # noqa: F403
from cnncalc.pytorch.written_out.modules import *  # noqa: F403
from cnncalc.pytorch.written_out.recurrent import *  # noqa: F403
from cnncalc.pytorch.written_out.sampling import *  # noqa: F403
from cnncalc.pytorch.written_out.standardized import *  # noqa: F403
from cnncalc.pytorch.written_out.tensors import *  # noqa: F403
