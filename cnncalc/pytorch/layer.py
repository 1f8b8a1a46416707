"""One layer as a module: what its recipe says, made and run as the exporter writes it."""

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
DISTINCT = 4096  # forward passes that are kept compiled
FORWARD = """
class {name}(Coded, Base):
    def forward(self, {tensors}):
        return {code}
"""


class Coded(nn.Module):
    """A module with the forward pass of a recipe: of its base, or an expression where that is `nn.Module`."""

    _origin: ClassVar[tuple[type[nn.Module], str, int]]

    def extra_repr(self) -> str:
        """What its base says, and the code."""
        return ", ".join(filter(None, (super().extra_repr(), self._origin[1])))

    def __reduce__(self) -> tuple[Any, ...]:
        return _empty, self._origin, self.__dict__


def make(recipe: Recipe, reads: int, device: torch.device | str | None, dtype: torch.dtype | None) -> nn.Module:
    """The module of a recipe that reads so many tensors, freshly initialised as its class does."""
    if recipe.module is None:
        return _coded(nn.Module, recipe, reads)()
    base = _named(recipe.module)
    positional, named = _arguments(recipe.module)
    if recipe.registered and recipe.run != OWN:
        base = _coded(base, recipe, reads)
    if not recipe.registered:
        return base(*positional, **named)
    if _is_of_pytorch(recipe.module):
        return base(*positional, device=device, dtype=dtype, **named)
    with _on(device):
        return base(*positional, **named).to(dtype)


def _coded(base: Any, recipe: Recipe, reads: int) -> Make:  # noqa: ANN401
    return _class(base, flat(Code("super().forward", tensor_names(reads)).doc(recipe.run)), reads)


def _on(device: torch.device | str | None) -> AbstractContextManager[Any]:
    return nullcontext() if device is None else torch.device(device)


def _named(call: Call) -> Make:
    """The class that a call makes a module of: `nn.Conv2d`, or one that is written out."""
    name = str(call.function)
    found: Make = getattr(nn, name[3:]) if _is_of_pytorch(call) else getattr(written_out, name)
    return found


def _is_of_pytorch(call: Call) -> bool:
    """Whether it makes a module of PyTorch's own; those with weights take `device` and `dtype`."""
    return str(call.function).startswith("nn.")


def _arguments(call: Call) -> tuple[list[Any], dict[str, Any]]:
    """What is given by position and by name; defaults are left to the class, as in the exported source."""
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
def _class(base: Any, code: str, reads: int) -> type[Coded]:  # noqa: ANN401
    """A class whose forward pass returns what the code says."""
    name = "Expression" if base is nn.Module else base.__name__
    text = FORWARD.format(name=name, tensors=", ".join(tensor_names(reads)), code=code)
    space: dict[str, Any] = {"Coded": Coded, "Base": base}
    exec(compile(text, f"<{code}>", "exec"), vars(written_out), space)  # where torch.compile finds what it speaks of
    made: type[Coded] = space[name]
    made._origin = (base, code, reads)
    return made


def _empty(base: Any, code: str, reads: int) -> Coded:  # noqa: ANN401
    """A module that a pickle fills."""
    made = _class(base, code, reads)
    return made.__new__(made)
