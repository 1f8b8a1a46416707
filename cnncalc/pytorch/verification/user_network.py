"""Compare the user's own network with a spec: parameters by layer in execution order, totals, output shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import accumulate, zip_longest
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnncalc.analysis.parameters import Parameters, parameters_of
from cnncalc.errors import UsageError
from cnncalc.graph import Graph
from cnncalc.layers.unknown import Unknown
from cnncalc.pytorch.misfit import explain_misfit
from cnncalc.pytorch.requirements import require_numbers
from cnncalc.pytorch.verification.verification import Check
from cnncalc.pytorch.verification.verify import random_inputs

Shapes = tuple[tuple[int, ...], ...]
ITSELF = "the network itself"  # the name of a root module with parameters of its own, in messages


class Owner(NamedTuple):
    """A layer with its own parameters: its name, and their shapes, those with most axes first.

    Of an `unknown` layer only the number of parameters is known, which is then its only shape.
    """

    name: str
    shapes: Shapes
    counted: bool = False  # an `unknown` layer

    @property
    def numel(self) -> int:
        """The number of its parameters."""
        return sum(map(prod, self.shapes))


class Pair(NamedTuple):
    """The n-th layer with parameters on both sides; None where one side has no more."""

    ours: Owner | None
    theirs: Owner | None

    @property
    def ok(self) -> bool:
        """Whether the shapes agree; names and trailing axes of size 1 do not count: a scale may be [C, 1, 1]."""
        if self.ours is None or self.theirs is None:
            return False
        if self.ours.counted:
            return self.ours.numel == self.theirs.numel
        return _without_ones(self.ours.shapes) == _without_ones(self.theirs.shapes)

    def __str__(self) -> str:
        ours = f"{self.ours.name} {_format_shapes(self.ours.shapes)}" if self.ours else "no more layers"
        theirs = f"{self.theirs.name} {_format_shapes(self.theirs.shapes)}" if self.theirs else "no more layers"
        return f"the spec has {ours}, the network {theirs}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A spec compared with a network: `pairs` in execution order, `totals` and outputs, and unused parameters."""

    name: str
    module: str
    pairs: tuple[Pair, ...]
    totals: tuple[Check, ...]
    unused: tuple[str, ...]  # parameters of the network that its run did not reach

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return all(pair.ok for pair in self.pairs) and all(check.ok for check in self.totals)

    @property
    def first_difference(self) -> str | None:
        """The first difference as a sentence; None if nothing differs."""
        pair = next((pair for pair in self.pairs if not pair.ok), None)
        if pair is not None:
            return str(pair)
        check = next((check for check in self.totals if not check.ok), None)
        return f"{check.what}: the spec says {check.ours}, the network {check.theirs}" if check else None


def compare_with(graph: Graph, module: nn.Module, batch: int = 2) -> Comparison:
    """Run a network once, in evaluation mode on its own device, and compare it with the graph at inference.

    Raises:
        UsageError: the graph is still symbolic, or the network cannot run on the graph's inputs.
    """
    require_numbers(graph)
    used, result = _run(graph, module, batch)
    nodes = [node for node in graph.nodes if not node.training]
    ours = [
        Owner(node.name, _sorted(node.weights.values()), node.kind == Unknown.kind)
        for node in nodes
        if node.weights and not node.shares
    ]
    theirs = [Owner(name, _sorted(_own(layer).values())) for name, layer in used.items()]
    reached = {id(p) for layer in used.values() for p in layer.parameters(recurse=False)}
    unused = tuple(name for name, p in module.named_parameters() if id(p) not in reached)
    counts = sum(map(parameters_of, nodes), Parameters())
    shapes = {**graph.inputs, **{node.name: node.output for node in nodes}}
    outputs = [shapes[tensor] for tensor in graph.outputs.values()]
    totals = (
        Check("params", counts.params, sum(p.numel() for p in module.parameters() if id(p) in reached)),
        Check("outputs", outputs, list(_without_batch(result, batch, outputs))),
    )
    return Comparison(graph.name, type(module).__name__, tuple(_pairs(ours, theirs)), totals, unused)


def _pairs(ours: Sequence[Owner], theirs: Sequence[Owner]) -> Iterator[Pair]:
    """The n-th layers of both sides; an `unknown` layer is compared with as many layers as have its parameters."""
    rest = list(theirs)
    for owner in ours:
        length = _covered(owner, rest) if owner.counted else 1
        covered, rest = rest[:length], rest[length:]
        yield Pair(owner, _together(covered) if covered else None)
    yield from (Pair(None, owner) for owner in rest)


