"""Brings PyTorch in once, without its warning that NumPy is not there: warnings are errors in the tests."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch

torch.set_num_threads(1)
