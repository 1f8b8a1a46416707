"""Runs other tools that count operations, where they are installed, on a network of PyTorch's.

Several of them leave something behind: counters as buffers of modules, functions of torch replaced, classes whose calls
are wrapped. Each therefore gets a copy of the network, and everything that they are known to replace is put back.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from copy import deepcopy
from importlib import import_module
from io import StringIO
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias
from unittest.mock import MagicMock, patch

import torch
from torch import nn
from torch.nn import functional

from cnncalc.errors import UsageError

Inputs: TypeAlias = "tuple[torch.Tensor, ...]"
Run: TypeAlias = "Callable[[Any, nn.Module, Inputs], int | None]"


class Tool(NamedTuple):
    """How to run a tool for one convention; the name of its distribution, and of the module to import."""

    run: Run
    module: str
    distribution: str = ""
    unneeded: tuple[str, ...] = ()  # what it imports for other purposes, and may be missing

    @property
    def installs(self) -> str:
        """What `pip install` needs."""
        return self.distribution or self.module.partition(".")[0]


def _fvcore(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
    analysis = tool.FlopCountAnalysis(model, inputs)
    return int(analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total())


def _macts(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
    analysis = tool.ActivationCountAnalysis(model, inputs)
    return int(analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total())


def _torchinfo(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
    return int(tool.summary(model, input_data=list(inputs), verbose=0).total_mult_adds)


def _thop(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
    return int(tool.profile(model, inputs=inputs, verbose=False)[0])


def _ptflops(**options: Any) -> Run:
    def run(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
        if len(inputs) > 1:
            return None
        sizes = tuple(inputs[0].shape[1:])
        quiet = {"as_strings": False, "print_per_layer_stat": False, "verbose": False}
        count = tool.get_model_complexity_info(model, sizes, **quiet, **options)[0]
        return None if count is None else int(count)

    return run


def _calflops(place: int) -> Run:
    def run(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
        quiet = {"print_results": False, "print_detailed": False, "output_as_string": False}
        return int(tool.calculate_flops(model, args=list(inputs), **quiet)[place])

    return run


def _deepspeed(place: int) -> Run:
    def run(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
        quiet = {"print_profile": False, "detailed": False, "as_string": False, "warm_up": 0}
        return int(tool.get_model_profile(model, args=list(inputs), **quiet)[place])

    return run


def _torchprofile(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
    return int(tool.profile_macs(model, inputs))


def _torchscan(metric: str) -> Run:
    def run(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
        total = tool.crawl_module(model, args=inputs)["totals"][metric]
        return None if total["known_value"] is None else int(total["known_value"])

    return run


def _torchstat(metric: str) -> Run:
    def run(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
        if len(inputs) > 1 or inputs[0].dim() != len("NCHW"):
            return None
        hook = tool.ModelHook(model, tuple(inputs[0].shape[1:]))
        return sum(int(getattr(leaf, metric)[0]) for leaf in hook.retrieve_leaf_modules().values())

    return run


def _flopth(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
    return int(tool.flopth(model, inputs=inputs, bare_number=True)[0])


def _counter(tool: Any, model: nn.Module, inputs: Inputs) -> int | None:
    """On the meta device, where no fused kernel hides a product."""
    model, inputs = model.to("meta"), tuple(each.to("meta") for each in inputs)
    with tool.FlopCounterMode(display=False) as mode:
        model(*inputs)
    return int(mode.get_total_flops())


_HUB = ("transformers", "huggingface_hub", "huggingface_hub.utils", "accelerate", "accelerate.utils", "timm")
TOOLS: Mapping[str, Tool] = {
    "fvcore": Tool(_fvcore, "fvcore.nn"),
    "timm": Tool(_fvcore, "fvcore.nn"),
    "timm-macts": Tool(_macts, "fvcore.nn"),
    "torchinfo": Tool(_torchinfo, "torchinfo"),
    "torch": Tool(_counter, "torch.utils.flop_counter"),
    "thop": Tool(_thop, "thop"),
    "ultralytics-thop": Tool(_thop, "thop", "ultralytics-thop"),
    "ptflops": Tool(_ptflops(backend="pytorch"), "ptflops", unneeded=("torchvision", "timm")),
    "ptflops-nofunc": Tool(
        _ptflops(backend="pytorch", backend_specific_config={"count_functional": False}),
        "ptflops",
        unneeded=("torchvision", "timm"),
    ),
    "ptflops-aten": Tool(_ptflops(backend="aten"), "ptflops", unneeded=("torchvision", "timm")),
    "calflops": Tool(_calflops(0), "calflops", unneeded=_HUB),
    "calflops-macs": Tool(_calflops(1), "calflops", unneeded=_HUB),
    "deepspeed": Tool(_deepspeed(0), "deepspeed.profiling.flops_profiler", "deepspeed"),
    "deepspeed-macs": Tool(_deepspeed(1), "deepspeed.profiling.flops_profiler", "deepspeed"),
    "torchprofile": Tool(_torchprofile, "torchprofile"),
    "torchscan": Tool(_torchscan("module_flops"), "torchscan"),
    "torchscan-macs": Tool(_torchscan("macs"), "torchscan"),
    "torchstat": Tool(_torchstat("Flops"), "torchstat", unneeded=("pandas",)),
    "torchstat-madd": Tool(_torchstat("MAdd"), "torchstat", unneeded=("pandas",)),
    "flopth": Tool(_flopth, "flopth", unneeded=("torchvision", "torchvision.models")),
}


def run_tool(name: str, model: nn.Module, inputs: Sequence[torch.Tensor]) -> int | None:
    """What a tool counts of a network in evaluation mode; None where it cannot say.

    Args:
        name: one of TOOLS.
        model: the network; it is copied.
        inputs: its inputs, one image each.

    Raises:
        UsageError: the tool is not installed, or fails on this network.
    """
    chosen = TOOLS[name]
    tool = _imported(chosen)
    with _undone(model), _quiet():
        try:
            return chosen.run(tool, deepcopy(model).eval(), tuple(inputs))
        except (Exception, SystemExit) as error:  # any tool, on any network
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            raise UsageError(f"{name} fails on this network: {reason}") from error


def _imported(tool: Tool) -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return import_module(tool.module)
        except Exception:  # what a tool imports besides may be broken in its own way
            pass
        try:
            with patch.dict(sys.modules, {name: MagicMock() for name in tool.unneeded}):
                return import_module(tool.module)
        except Exception as error:
            raise UsageError(f"{tool.module} cannot be imported ({error}): pip install {tool.installs}") from None


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _undone(model: nn.Module) -> Iterator[None]:
    """Put back what tools replace: functions of torch and of `functional`, methods of tensors, calls of modules."""
    places: list[Any] = [functional, torch, torch.Tensor]
    before = [dict(vars(place)) for place in places]
    classes = {type(module) for module in model.modules()}
    own = {each for each in classes if "__call__" in vars(each)}
    try:
        yield
    finally:
        for place, members in zip(places, before, strict=True):
            for name, member in members.items():
                if vars(place).get(name) is not member:
                    setattr(place, name, member)
        for each in classes - own:
            if "__call__" in vars(each):
                del each.__call__
