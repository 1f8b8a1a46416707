"""Names of a spec as names of Python: classes, variables, and how a module's child is reached."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

LONGEST = 40

# What `nn.Module`, `nn.Sequential` and `nn.ModuleList` call their own: a child of such a name is hidden by it.
OF_MODULES = frozenset(
    (
        "T_destination", "add_module", "append", "apply", "bfloat16", "buffers", "call_super_init", "children",
        "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extend", "extra_repr", "float", "forward",
        "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half", "insert", "ipu", "load_state_dict",
        "modules", "mtia", "named_buffers", "named_children", "named_modules", "named_parameters", "parameters", "pop",
        "register_backward_hook", "register_buffer", "register_forward_hook", "register_forward_pre_hook",
        "register_full_backward_hook", "register_full_backward_pre_hook", "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook", "register_module", "register_parameter", "register_state_dict_post_hook",
        "register_state_dict_pre_hook", "requires_grad_", "set_extra_state", "set_submodule", "share_memory",
        "state_dict", "to", "to_empty", "train", "training", "type", "xpu", "zero_grad",
    )
)  # fmt: skip
# What the written code speaks of, which no variable and no class may hide.
OF_THE_FILE = frozenset(
    (
        "self", "torch", "nn", "F", "Tensor", "OrderedDict", "math", "float", "int", "bool", "str", "list", "dict",
        "tuple", "len", "sum", "p", "range", "True", "False", "None",
    )
)  # fmt: skip


def hidden(name: str) -> bool:
    """Whether a child of this name cannot be reached as an attribute, nor be added by `add_module`."""
    return name in OF_MODULES or name.startswith("_")


def attribute(name: str) -> bool:
    """Whether a child of this name is written `self.name`."""
    return name.isidentifier() and not keyword.iskeyword(name) and not hidden(name) and len(name) <= LONGEST


def child(owner: str, name: str, indexed: bool = False) -> str:
    """The child of a module, as an expression; one that is all digits by index where its owner is a list."""
    if indexed:
        return f"{owner}[{name}]"
    if attribute(name):
        return f"{owner}.{name}"
    return f'{owner}._modules["{name}"]' if hidden(name) else f'{owner}.get_submodule("{name}")'


def variable(name: str) -> str:
    """A local variable for a dotted name."""
    text = re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_").lower()[:LONGEST] or "value"
    return f"x{text}" if text[0].isdigit() else text


def class_name(*words: str) -> str:
    """`inverted_residual` → InvertedResidual, `U-Net` → UNet."""
    parts = [part for word in words for part in re.findall(r"[0-9A-Za-z]+", word)]
    text = "".join(part[0].upper() + part[1:] for part in parts)[:LONGEST] or "Network"
    return f"Network{text}" if text[0].isdigit() else text


class Names:
    """Names given so far; each is given once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*taken, *OF_THE_FILE}

    def give(self, wanted: str) -> str:
        """The name, with a number where it is taken, with an underscore where Python has it."""
        name, number = wanted, 2
        while name in self.taken or keyword.iskeyword(name):
            name = f"{wanted}_" if keyword.iskeyword(wanted) and number == 2 else f"{wanted}{number}"
            number += 1
        self.taken.add(name)
        return name
