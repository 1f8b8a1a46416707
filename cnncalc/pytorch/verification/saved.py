"""Compare the bytes that autograd saves for the backward pass, node by node, with PyTorch's saved-tensor hooks (CPU).

`EXPLAINED` lists the only accepted differences, with their exact sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cnncalc.analysis.memory.training import Training
from cnncalc.analysis.report import Report
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.pytorch.builder import build
from cnncalc.pytorch.network import Network
from cnncalc.pytorch.placeholders import stand_in
from cnncalc.pytorch.verification.smaller import smaller
from cnncalc.pytorch.verification.verification import Check, Row, Verification

MOST = 4_000_000_000  # MACs of one step, or equivalent work
WIDTH = 4  # bytes of a float32
Claim = Callable[[Node], "int | None"]  # our figure: the bytes of storages that a node is the first to save


def dropout_mask(node: Node, batch: int) -> set[int]:
    """The CPU keeps the mask in the input's dtype, CUDA a byte per number, which is what we say."""
    layer: Any = node.layer
    if 0 < layer.p < 1 and layer.mode == "element":
        return {batch * (WIDTH - 1) * _count(node.output)}
    return set()


class Explained(NamedTuple):
    """The extra bytes that a kind of layer may save on the CPU, exactly, and the reason."""

    more: Callable[[Node, int], set[int]]

    @property
    def why(self) -> str:
        """The reason in a sentence."""
        return (self.more.__doc__ or "").rstrip(".")


EXPLAINED = {"dropout": Explained(dropout_mask)}


def verify_memory(graph: Graph, claim: Claim | None = None, batch: int = 2, shrink: bool = True) -> Verification:
    """Compare the bytes of storages that every node is the first to save; a network input counts with its reader.

    Args:
        graph: without symbols.
        claim: our figure for a node, instead of `Report.memory().training`.
        batch: batch size.
        shrink: use a smaller input if the graph's own would take long.

    Raises:
        UsageError: a size is still symbolic; PyTorch cannot create or run the network in training mode.
    """
    graph, notes = smaller(graph, MOST // batch) if shrink else (graph, ())
    ours = claim or _claim(Report(graph, batch).memory().training, batch)
    network = build(graph).train()
    stand_in(network, graph)
    inputs: list[Tensor] = [torch.randn(batch, *shape) for shape in _shapes(graph)]
    try:
        theirs = saved_per_node(graph, network, inputs)
    except (RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{graph.name}: PyTorch cannot run it in training mode: {reason}") from error
    rows = tuple(_row(node, ours(node), theirs[node.name], batch) for node in graph.nodes)
    unknown = [row.name for row in rows if not row.checks]
    if unknown:
        notes = (*notes, f"omitted, what they save is not known: {', '.join(unknown)}")
    return Verification(graph.name, graph.variant, "cpu", True, rows, (), "memory", (f"a batch of {batch}", *notes))


def saved_per_node(graph: Graph, network: Network, inputs: Sequence[Tensor]) -> dict[str, int]:
    """Map every node to the bytes of storages that it is the first to save, without weights and buffers."""
    known = {key(tensor) for tensor in (*network.parameters(), *network.buffers())}
    per_node: dict[str, int] = {}
    looked_at = 0
    with saved_tensors() as saved:  # keeps all of them alive, so that keys are unique

        def make_hook(name: str) -> Callable[[nn.Module, Any, Any], None]:
            def record(module: nn.Module, args: Any, out: Any) -> None:  # noqa: ANN401
                nonlocal looked_at
                recent, looked_at = saved[looked_at:], len(saved)
                new = {key(t): t.untyped_storage().nbytes() for t in recent if key(t) not in known}
                known.update(new)
                per_node[name] = sum(new.values())

            return record

        handles = [network.module(node.name).register_forward_hook(make_hook(node.name)) for node in graph.nodes]
        try:
            network(*inputs)
        finally:
            for handle in handles:
                handle.remove()
    return per_node


def key(tensor: Tensor) -> int:
    """Return an identifier of the tensor's storage, unique while it is alive."""
    return int(tensor.untyped_storage()._cdata)


@contextmanager
def saved_tensors() -> Iterator[list[Tensor]]:
    """Collect the tensors that autograd saves, in order; the list is empty again afterwards.

    Autograd keeps the hooks, so the hooks keep the list, which with outputs in it would keep what autograd keeps: a
    cycle that nothing collects.
    """
    saved: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor.detach()  # an output itself would be a part of its own graph

    try:
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            yield saved
    finally:
        saved.clear()


def _claim(training: Training, batch: int) -> Claim:
    def ours(node: Node) -> int | None:
        kept = training.kept_by(node.name)
        return None if kept is None else sum(_to_int(tensor.load.at(batch)) for tensor in kept)

    return ours


def _row(node: Node, ours: int | None, theirs: int, batch: int) -> Row:
    if ours is None:
        return Row(node.name, node.kind, ())
    explained = EXPLAINED.get(node.kind)
    reason = explained.why if explained and ours != theirs and theirs - ours in explained.more(node, batch) else ""
    return Row(node.name, node.kind, (Check("saved", ours, theirs, reason),))


def _shapes(graph: Graph) -> list[Any]:
    return list(graph.inputs.values())


def _to_int(size: Any) -> int:  # noqa: ANN401
    return int(size)


def _count(shape: Sequence[Any]) -> int:
    return int(prod(shape))
