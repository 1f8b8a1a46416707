"""The one door: whatever names a network, on a command line or in Python, and the `Spec` that it is."""

from cnncalc.loading.door import from_torch, import_network, load

__all__ = ["from_torch", "import_network", "load"]
