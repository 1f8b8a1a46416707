"""What PyTorch keeps: storages alive while operations run."""

import weakref
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from cnncalc.pytorch.verification.saved import key


class Allocator(TorchDispatchMode):
    """Adds up the storages that operations make, until they are freed; notes the most there ever was.

    Args:
        known: tensors that are not counted: weights and buffers.
    """

    def __init__(self, known: Any = ()) -> None:
        super().__init__()
        self.ignored = {key(tensor) for tensor in known}
        self.alive: dict[int, int] = {}
        self.references: dict[int, Any] = {}
        self.current = self.most = 0

    def hold(self, *tensors: Tensor) -> None:
        """Count tensors that exist."""
        for tensor in tensors:
            self._note(tensor)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self._note(leaf)
        return result

    def _note(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        number = storage._cdata
        if number in self.alive or number in self.ignored:
            return
        size = storage.nbytes()
        self.alive[number] = size
        self.references[number] = weakref.ref(storage, lambda _: self._free(number))
        self.current += size
        self.most = max(self.most, self.current)

    def _free(self, number: int) -> None:
        self.current -= self.alive.pop(number, 0)
        self.references.pop(number, None)
