"""Runs a network once and notes every call of a module: the structure and shapes of what it takes and returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils._pytree import TreeSpec, tree_flatten

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.blame import describe_error
from cnncalc.importers.pytorch.exporting import examples, quiet

PLAIN = (int, float, bool, str, type(None), torch.dtype, torch.device)


class Hole(NamedTuple):
    """A tensor among the arguments of a call: its shape."""

    shape: tuple[int, ...]


class ModuleCall(NamedTuple):
    """One call of a module."""

    path: str
    leaves: tuple[object, ...]  # of its arguments: a `Hole` for each tensor
    structure: TreeSpec  # of (args, kwargs)
    is_plain: bool  # whether it takes and returns nothing besides tensors and numbers, and at least a tensor each

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the tensors that it takes."""
        return [leaf.shape for leaf in self.leaves if isinstance(leaf, Hole)]


def note_calls(module: nn.Module, inputs: Mapping[str, tuple[int, ...]]) -> list[ModuleCall]:
    """The calls of all modules besides the network itself, in the order in which they end, for one image.

    Raises:
        UsageError: the network does not run.
    """
    calls: list[ModuleCall] = []

    def note(path: str, args: Any, kwargs: Any, output: object) -> None:  # noqa: ANN401
        leaves, structure = tree_flatten((args, kwargs))
        results = tree_flatten(output)[0]
        several = all(any(isinstance(leaf, torch.Tensor) for leaf in given) for given in (leaves, results))
        is_plain = several and all(isinstance(leaf, (torch.Tensor, *PLAIN)) for leaf in (*leaves, *results))
        holes = (Hole(tuple(leaf.shape)) if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves)
        calls.append(ModuleCall(path, tuple(holes), structure, is_plain))

    handles = [
        each.register_forward_hook(
            lambda _, args, kwargs, output, path=path: note(path, args, kwargs, output), with_kwargs=True
        )
        for path, each in module.named_modules()
        if path
    ]
    try:
        run(module, inputs)
    finally:
        for handle in handles:
            handle.remove()
    return calls


def run(
    module: nn.Module,
    inputs: Mapping[str, tuple[int, ...]],
    start: Callable[[Mapping[str, torch.Tensor]], object] = lambda tensors: None,
) -> object:
    """The output of a network in evaluation mode on one image of random numbers, the same in every run.

    `start` is called with the inputs by name before it runs.

    Raises:
        UsageError: it fails.
    """
    what = f"{type(module).__name__} on {' and '.join('×'.join(map(str, shape)) for shape in inputs.values())}"
    args, kwargs = examples(module, inputs, 1)
    generator = torch.Generator().manual_seed(0)
    tensors = dict(zip(inputs, [*args, *kwargs.values()], strict=True))
    for tensor in tensors.values():
        tensor.copy_(torch.rand(tensor.shape, generator=generator))
    start(tensors)
    with _evaluating(module):
        try:
            with torch.no_grad(), quiet(), torch.random.fork_rng(devices=()):
                torch.manual_seed(0)
                return module(*args, **kwargs)
        except (Exception, SystemExit) as error:  # the user's code: anything may come out of it
            raise UsageError(describe_error(error, what, module)) from error


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    modes = {each: each.training for each in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for each, mode in modes.items():
            each.training = mode
