"""Brings PyTorch in once, without its warning that NumPy is not there: warnings are errors in the tests."""

import contextlib
import warnings

with warnings.catch_warnings(), contextlib.suppress(ModuleNotFoundError):
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(1)
