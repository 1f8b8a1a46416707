"""The tests of the language server need pygls and pytest-lsp, which the extra `test` brings."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("pygls") and find_spec("pytest_lsp") else ["test_*.py"]
