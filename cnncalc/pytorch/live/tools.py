"""How every tool is called for its total: a function per tool, and a table by the names of the conventions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:  # the table of names is read without PyTorch
    import torch
    from torch import nn

Inputs: TypeAlias = "tuple[torch.Tensor, ...]"
Imported: TypeAlias = Any  # the module of a tool
Run: TypeAlias = "Callable[[Imported, nn.Module, Inputs], int | None]"


class Tool(NamedTuple):
    """How to run a tool for one convention."""

    run: Run  # of the imported module, the network and its inputs; None where the tool cannot say
    module: str
    distribution: str  # as `pip install` names it
    unneeded: tuple[str, ...] = ()  # what it imports for other purposes, and may be missing or broken
    rival: str = ""  # another distribution that installs the same module


def _fvcore(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
    analysis = tool.FlopCountAnalysis(model, inputs)
    return int(analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total())


def _activations(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
    analysis = tool.ActivationCountAnalysis(model, inputs)
    return int(analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total())


def _torchinfo(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
    return int(tool.summary(model, input_data=list(inputs), verbose=0).total_mult_adds)


def _thop(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
    return int(tool.profile(model, inputs=inputs, verbose=False)[0])


def _ptflops(**options: object) -> Run:
    def run(tool: Imported, model: nn.Module, inputs: Inputs) -> int | None:
        if len(inputs) > 1:
            return None
        sizes = tuple(inputs[0].shape[1:])
        quiet = {"as_strings": False, "print_per_layer_stat": False, "verbose": False}
        count = tool.get_model_complexity_info(model, sizes, **quiet, **options)[0]
        return None if count is None else int(count)

    return run


def _calflops(place: int) -> Run:
    def run(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
        quiet = {"print_results": False, "print_detailed": False, "output_as_string": False}
        return int(tool.calculate_flops(model, args=list(inputs), **quiet)[place])

    return run


def _deepspeed(place: int) -> Run:
    def run(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
        quiet = {"print_profile": False, "detailed": False, "as_string": False, "warm_up": 0}
        return int(tool.get_model_profile(model, args=list(inputs), **quiet)[place])

    return run


def _deepspeed_training(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
    """The forward pass in training mode, and the backward pass, for which the profile takes a multiple of it."""
    profiler = tool.FlopsProfiler(model.train())
    profiler.start_profile()
    model(*inputs)
    forward = profiler.get_total_flops()
    profiler.end_profile()
    return int(forward * (1 + 2 + profiler.recompute_fwd_factor))


def _torchprofile(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
    return int(tool.profile_macs(model, inputs))


def _torchscan(metric: str) -> Run:
    def run(tool: Imported, model: nn.Module, inputs: Inputs) -> int | None:
        total = tool.crawl_module(model, args=inputs)["totals"][metric]
        return None if total["known_value"] is None else int(total["known_value"])

    return run


def _torchstat(metric: str) -> Run:
    def run(tool: Imported, model: nn.Module, inputs: Inputs) -> int | None:
        if len(inputs) > 1 or inputs[0].dim() != len("NCHW"):
            return None
        hook = tool.ModelHook(model, tuple(inputs[0].shape[1:]))
        return sum(int(getattr(leaf, metric)[0]) for leaf in hook.retrieve_leaf_modules().values())

    return run


def _flopth(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
    return int(tool.flopth(model, inputs=inputs, bare_number=True)[0])


def _counter(tool: Imported, model: nn.Module, inputs: Inputs) -> int:
    """On the meta device, where no fused kernel hides a product."""
    model, inputs = model.to("meta"), tuple(each.to("meta") for each in inputs)
    with tool.FlopCounterMode(display=False) as mode:
        model(*inputs)
    return int(mode.get_total_flops())


_MODELS = ("torchvision", "torchvision.models", "timm")
_HUB = ("transformers", "huggingface_hub", "huggingface_hub.utils", "accelerate", "accelerate.utils", "timm")
_PROFILER = "deepspeed.profiling.flops_profiler"
_WITHOUT_FUNCTIONS = {"backend_specific_config": {"count_functional": False}}

EVERY = "all"  # in a list of tools, for every one
TOOLS: Mapping[str, Tool] = {
    "torchinfo": Tool(_torchinfo, "torchinfo", "torchinfo"),
    "fvcore": Tool(_fvcore, "fvcore.nn", "fvcore"),
    "timm": Tool(_fvcore, "fvcore.nn", "fvcore"),
    "timm-macts": Tool(_activations, "fvcore.nn", "fvcore"),
    "torch": Tool(_counter, "torch.utils.flop_counter", "torch"),
    "ptflops": Tool(_ptflops(backend="pytorch"), "ptflops", "ptflops", _MODELS),
    "ptflops-nofunc": Tool(_ptflops(backend="pytorch", **_WITHOUT_FUNCTIONS), "ptflops", "ptflops", _MODELS),
    "ptflops-aten": Tool(_ptflops(backend="aten"), "ptflops", "ptflops", _MODELS),
    "thop": Tool(_thop, "thop", "thop", rival="ultralytics-thop"),
    "ultralytics-thop": Tool(_thop, "thop", "ultralytics-thop", rival="thop"),
    "calflops": Tool(_calflops(0), "calflops", "calflops", _HUB),
    "calflops-macs": Tool(_calflops(1), "calflops", "calflops", _HUB),
    "deepspeed": Tool(_deepspeed(0), _PROFILER, "deepspeed"),
    "deepspeed-macs": Tool(_deepspeed(1), _PROFILER, "deepspeed"),
    "deepspeed-training": Tool(_deepspeed_training, _PROFILER, "deepspeed"),
    "torchprofile": Tool(_torchprofile, "torchprofile", "torchprofile", _MODELS),
    "torchscan": Tool(_torchscan("module_flops"), "torchscan", "torchscan"),
    "torchscan-macs": Tool(_torchscan("macs"), "torchscan", "torchscan"),
    "torchstat": Tool(_torchstat("Flops"), "torchstat", "torchstat", ("pandas",)),
    "torchstat-madd": Tool(_torchstat("MAdd"), "torchstat", "torchstat", ("pandas",)),
    "flopth": Tool(_flopth, "flopth", "flopth", _MODELS),
}
