"""Compare a graph with the network built from it, node by node: on the meta device, or run with real tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from cnncalc.analysis.cost import macs_of
from cnncalc.analysis.parameters import Parameters, parameters_of
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node, list_unknown
from cnncalc.pytorch.builder import build
from cnncalc.pytorch.network import Network
from cnncalc.pytorch.placeholders import stand_in
from cnncalc.pytorch.verification.verification import Check, Row, Verification
from cnncalc.symbolic import Size

Macs = Callable[[Node], "Size | None"]
Seen = dict[str, tuple[tuple[int, ...], int]]  # node → its output shape, and the FLOPs of its run


def verify(
    graph: Graph,
    macs: Macs | None = macs_of,
    execute: bool = False,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
    batch: int = 2,
) -> Verification:
    """Compare every node's output shape, parameters, buffers and MACs with PyTorch's.

    Args:
        graph: without symbols.
        macs: our multiply-accumulates of a node for one image, compared with PyTorch's counter; None, or a result of
            None, skips the comparison.
        execute: run with random tensors on `device` (default: the CPU) instead of meta tensors.
        device: where the network is built and run; default without `execute`: `meta`.
        dtype: of the floating-point tensors.
        batch: batch size.

    Raises:
        UsageError: a size is still symbolic; PyTorch cannot create or run a layer.
    """
    device = device if device is not None else "cpu" if execute else "meta"
    network = build(graph, device, dtype).eval()
    stand_in(network, graph)
    network.training = bool(network.head_names)  # the heads run, and no layer is in training mode
    seen, outputs = _run(network, graph, device, dtype, batch)
    rows = tuple(_row(node, network, seen.get(node.name), macs, batch) for node in graph.nodes)
    totals = tuple(_totals(graph, network, outputs))
    return Verification(graph.name, graph.variant, str(device), execute, rows, totals, notes=unconfirmed(graph))


def unconfirmed(graph: Graph) -> tuple[str, ...]:
    """Return the note that names the unknown operations; none if there are none."""
    names = list_unknown(graph)
    return (f"not confirmed, as the operation is unknown: {', '.join(names)}",) if names else ()


def random_inputs(
    graph: Graph, device: torch.device | str | None, dtype: torch.dtype | None = None, batch: int = 1
) -> list[Tensor]:
    """Return a random tensor per input of the graph: [batch, *shape]."""
    shapes: list[Any] = list(graph.inputs.values())
    return [torch.randn(batch, *shape, device=device, dtype=dtype) for shape in shapes]


def _run(
    network: Network, graph: Graph, device: torch.device | str, dtype: torch.dtype | None, batch: int
) -> tuple[Seen, dict[str, Tensor]]:
    """Run the network once; return the output shape and FLOPs of each node, and the outputs by name."""
    counter = FlopCounterMode(display=False)
    inputs = random_inputs(graph, device, dtype, batch)
    # The FLOP counter fails without gradients if a parameter is a tensor of the graph.
    has_free_tensors = any(not node.inputs for node in graph.nodes)
    # Of a fused kernel of attention on the CPU it counts nothing; the products of the plain one are all counted.
    plain = sdpa_kernel(SDPBackend.MATH)
    # Nor of oneDNN's kernel of an LSTM; convolutions, which it counts, are slow without oneDNN.
    has_lstm = any(isinstance(module, nn.LSTM) for module in network.modules())
    counted = _without_onednn() if has_lstm else nullcontext()
    gradients = torch.set_grad_enabled(has_free_tensors)
    with record_runs(network, graph, counter) as seen, gradients, plain, counted, counter:
        try:
            result = network(*inputs)
        except (RuntimeError, ValueError, IndexError) as error:
            at = next((node for node in graph.nodes if node.name not in seen), graph.nodes[-1])
            reason = str(error).partition("\n")[0]
            raise UsageError(f"{at.name}: PyTorch cannot run this {at.kind}: {reason}") from error
    return seen, result if isinstance(result, dict) else {next(iter(network.output_names)): result}


@contextmanager
def _without_onednn() -> Iterator[None]:
    """Run without oneDNN; `mkldnn.flags` would set its other flags too, and warn of one."""
    flags: Any = torch.backends.mkldnn
    before, *_ = flags.set_flags(False)
    try:
        yield
    finally:
        flags.set_flags(before)


@contextmanager
def record_runs(network: Network, graph: Graph, counter: FlopCounterMode) -> Iterator[Seen]:
    """Record the output shape and the FLOPs of each node's module while the network runs."""
    seen: Seen = {}
    flops_before = 0

    def start(module: nn.Module, args: Any) -> None:  # noqa: ANN401
        nonlocal flops_before
        flops_before = counter.get_total_flops()

    def make_hook(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def record(module: nn.Module, args: Any, out: Any) -> None:  # noqa: ANN401
            tensor: Tensor = out[0] if isinstance(out, tuple) else out  # further outputs are nodes of their own
            seen[name] = tuple(tensor.shape), counter.get_total_flops() - flops_before

        return record

    handles = []
    for node in graph.nodes:
        module = network.module(node.name)
        handles.append(module.register_forward_pre_hook(start))
        handles.append(module.register_forward_hook(make_hook(node.name)))
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _row(node: Node, network: Network, seen: tuple[tuple[int, ...], int] | None, macs: Macs | None, batch: int) -> Row:
    if node.kind == "unknown":
        return Row(node.name, node.kind, ())
    module = network.module(node.name)
    shape, flops = seen if seen is not None else (None, 0)
    theirs = flops / 2 / batch
    their_macs = int(theirs) if theirs.is_integer() else None
    checks = [
        Check("shape", (batch, *node.output), shape),
        Check("parameters", tuple(node.weights.items()), _shapes(module._parameters)),
        Check("buffers", tuple(node.buffers.items()), _shapes(kept(module))),
    ]
    if node.shares is not None:
        checks.append(Check("shares", node.shares, _owner(node, network)))
    ours = macs(node) if macs is not None else None
    if ours is not None:
        checks.append(Check("macs", ours, their_macs if their_macs is not None else theirs))
    return Row(node.name, node.kind, tuple(checks), their_macs)


def kept(module: nn.Module) -> dict[str, Tensor | None]:
    """Return the persistent buffers: those in the state_dict."""
    passing = module._non_persistent_buffers_set
    return {name: buffer for name, buffer in module._buffers.items() if name not in passing}


def _shapes(tensors: Any) -> tuple[tuple[str, tuple[int, ...]], ...]:  # noqa: ANN401
    return tuple((name, tuple(tensor.shape)) for name, tensor in tensors.items() if tensor is not None)


def _owner(node: Node, network: Network) -> str | None:
    """Return the node whose tensors this one shares: the one it names, or None if it does not."""
    mine, its = network.module(node.name), network.module(node.shares or "")
    same = [mine._parameters[name] is its._parameters.get(name) for name in node.weights]
    same += [mine._buffers[name] is its._buffers.get(name) for name in node.buffers]
    return node.shares if all(same) else None


def _totals(graph: Graph, network: Network, outputs: dict[str, Tensor]) -> Iterator[Check]:
    ours = sum(map(parameters_of, graph.nodes), Parameters())
    parameters = list(network.parameters())
    yield Check("params", ours.params, sum(p.numel() for p in parameters))
    yield Check("trainable", ours.trainable, sum(p.numel() for p in parameters if p.requires_grad))
    buffers = {id(b): b.numel() for module in network.modules() for b in kept(module).values() if b is not None}
    yield Check("buffers", ours.buffers, sum(buffers.values()))
    shapes = {**graph.inputs, **{node.name: node.output for node in graph.nodes}}
    tensors = {**graph.outputs, **network.head_names}
    wanted = {name: shapes[tensor] for name, tensor in tensors.items()}
    yield Check("outputs", wanted, {name: tuple(tensor.shape[1:]) for name, tensor in outputs.items()})
