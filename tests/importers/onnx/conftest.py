"""Where the package onnx is not installed, these tests are left out."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("onnx") else ["test_*.py"]