def _covered(unknown: Owner, theirs: Sequence[Owner]) -> int:
    """How many of the next layers together have the parameters of an unknown one; 1 if no number of them has."""
    totals = accumulate(owner.numel for owner in theirs)
    return next((length for length, total in enumerate(totals, 1) if total == unknown.numel), 1)


def _together(owners: Sequence[Owner]) -> Owner:
    """Several layers as one."""
    return Owner(" + ".join(owner.name for owner in owners), _sorted(shape for each in owners for shape in each.shapes))


def _without_batch(result: object, batch: int, ours: Sequence[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """The shapes of a result without the batch: the axis without which a shape equals ours, else the first."""
    for tensor, expected in zip_longest(tensors_of(result), ours):
        if tensor is None:
            return
        shape = tuple(tensor.shape)
        without = [(*shape[:dim], *shape[dim + 1 :]) for dim, size in enumerate(shape) if size == batch]
        yield expected if expected in without else shape[1:]


def tensors_of(result: object) -> Iterator[Tensor]:
    """Yield the tensors in the result of a forward pass: in mappings, lists, tuples or dataclasses, nested."""
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, Mapping):
        for value in result.values():
            yield from tensors_of(value)
    elif isinstance(result, list | tuple):
        for value in result:
            yield from tensors_of(value)
    elif is_dataclass(result):
        for field in fields(result):
            yield from tensors_of(getattr(result, field.name))


def _run(graph: Graph, module: nn.Module, batch: int) -> tuple[dict[str, nn.Module], object]:
    """Return the modules with their own parameters, in the order of first use, and the result."""
    used: dict[str, nn.Module] = {}
    handles = [
        layer.register_forward_pre_hook(_make_hook(used, name or ITSELF))
        for name, layer in module.named_modules()
        if _own(layer)
    ]
    modes = {layer: layer.training for layer in module.modules()}
    first = next(module.parameters(), torch.empty(0))
    inputs = random_inputs(graph, first.device, first.dtype, batch)
    try:
        with torch.no_grad(), _FirstUse(used, module):
            result = module.eval()(*inputs)
    except Exception as error:  # the user's code: anything may come out of it
        raise UsageError(_cannot_run(graph, module, error)) from error
    finally:
        for handle in handles:
            handle.remove()
        for layer, mode in modes.items():
            layer.training = mode
    return used, result


class _FirstUse(TorchFunctionMode):
    """Notes a module where a function first reads one of its own parameters.

    A module with layers in it begins to run before them, and moves to where it uses its parameter. A layer whose
    parameters another module's function reads, as attention does with its projection, never runs by itself.
    """

    def __init__(self, used: dict[str, nn.Module], module: nn.Module) -> None:
        super().__init__()
        self._ran = used
        self._waiting = {
            name
            for name, layer in module.named_modules()
            if _own(layer) and any(_own(inner) for inner in layer.modules() if inner is not layer)
        }
        self._owners = {
            id(parameter): (name, layer)
            for name, layer in module.named_modules()
            for parameter in layer.parameters(recurse=False)
        }

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        """The function itself, once the modules whose parameters it reads are noted."""
        for tensor in tensors_of([*args, *(kwargs or {}).values()]):
            if id(tensor) in self._owners:
                name, layer = self._owners[id(tensor)]
                if name in self._waiting:
                    self._waiting.remove(name)
                    self._ran.pop(name or ITSELF, None)
                self._ran.setdefault(name or ITSELF, layer)
        return func(*args, **(kwargs or {}))


def _cannot_run(graph: Graph, module: nn.Module, error: Exception) -> str:
    inputs_text = " and ".join(f"[batch, {', '.join(map(str, shape))}]" for shape in graph.inputs.values())
    reason = explain_misfit(error, module) or str(error).partition("\n")[0] or type(error).__name__
    return f"{type(module).__name__} does not run on {inputs_text}: {reason}"


def _make_hook(used: dict[str, nn.Module], name: str) -> Any:  # noqa: ANN401
    def record(module: nn.Module, args: Any) -> None:  # noqa: ANN401
        used.setdefault(name, module)

    return record


def _own(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(p.shape) for name, p in module.named_parameters(recurse=False)}


def _sorted(shapes: Any) -> Shapes:  # noqa: ANN401
    return tuple(sorted(map(tuple, shapes), key=lambda shape: (-len(shape), shape)))


def _without_ones(shapes: Shapes) -> Shapes:
    trimmed = []
    for shape in shapes:
        while shape and shape[-1] == 1:
            shape = shape[:-1]
        trimmed.append(shape)
    return tuple(trimmed)


def _format_shapes(shapes: Shapes) -> str:
    return " + ".join("×".join(map(str, shape)) or "1" for shape in shapes)
