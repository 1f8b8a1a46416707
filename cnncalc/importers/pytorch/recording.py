"""Records how a network's source writes each layer, which tools that count operations tell apart.

The capture knows it: `nn_module_stack` has the modules that were being called, and which of their calls it was;
`torch_fn` what was called, a function or a method. An operator (`x + y`) is a method there too, so methods that tools
replace get other names while a network is captured: see `methods_told_apart`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import FunctionType
from typing import Any
from unittest.mock import patch

import torch
from torch import nn
from torch.fx import Node as Operation
from torch.nn import functional
from torch.nn.modules import activation, batchnorm, conv, dropout, instancenorm, padding, pooling

from cnncalc.graph import Manner, Written
from cnncalc.importers.traced import TIED, TracedNode

CLASSES: dict[str, tuple[type[nn.Module], ...]] = {  # whose hooks count such a layer
    "conv": (conv._ConvNd,),
    "conv_transpose": (conv._ConvTransposeNd,),
    "linear": (nn.Linear,),
    "batchnorm": (batchnorm._BatchNorm,),
    "instancenorm": (instancenorm._InstanceNorm,),
    "layernorm": (nn.LayerNorm,),
    "groupnorm": (nn.GroupNorm,),
    "rmsnorm": (nn.RMSNorm,),
    "maxpool": (pooling._MaxPoolNd,),
    "avgpool": (pooling._AvgPoolNd,),
    "lppool": (pooling._LPPoolNd,),
    "adaptive_avgpool": (pooling._AdaptiveAvgPoolNd,),
    "global_avgpool": (pooling._AdaptiveAvgPoolNd,),
    "adaptive_maxpool": (pooling._AdaptiveMaxPoolNd,),
    "global_maxpool": (pooling._AdaptiveMaxPoolNd,),
    "dropout": (dropout._DropoutNd,),
    "pad": tuple(getattr(padding, name) for name in padding.__all__),
    "lstm": (nn.LSTM,),
    "gru": (nn.GRU,),
    "rnn": (nn.RNN,),
    "attention": (nn.MultiheadAttention,),
    "hardtanh": (nn.Hardtanh,),
    "softmax": (nn.Softmax, nn.Softmax2d),
    "log_softmax": (nn.LogSoftmax,),
    "glu": (nn.GLU,),
    "softplus": (nn.Softplus,),
    "upsample": (nn.Upsample,),
    "embedding": (nn.Embedding,),
    "lrn": (nn.LocalResponseNorm,),
    "unfold": (nn.Unfold,),
    "fold": (nn.Fold,),
    "flatten": (nn.Flatten,),
    "pixel_shuffle": (nn.PixelShuffle,),
    "pixel_unshuffle": (nn.PixelUnshuffle,),
    "channel_shuffle": (nn.ChannelShuffle,),
    "relu": (nn.ReLU,),
    "relu6": (nn.ReLU6, nn.Hardtanh),
    "leaky_relu": (nn.LeakyReLU,),
    "prelu": (nn.PReLU,),
    **{name.lower(): (getattr(activation, name),) for name in ("ELU", "SELU", "CELU", "GELU", "SiLU", "Mish")},
    **{name.lower(): (getattr(activation, name),) for name in ("Sigmoid", "Tanh", "Hardswish", "Hardsigmoid")},
}
OPERATORS = ("add", "mul", "matmul")  # of the methods that tools replace, as they replace functions
BY_NAME, BY_SIGN = "named_", "sign_"
FARTHEST = 8  # operations between the two products of an attention


def record(
    nodes: Iterable[TracedNode], origins: Mapping[str, Operation], modules: Mapping[str, nn.Module]
) -> list[TracedNode]:
    """The layers, each with how the source writes it; `origins` has the operation that each comes from."""
    nodes = list(nodes)
    called = {node.name: _called(origins[node.name], modules) for node in nodes if node.name in origins}
    calls: dict[tuple[int, str], dict[str, None]] = defaultdict(dict)
    paths: dict[int, str] = {}
    for node in nodes:
        if node.name in called:
            path, call, module = called[node.name]
            calls[id(module), node.kind][call] = None
            paths.setdefault(id(module), path)
    recorded = []
    for node in nodes:
        manner = None
        if node.name in called:
            _, _, module = called[node.name]
            again = len(calls[id(module), node.kind]) > 1 and not node.weights
            manner = _manner(node.kind, origins[node.name], module, paths[id(module)] if again else "")
            owner = called.get(node.shares or "", (None, None, module))[2]
            if manner is not None and manner.way == "module" and owner is not module:
                manner = manner._replace(module=TIED)
        recorded.append(node._replace(written=manner))
    return recorded


def _called(operation: Operation, modules: Mapping[str, nn.Module]) -> tuple[str, str, nn.Module | None]:
    """The path of the innermost module around an operation, the call of it, and the module."""
    stack: dict[str, Any] = operation.meta.get("nn_module_stack") or {}
    if not stack:
        return "", "", None
    call, (path, _) = next(reversed(stack.items()))
    path = str(path).partition("@")[0]
    return path, call, modules.get(path)


def _manner(kind: str, operation: Operation, module: nn.Module | None, shared: str) -> Manner | None:
    by = _functions(kind, operation)
    if module is not None and isinstance(module, CLASSES.get(kind, ())):
        manner = _of_module(kind, module, shared)
        return manner._replace(derived=type(module).__name__, by=by) if by else manner
    way = _way(operation)
    if way is None or not by:
        return way and Manner(way)
    return Manner("functional", by=by)


def _way(operation: Operation) -> Written | None:
    """Whether a function is called, a method or operator; None where the capture does not know."""
    what, _, name = str((operation.meta.get("torch_fn") or ("", ""))[1]).partition(".")
    if not name:
        return None
    python = getattr(functional, name, None)
    replaced = name.startswith(BY_NAME) or name in ("bmm", "mm", "addmm", "baddbmm")
    if what == "function" and not name.startswith((BY_NAME, BY_SIGN)):
        return "functional"
    if what == "builtin_function_or_method" and not isinstance(python, FunctionType):  # F.relu is not torch.relu
        return "functional"
    return "functional" if replaced else "operator"


def _functions(kind: str, operation: Operation) -> str:
    """The functions of a product or an attention, where they are others than its own."""
    name = _called_name(operation)
    if kind == "rescale":
        return "div" if name == "div" else ""
    if kind == "matmul":
        return name if name in ("bmm", "mm", "einsum") else ""
    if kind != "attention" or name == "scaled_dot_product_attention":
        return ""
    words = [name] if _way(operation) == "functional" else []
    found: Any = operation
    for _ in range(FARTHEST):
        found = next(iter(found.all_input_nodes), None)
        if found is None or _op(found) in ("matmul", "bmm", "baddbmm"):
            break
        if _op(found) == "softmax" and _way(found) == "functional":
            words.append("softmax")
        elif _op(found) == "mul":
            words.append("scores")
        elif _op(found) == "div":
            words.append("divided")
    return " ".join(words)


def _called_name(operation: Operation) -> str:
    name = str((operation.meta.get("torch_fn") or ("", ""))[1]).rpartition(".")[2]
    name = name.removeprefix(BY_NAME).removeprefix(BY_SIGN).strip("_")
    return _op(operation) if name == "multi_head_attention_forward" else name


def _op(operation: Operation) -> str:
    return str(getattr(operation.target, "_schema", operation).name).rpartition("::")[2].rstrip("_")


def _of_module(kind: str, module: nn.Module, shared: str) -> Manner:
    """A class of PyTorch's is exact only where it is the one that the kind stands for, on any number of axes."""
    own = type(module).__module__.startswith("torch.nn.")
    stands = own and (len(CLASSES[kind]) == 1 or type(module) is CLASSES[kind][0] or kind not in ("relu6", "softmax"))
    derived = "" if stands and type(module).__name__ not in DERIVED else type(module).__name__
    return Manner("shared" if shared else "module", derived, shared)


DERIVED = ("NonDynamicallyQuantizableLinear", "UpsamplingNearest2d", "UpsamplingBilinear2d")


@contextmanager
def methods_told_apart() -> Iterator[None]:
    """Let `x.add(y)` be captured under another name than `x + y`.

    PyTorch looks a method up by its name to say what an operator calls; it finds another function while the method
    itself is called.
    """
    with ExitStack() as stack:
        for name in OPERATORS:
            stack.enter_context(patch.object(torch.Tensor, name, _telling(name, getattr(torch.Tensor, name))))
        yield


def _telling(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def named(*args: Any, **options: Any) -> Any:  # noqa: ANN401
        return method(*args, **options)

    def sign(*args: Any, **options: Any) -> Any:  # noqa: ANN401
        with patch.object(torch.Tensor, name, named):
            return method(*args, **options)

    named.__name__, sign.__name__ = f"{BY_NAME}{name}", f"{BY_SIGN}{name}"
    return sign
