"""Follows tensors through a run: from which outputs of parts, and inputs of the network, each was computed.

A tensor is known by the memory that it lies in. What goes through numbers of Python is not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Origin(NamedTuple):
    """From where a tensor comes."""

    sources: tuple[str, ...]  # the names of what it was computed from
    shape: tuple[int, ...] | None = None  # where it is a source itself: its shape, batch included
    place: str = ""  # the path of the module in which it was computed


class Flow(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The origins of all tensors while it is active."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.stack: list[str] = [""]  # the paths of the modules that run
        self._origins: dict[int, tuple[StorageWeakRef, Origin]] = {}

    def origin(self, tensor: Tensor) -> Origin:
        """The origin of a tensor; one without sources does not depend on any."""
        found = self._origins.get(tensor.untyped_storage()._cdata)
        return found[1] if found else Origin((), None, self.stack[-1])

    def set_origin(self, tensor: Tensor, origin: Origin) -> None:
        """Set the origin of everything that lies in the memory of a tensor."""
        reference = StorageWeakRef(tensor.untyped_storage())  # type: ignore[no-untyped-call]
        self._origins[reference.cdata] = reference, origin

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        """Run one operator, and note the origins of what it returns or overwrites."""
        output = func(*args, **(kwargs or {}))
        entering = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        inside = {tensor.untyped_storage()._cdata for tensor in entering}
        overwrites = func._schema.is_mutable
        sources = dict.fromkeys(name for tensor in entering for name in self.origin(tensor).sources)
        for tensor in tree_leaves(output):
            is_view = isinstance(tensor, Tensor) and tensor.untyped_storage()._cdata in inside
            if isinstance(tensor, Tensor) and (overwrites or not is_view):
                self.set_origin(tensor, Origin(tuple(sources), None, self.stack[-1]))
        return output


@contextmanager
def follow(
    module: nn.Module,
    enter: Callable[[str, list[Tensor]], None],
    leave: Callable[[str, list[Tensor]], None],
    parts: Iterable[str],
) -> Iterator[Flow]:
    """Follow tensors through a run; `enter` and `leave` are called with the tensors of every call of a part."""
    flow, wanted = Flow(), frozenset(parts)
    handles = []

    def before(path: str, args: object, kwargs: object) -> None:
        if path in wanted:
            enter(path, _tensors((args, kwargs)))
        flow.stack.append(path)

    def after(path: str, output: object) -> None:
        flow.stack.pop()
        if path in wanted:
            leave(path, _tensors(output))

    for path, each in module.named_modules():
        if path:
            handles.append(
                each.register_forward_pre_hook(
                    lambda _, args, kwargs, path=path: before(path, args, kwargs), with_kwargs=True
                )
            )
            handles.append(each.register_forward_hook(lambda _, args, output, path=path: after(path, output)))
    try:
        with flow:
            yield flow
    finally:
        for handle in handles:
            handle.remove()


def _tensors(values: object) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]
