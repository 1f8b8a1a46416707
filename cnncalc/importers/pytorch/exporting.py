"""Captures a network with `torch.export`, and keeps what the rest of the importer reads.

Why `torch.export` and not the symbolic trace of `torch.fx`: it runs the network's code once on tensors without data, so
Python code that computes with sizes is already resolved; every operator carries its shapes, the modules that it ran in
and the line that called it; and control flow that depends on data fails at a known line.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, fields, is_dataclass
from inspect import signature
from io import StringIO
from itertools import takewhile
from typing import Any
from unittest.mock import patch

import torch
from torch import nn
from torch._ops import HigherOrderOperator
from torch.fx import Node as Operation
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_leaves

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.blame import depends_on_data, describe_error, line_of
from cnncalc.importers.pytorch.recording import methods_told_apart
from cnncalc.importers.pytorch.values import Stored
from cnncalc.importers.pytorch.views import writes_through_views


class DataDependentError(UsageError):
    """A network that cannot be captured as a whole, because what it computes depends on the values of tensors."""


@dataclass(frozen=True, slots=True)
class Program:
    """A captured network: its operations in the order of execution, and what its placeholders stand for."""

    operations: tuple[Operation, ...]
    inputs: Mapping[str, str]  # placeholder → input
    stored: Mapping[str, Stored]  # placeholder → parameter or buffer
    outputs: Mapping[str, Operation]
    module: nn.Module
    batch: int


def capture(module: nn.Module, inputs: Mapping[str, tuple[int, ...]], batch: int, training: bool = False) -> Program:
    """Capture a network, in evaluation mode unless `training`.

    Args:
        module: the network; its mode is restored on return.
        inputs: the shape of every input, without the batch, under the names that the result gives them.
        batch: the number of images in every input.
        training: capture in training mode, for what only runs there.

    Raises:
        UsageError: the network's code fails, or depends on the data in its tensors.
    """
    modes = {each: each.training for each in module.modules()}
    what = f"{type(module).__name__} on {' and '.join('×'.join(map(str, ('batch', *s))) for s in inputs.values())}"
    _require_sizes(module, what)
    try:
        module.train(training)
        with torch.no_grad(), quiet(), _without_autocast(), methods_told_apart():
            exported = torch.export.export(module, *examples(module, inputs, batch), strict=False)
            if writes_through_views(exported.graph.nodes):  # only then does the graph state what every alias holds
                exported = exported.run_decompositions({})
    except (Exception, SystemExit) as error:  # the user's code: anything may come out of it
        kind = DataDependentError if depends_on_data(error) else UsageError
        raise kind(describe_error(error, what, module)) from error
    finally:
        for each, mode in modes.items():
            each.training = mode
    _require_known(exported.graph.nodes, what)
    return _program(exported, module, inputs, batch)


def stored_in(module: nn.Module, twice: bool = False) -> Iterator[Stored]:
    """All parameters and buffers of a network; a tensor with two names is listed once, or with `twice` under both."""
    for name, parameter in module.named_parameters(remove_duplicate=not twice):
        yield Stored(name, id(parameter), tuple(parameter.shape), True, not parameter.requires_grad)
    for name, buffer in module.named_buffers(remove_duplicate=not twice):
        yield Stored(name, id(buffer), tuple(buffer.shape), False)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence standard output, warnings and PyTorch's logs while the user's code runs."""
    heard = StringIO()
    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(heard), redirect_stderr(heard):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


@contextmanager
def _without_autocast() -> Iterator[None]:
    """Disable `autocast`, which would be captured as a separate subgraph; a spec has no dtypes."""
    autocast = torch.amp.autocast_mode.autocast
    with patch.multiple(autocast, __enter__=lambda self: self, __exit__=lambda *_: None):
        yield


def _require_sizes(module: nn.Module, what: str) -> None:
    lazy = [name for name, parameter in module.named_parameters() if is_lazy(parameter)]
    if lazy:
        raise UsageError(f"{what}: {lazy[0]} is lazy and has no size yet: run the network once in the factory")


