"""Create the module of one layer from its recipe, with the forward pass that the exporter writes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any, ClassVar, TypeAlias

import torch
from torch import nn

from cnncalc.pytorch import written_out
from cnncalc.pytorch.recipes.code import Code, flat, is_default, tensor_names
from cnncalc.pytorch.recipes.recipe import OWN, Recipe
from cnncalc.pytorch.recipes.terms import Call, Slot

Make: TypeAlias = Callable[..., nn.Module]
DISTINCT = 4096  # compiled forward passes to keep
FORWARD = """
class {name}(Coded, Base):
    def forward(self, {tensors}):
        return {code}
"""


class Coded(nn.Module):
    """A module with the forward pass of a recipe: a use of its base, or an expression if that is `nn.Module`."""

    _origin: ClassVar[tuple[type[nn.Module], str, int]]

    def extra_repr(self) -> str:
        """Return the representation of the base, and the code."""
        return ", ".join(filter(None, (super().extra_repr(), self._origin[1])))

    def __reduce__(self) -> tuple[Any, ...]:
        return _make_empty, self._origin, self.__dict__


def make(recipe: Recipe, reads: int, device: torch.device | str | None, dtype: torch.dtype | None) -> nn.Module:
    """Return the module of a recipe with `reads` input tensors, freshly initialised."""
    if recipe.module is None:
        return _class_with_forward(nn.Module, recipe, reads)()
    base = _find_class(recipe.module)
    positional, named = _arguments(recipe.module)
    if recipe.registered and recipe.run != OWN:
        base = _class_with_forward(base, recipe, reads)
    if not recipe.registered:
        return base(*positional, **named)
    if _is_of_pytorch(recipe.module):
        return base(*positional, device=device, dtype=dtype, **named)
    with _device_context(device):
        return base(*positional, **named).to(dtype)


def _class_with_forward(base: Any, recipe: Recipe, reads: int) -> Make:  # noqa: ANN401
    return _make_class(base, flat(Code("super().forward", tensor_names(reads)).doc(recipe.run)), reads)


def _device_context(device: torch.device | str | None) -> AbstractContextManager[Any]:
    return nullcontext() if device is None else torch.device(device)


def _find_class(call: Call) -> Make:
    """Return the class that a call instantiates: one of `nn`, or of `written_out`."""
    name = str(call.function)
    factory: Make = getattr(nn, name[3:]) if _is_of_pytorch(call) else getattr(written_out, name)
    return factory


def _is_of_pytorch(call: Call) -> bool:
    """Return whether the call creates one of PyTorch's modules, which take `device` and `dtype`."""
    return str(call.function).startswith("nn.")


def _arguments(call: Call) -> tuple[list[Any], dict[str, Any]]:
    """Return positional and keyword arguments; defaults are omitted, as in the exported source."""
    positional, named = [], {}
    for argument in call.arguments:
        slot = argument.term
        assert isinstance(slot, Slot)
        if is_default(slot, argument.default):
            continue
        if argument.name:
            named[argument.name] = slot.value
        else:
            positional.append(slot.value)
    return positional, named


@lru_cache(DISTINCT)
def _make_class(base: Any, code: str, reads: int) -> type[Coded]:  # noqa: ANN401
    """Return a class whose forward pass returns the value of the code."""
    name = "Expression" if base is nn.Module else base.__name__
    text = FORWARD.format(name=name, tensors=", ".join(tensor_names(reads)), code=code)
    namespace: dict[str, Any] = {"Coded": Coded, "Base": base}
    exec(compile(text, f"<{code}>", "exec"), vars(written_out), namespace)  # globals where torch.compile finds names
    coded: type[Coded] = namespace[name]
    coded._origin = (base, code, reads)
    return coded


def _make_empty(base: Any, code: str, reads: int) -> Coded:  # noqa: ANN401
    """Return an uninitialised module for unpickling."""
    coded = _make_class(base, code, reads)
    return coded.__new__(coded)
