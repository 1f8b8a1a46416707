"""`cnncalc flops --live`: tools run on the network itself; PyTorch's counter is always there."""

import json
import sys

import pytest

pytest.importorskip("torch")

NET = """
import torch
from torch import nn

print("imported")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        print("built")
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        print("run")
        return torch.relu(self.conv(x))
"""
MACS = 8 * 6 * 6 * 27


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    return "torch:net.py:Net"


def test_the_users_own_module(cnncalc, net):
    done = cnncalc("flops", net, "--input", "3x8x8", "--live", "torch")
    assert done.code == 0
    assert "15,552    15,552              equal" in done.out
    assert "1 of 1 tool that ran prints our number" in done.out
    assert not {"imported", "built", "run"} & set(done.out.split())


def test_json(cnncalc, net, monkeypatch):
    document = json.loads(cnncalc("flops", net, "--input", "3x8x8", "--live", "torch", "-f", "json").out)
    (found,) = document["live"]
    assert (found["tool"], found["printed"], found["total"]) == ("torch", 2 * MACS, 2 * MACS)
    assert (found["equal"], found["problem"], found["reconciliation"]) == (True, None, None)
    assert document["totals"]["macs"] == MACS


def test_a_spec_is_built(cnncalc):
    spec = "[conv: {out_channels: 8, kernel_size: 3}, relu]"
    out = cnncalc("flops", spec, "--input", "3x8x8", "--live", "torch").out
    assert "15,552    15,552              equal" in out
    assert "the tools ran on the network that cnncalc builds" in out


def test_what_differs_and_what_is_missing(cnncalc, monkeypatch):
    from cnncalc.pytorch.live import running
    from cnncalc.pytorch.live.tools import TOOLS

    tools = {
        "torch": TOOLS["torch"]._replace(run=lambda *_: 12345),
        "fvcore": TOOLS["fvcore"]._replace(module="no_such_module_here"),
        "flopth": TOOLS["flopth"]._replace(module="json", run=lambda *_: 1 // 0),
    }
    monkeypatch.setattr(running, "TOOLS", tools)
    done = cnncalc("flops", "conv: {out_channels: 2, kernel_size: 1}", "-i", "3x4x4", "--live", "torch, fvcore,flopth")
    assert done.code == 0
    assert "+12,153  differs; we count as torch@2.13.0 does" in done.out
    assert "torch, by kind of layer: 12,345, which no tool counts here" in done.out
    assert "not explained" in done.out
    assert "not installed: pip install fvcore" in done.out
    assert "flopth fails on this network: ZeroDivisionError" in done.out
    assert "0 of 1 tool that ran prints our number, 1 not installed, 1 failed" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lenet5", "--live", "fvcor"), "--live: unknown tool 'fvcor': did you mean 'fvcore'?"),
        (("lenet5", "--live", "keras"), "--live: keras cannot be run from here: choose from torchinfo, "),
        (("lenet5", "--live", "thop@0.1.1"), "--live: the version that is installed runs: write 'thop'"),
        (("lenet5", "--live", " ,"), "--live: expected names of tools, as in --live fvcore,thop: "),
        (("lenet5", "alexnet", "--live", "torch"), "--live runs the tools on one network: name one SPEC"),
        (("lenet5", "--live", "thop;fvcore"), "--live: unknown tool 'thop;fvcore': did you mean 'fvcore'?"),
        (("lenet5", "--live", "macs"), "--live: unknown tool 'macs': choose from torchinfo, "),
        (("lenet5", "--live", "all,x"), "--live: unknown tool 'x'"),
        (("lenet5", "--live", "torch", "--compare"), "--live and --training are mutually exclusive"),
        (("alexnet", "-i", "3xHxW", "--live", "torch"), "H, W are still symbols: give them values first"),
        (("alexnet", "-i", "3xHx224", "--live", "torch"), "H is still a symbol: give it a value first"),
        (("gone.yaml", "--live", "torch"), "no such file or shipped network: gone.yaml"),
        (("gone.py", "--live", "torch"), "gone.py: no such file; code is named with the class or function that"),
        (("torch:gone.py:Net", "-i", "3x8x8", "--live", "torch"), "gone.py"),
    ],
)
def test_what_cannot_be_asked(cnncalc, arguments, message):
    done = cnncalc("flops", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_module_that_fails_or_has_no_sizes(cnncalc, net, tmp_path):
    (tmp_path / "net.py").write_text(f"{NET}\n\nclass Bad(Net):\n    def forward(self, x): raise ValueError('no')\n")
    done = cnncalc("flops", net, "--live", "torch")
    assert (done.code, done.err) == (2, f"cnncalc: {net} needs its input sizes: --input 3x224x224\n")
    done = cnncalc("flops", net.replace("Net", "Bad"), "-i", "3x8x8", "--live", "torch")
    assert done.code == 2
    assert "ValueError: no (net.py:" in done.err


def test_nothing_is_installed(cnncalc, net, monkeypatch):
    from cnncalc.pytorch.live import running
    from cnncalc.pytorch.live.tools import TOOLS

    gone = {name: tool._replace(module="no_such_module_here") for name, tool in TOOLS.items()}
    monkeypatch.setattr(running, "TOOLS", gone)
    done = cnncalc("flops", net, "-i", "3x8x8", "--live", "all")
    assert (done.code, done.err) == (0, "")
    assert done.out.count("not installed: pip install") == len(TOOLS)
    assert "none of these tools is installed: pip install 'cnncalc[peers]' installs all" in done.out


def test_without_pytorch(cnncalc, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    done = cnncalc("flops", "lenet5", "--live", "thop")
    assert (done.code, done.err) == (2, "cnncalc: PyTorch is not installed: pip install 'cnncalc[torch]'\n")


def test_every_tool_is_asked_once():
    from cnncalc.cli.live import read_tools
    from cnncalc.pytorch.live.tools import TOOLS

    assert read_tools("thop, fvcore,thop") == ["thop", "fvcore"]
    assert read_tools("thop,all") == list(TOOLS)
