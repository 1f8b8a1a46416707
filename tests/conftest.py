"""Where PyTorch is not installed, the test files that need it are left out, and the header says so.

One profile of Hypothesis for all property tests: no deadlines, which a busy machine breaks. Signals that the suite was
started to ignore, as in the background of a script, are handled again: tests send them to the commands that they start.
What is loaded once the tests are collected is set aside from garbage collection: to search PyTorch's 200 MB takes a
quarter of a second each time, and `bench` collects before every batch that it tries.
"""

import gc
import re
import signal
import threading
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

import cnncalc

from .examples import examples

HAS_TORCH = find_spec("torch") is not None
TORCH = re.compile(r"^(?:import|from) torch\b", re.MULTILINE)
OURS = re.compile(r"^from (\.+|cnncalc\b\.?)([\w.]*) import (.+)", re.MULTILINE)
PACKAGE = Path(cnncalc.__file__).parent
TESTS = Path(__file__).parent

settings.register_profile("cnncalc", deadline=None, database=None, max_examples=examples(100))
settings.load_profile("cnncalc")


def pytest_configure(config: pytest.Config) -> None:
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_IGN:
                signal.signal(number, lambda *_: None)  # ignored here as before, but not by what is started


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()


def pytest_report_header(config: pytest.Config) -> str | None:
    return None if HAS_TORCH else "torch is not installed: the tests against it are left out"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if not HAS_TORCH and collection_path.suffix == ".py" and needs_torch(collection_path):
        return True
    return None


@cache
def needs_torch(path: Path) -> bool:
    """Whether a file imports PyTorch as it is loaded, itself or through a test file or module of ours."""
    return bool(TORCH.search(path.read_text("utf-8"))) or any(map(needs_torch, imported(path)))


def imported(path: Path) -> Iterator[Path]:
    """The files of ours that a file imports at its top level, `from .marked import …`, `from cnncalc import …`; the
    room that a test is about.
    """
    if path.is_relative_to(TESTS) and path.parent != TESTS:
        yield from filter(Path.is_file, [PACKAGE / path.parent.relative_to(TESTS) / "__init__.py"])
    for origin, name, imports in OURS.findall(path.read_text("utf-8")):
        folder = PACKAGE if origin.startswith("cnncalc") else path.parents[len(origin) - 1]
        module = folder.joinpath(*filter(None, name.split(".")))
        within = (module / f"{word}.py" for word in re.findall(r"\w+", imports))
        yield from filter(Path.is_file, (module.with_suffix(".py"), module / "__init__.py", *within))


@pytest.fixture
def two_threads() -> Iterator[None]:
    """With one thread, PyTorch computes 1×1 convolutions over three axes by other code, which loses channels last."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(threads)