def _require_known(operations: Iterable[Operation], what: str) -> None:
    """Refuse sizes that are not numbers, which come from the data of a tensor, and control flow."""
    for operation in operations:
        values = tree_leaves(operation.meta.get("val"))
        if any(not isinstance(size, int) for value in values for size in getattr(value, "shape", ())):
            place = line_of(operation.meta.get("stack_trace") or "")
            reason = "a size depends on the values of a tensor, which a spec cannot express"
            raise DataDependentError(f"{what}: {reason}{place}")
        if isinstance(operation.target, HigherOrderOperator):
            place = line_of(operation.meta.get("stack_trace") or "")
            name = operation.target.name()  # type: ignore[no-untyped-call]
            raise DataDependentError(f"{what}: '{name}' is control flow, which a spec cannot express{place}")


def examples(
    module: nn.Module, inputs: Mapping[str, tuple[int, ...]], batch: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments for `forward`: one example for every input."""
    images = {name: _example(module, (batch, *shape)) for name, shape in inputs.items()}
    parameters = signature(module.forward).parameters
    if not images.keys() <= parameters.keys():
        return tuple(images.values()), {}
    leading = takewhile(lambda each: each.name in images and each.kind is not each.KEYWORD_ONLY, parameters.values())
    positional = tuple(images.pop(each.name) for each in list(leading))
    return positional, images


def _example(module: nn.Module, shape: tuple[int, ...]) -> torch.Tensor:
    """An example in the dtype and on the device of the network's weights."""
    floating = (tensor for tensor in module.parameters() if tensor.is_floating_point())
    like = next(floating, torch.empty(0))
    return torch.empty(shape, device=like.device, dtype=like.dtype)


def _program(exported: Any, module: nn.Module, inputs: Mapping[str, tuple[int, ...]], batch: int) -> Program:  # noqa: ANN401
    signature = exported.graph_signature
    *operations, output = exported.graph.nodes
    kept = {stored.name: stored for stored in stored_in(module, twice=True)}
    named = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    stored = {placeholder: kept[name] for placeholder, name in named.items()}
    first = len(output.args[0]) - len(signature.user_outputs)  # updated buffers come first
    results = torch.utils._pytree.tree_unflatten(list(output.args[0][first:]), exported.call_spec.out_spec)
    return Program(
        tuple(operations),
        dict(zip(signature.user_inputs, inputs, strict=True)),
        stored,
        _named(results),
        module,
        batch,
    )


def _named(results: object) -> dict[str, Operation]:
    """The outputs by name: `output` for one, else their keys, fields or numbers in the returned structure."""
    leaves = [(path, value) for path, value in leaves_of(results) if isinstance(value, Operation)]
    if len(leaves) == 1:
        return {"output": leaves[0][1]}
    named: dict[str, Operation] = {}
    for path, value in leaves:
        named[name_output(path)] = value
    return named


def name_output(path: Sequence[str]) -> str:
    """The name of an output at a place in what a network returns."""
    name = "_".join(f"output{part}" if part.isdigit() and len(path) == 1 else part for part in path) or "output"
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in name)


def leaves_of(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """What a network returns, entry by entry: its keys, fields or numbers from the outermost, and its value."""
    entries: Sequence[tuple[str, object]]
    if isinstance(value, Mapping):
        entries = [(str(key), entry) for key, entry in value.items()]
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        entries = [(name, getattr(value, name)) for name in value._fields]
    elif isinstance(value, list | tuple):
        entries = [(str(number), entry) for number, entry in enumerate(value, 1)]
    elif is_dataclass(value):
        entries = [(field.name, getattr(value, field.name)) for field in fields(value)]
    else:
        yield path, value
        return
    for name, entry in entries:
        yield from leaves_of(entry, (*path, name))
