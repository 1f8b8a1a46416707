"""Loads whatever names a network, on the command line or in Python, as a `Spec`."""

from cnncalc.loading.door import from_torch, import_network, load

__all__ = ["from_torch", "import_network", "load"]
