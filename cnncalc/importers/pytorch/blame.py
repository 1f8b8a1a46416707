"""Describes an exception from the user's code in one sentence: what happened, and on which line."""

from __future__ import annotations

import re
import sys
import traceback
from pathlib import Path

from torch import nn

from cnncalc.pytorch.misfit import explain_misfit

DATA_DEPENDENT = {"GuardOnDataDependentSymNode", "DataDependentOutputException", "DynamicOutputShapeException"}
PAST_THE_CAPTURE = "fake tensor in the exported program constant"
LONGEST = 200
OURS = Path(__file__).parents[2]
LIBRARY = Path(traceback.__file__).parent


def depends_on_data(error: BaseException) -> bool:
    """Whether an error says that the network's path, or a size, depends on the values of a tensor."""
    return type(error).__name__ in DATA_DEPENDENT


def describe_error(error: BaseException, what: str, network: nn.Module | None = None) -> str:
    """One sentence: `Net on batch×3×32×32: RuntimeError: shape '[3, 5]' is invalid … (model.py:12)`."""
    kind = type(error).__name__
    if depends_on_data(error):
        return f"{what}: its control flow depends on the values of a tensor, which a spec cannot express{_place(error)}"
    if PAST_THE_CAPTURE in str(error):
        return f"{what}: it uses the data of a tensor (x.data), which cannot be captured: do this outside forward"
    misfit = explain_misfit(error, network)
    if misfit is not None:
        return f"{what}: {misfit}{_place(error)}"
    message = str(error).strip().partition("\n")[0]
    shown = message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"
    return f"{what}: {kind}{': ' if shown else ''}{shown}{_place(error)}"


def _place(error: BaseException) -> str:
    """The innermost line of the traceback that belongs neither to PyTorch, nor to Python, nor to cnncalc."""
    if isinstance(error, SyntaxError) and error.filename:
        return f" ({_short(error.filename)}:{error.lineno})"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_of_user(frame.filename)]
    return f" ({_short(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""


def line_of(trace: str) -> str:
    """The innermost such line in the stack trace that PyTorch recorded for an operation."""
    lines = [frame for frame in re.findall(r'File "(.+?)", line (\d+)', trace) if _is_of_user(frame[0])]
    return f" ({_short(lines[-1][0])}:{lines[-1][1]})" if lines else ""


def _is_of_user(filename: str) -> bool:
    """Whether a file is the user's. Installed packages count, although they lie within Python's own library."""
    import torch

    path = Path(filename)
    if filename.startswith("<") or any(path.is_relative_to(home) for home in (Path(torch.__file__).parent, OURS)):
        return False
    return not path.is_relative_to(LIBRARY) or "site-packages" in path.relative_to(LIBRARY).parts


def _short(filename: str) -> str:
    """The path relative to the current folder, or else to the folder that it was imported from."""
    path = Path(filename)
    for root in (Path.cwd(), *sorted((Path(entry) for entry in sys.path if entry), key=lambda p: -len(p.parts))):
        if path.is_relative_to(root):
            return str(path.relative_to(root))
    return filename
