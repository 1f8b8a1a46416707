"""Finds the outermost modules of a network that can be captured, and their layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils._pytree import tree_leaves, tree_unflatten

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.importing import layers_of
from cnncalc.importers.pytorch.parts.calls import Hole, ModuleCall
from cnncalc.importers.pytorch.parts.regions import Unfit, with_regions
from cnncalc.importers.pytorch.values import Sizes
from cnncalc.importers.traced import TracedNode


class Part(NamedTuple):
    """One call of a module, as layers."""

    path: str
    inputs: Mapping[str, Sizes]  # the tensors that it takes, in order, under the names by which its layers read them
    nodes: Sequence[TracedNode]
    outputs: Sequence[str]  # the tensors that it returns, in order
    owners: Mapping[int, str]  # a stored tensor → the layer that owns it
    regions: int | None  # how many regions it acts on; None: on the whole image


def find_parts(module: nn.Module, calls: Sequence[ModuleCall]) -> dict[str, list[Part]]:
    """Path → a part for each call, of the outermost modules that can be captured in all of their calls."""
    by_path: dict[str, list[ModuleCall]] = {}
    for call in calls:
        by_path.setdefault(call.path, []).append(call)
    return dict(_find(module, "", module, by_path))


def _find(
    root: nn.Module, path: str, module: nn.Module, calls: Mapping[str, Sequence[ModuleCall]]
) -> Iterator[tuple[str, list[Part]]]:
    for name, child in module.named_children():
        place = f"{path}.{name}" if path else name
        if place not in calls:
            yield from _find(root, place, child, calls)  # a list of modules, or one of which only methods are called
            continue
        try:
            yield place, [_capture(root, call) for call in calls[place]]
        except (UsageError, Unfit):
            yield from _find(root, place, child, calls)


class Within(nn.Module):
    """One module of a network, under its path, called with the tensors of one of its calls."""

    def __init__(self, root: nn.Module, call: ModuleCall) -> None:
        super().__init__()
        self._call = call
        home: nn.Module = self
        *levels, last = call.path.split(".")
        for level in levels:
            home.add_module(level, nn.Module())
            home = home.get_submodule(level)
        home.add_module(last, root.get_submodule(call.path))

    def forward(self, *tensors: torch.Tensor) -> Any:  # noqa: ANN401
        """The tensors that the module returns, in order."""
        given = iter(tensors)
        leaves = [next(given) if isinstance(leaf, Hole) else leaf for leaf in self._call.leaves]
        args, kwargs = tree_unflatten(leaves, self._call.structure)
        output = self.get_submodule(self._call.path)(*args, **kwargs)
        return tuple(leaf for leaf in tree_leaves(output) if isinstance(leaf, torch.Tensor))


def _capture(root: nn.Module, call: ModuleCall) -> Part:
    """The layers of a call; raises UsageError or Unfit if there are none."""
    shapes = call.shapes
    fronts = {shape[0] if len(shape) > 1 else None for shape in shapes}
    front = next(iter(fronts), None)
    if not call.is_plain or len(fronts) != 1 or front is None:
        raise Unfit(call.path)
    inputs = {f"input{number}": shape[1:] for number, shape in enumerate(shapes, 1)}
    walk, nodes = layers_of(Within(root, call), inputs)
    outputs = [walk.outputs[name] for name in walk.outputs]
    if len(outputs) != len(walk.program.outputs):
        raise Unfit(call.path)  # an output that depends on no input
    owners = walk.emission.owners
    if front == 1:
        return Part(call.path, inputs, nodes, outputs, owners, None)
    inputs, nodes = with_regions(inputs, nodes, max(front, 1))
    return Part(call.path, inputs, nodes, outputs, owners, front)
