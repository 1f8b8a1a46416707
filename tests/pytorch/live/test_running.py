"""A tool runs on a copy: what it prints, replaces or leaves behind is gone, and its failure is a sentence."""

import sys

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402 - needs torch
from torch.nn import functional  # noqa: E402 - needs torch

from cnncalc.errors import UsageError  # noqa: E402
from cnncalc.pytorch.live import running  # noqa: E402 - needs torch
from cnncalc.pytorch.live.running import NotInstalledError, installed_version, run_tool  # noqa: E402
from cnncalc.pytorch.live.tools import TOOLS, Tool  # noqa: E402

IMAGE = [torch.zeros(1, 3, 8, 8)]
MODULE = "a_tool_of_this_test"


def network():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())


def tool(monkeypatch, run, **fields):
    """Put a tool of our own in the place of thop's."""
    chosen = Tool(run, **{"module": "json", "distribution": "json", **fields})
    monkeypatch.setattr(running, "TOOLS", {"thop": chosen})


def test_what_it_prints_is_dropped(monkeypatch, capfd):
    def run(tool, model, inputs):
        print("printed", file=sys.stdout)
        print("printed", file=sys.stderr)
        return sum(each.numel() for each in model.parameters())

    tool(monkeypatch, run)
    assert run_tool("thop", network(), IMAGE) == 4 * 3 * 9 + 4 + 8
    assert tuple(capfd.readouterr()) == ("", "")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("first line\nsecond"), "thop fails on this network: ValueError: first line"),
        (AssertionError(), "thop fails on this network: AssertionError"),
        (SystemExit(3), "thop fails on this network: SystemExit: 3"),
        (RuntimeError("x" * 1000), f"thop fails on this network: RuntimeError: {'x' * 159}…"),
    ],
)
def test_a_failure_is_one_sentence(monkeypatch, error, message):
    def run(tool, model, inputs):
        raise error

    tool(monkeypatch, run)
    with pytest.raises(UsageError) as failed:
        run_tool("thop", network(), IMAGE)
    assert str(failed.value) == message


def test_nothing_is_left_behind(monkeypatch):
    def run(tool, model, inputs):
        model.train()
        for each in model:
            each.register_buffer("total_ops", torch.zeros(1))
            type(each).__call__ = lambda *_: None
        functional.relu = torch.Tensor.matmul = torch.add = None
        return 1

    tool(monkeypatch, run)
    model = network().eval()
    before = [*model.state_dict()], functional.relu, torch.Tensor.matmul, torch.add
    assert run_tool("thop", model, IMAGE) == 1
    assert ([*model.state_dict()], functional.relu, torch.Tensor.matmul, torch.add) == before
    assert not model.training
    assert model(*IMAGE).shape == (1, 4, 6, 6)


def test_a_missing_tool_is_named_with_how_to_install_it(monkeypatch):
    tool(monkeypatch, None, module="no_such_module_here.profiler", distribution="some-tool")
    with pytest.raises(NotInstalledError, match=r"^not installed: pip install some-tool$"):
        run_tool("thop", network(), IMAGE)
    tool(monkeypatch, None, distribution="one-fork", rival="another-fork")
    with pytest.raises(NotInstalledError, match=r"pip install one-fork \(in place of another-fork\)$"):
        run_tool("thop", network(), IMAGE)
    assert installed_version(running.TOOLS["thop"]) is None


def test_what_it_imports_besides_may_be_missing(monkeypatch, tmp_path):
    lines = "from missing_here.models import Loader, HubError\nclass Own(HubError): pass\nfound = Loader('x')\n"
    (tmp_path / f"{MODULE}.py").write_text(lines)
    monkeypatch.syspath_prepend(tmp_path)

    def run(tool, model, inputs):
        return len(tool.Own.__mro__)

    unneeded = ("missing_here", "missing_here.models")
    tool(monkeypatch, run, module=MODULE, distribution=MODULE)
    with pytest.raises(UsageError, match=f"^{MODULE} cannot be imported: ModuleNotFoundError: No module named"):
        run_tool("thop", network(), IMAGE)
    tool(monkeypatch, run, module=MODULE, distribution=MODULE, unneeded=unneeded)
    try:
        assert run_tool("thop", network(), IMAGE) == 5
    finally:
        sys.modules.pop(MODULE, None)
    assert not {*unneeded} & sys.modules.keys()


def test_pytorchs_own_counter_is_always_there():
    assert run_tool("torch", network(), IMAGE) == 2 * 4 * 36 * 27
    assert installed_version(TOOLS["torch"])
