"""Turn names of a spec into Python names: classes, variables, and expressions for child modules."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

LONGEST = 40

# Attributes of `nn.Module`, `nn.Sequential` and `nn.ModuleList`: they hide a child of the same name.
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
# Names that the generated code uses, which no variable and no class may shadow.
OF_THE_FILE = frozenset(
    (
        "self", "torch", "nn", "F", "Tensor", "OrderedDict", "Callable", "Any", "math", "float", "int", "bool", "str",
        "list", "dict", "tuple", "len", "sum", "p", "range", "enumerate", "print", "super", "getattr", "isinstance",
        "max", "min", "zip", "iter", "next", "forward", "True", "False", "None",
        # functions of `cnncalc/pytorch/written_out/`
        "attend", "attention", "center_crop", "channels_first", "gated", "merge_with", "pad_to", "padded_avg_pool",
        "padded_max_pool", "split_heads", "squash", "take", "windows_that_begin_inside",
    )
)  # fmt: skip


def is_hidden(name: str) -> bool:
    """Return whether a child of this name can neither be read as an attribute nor added with `add_module`."""
    return name in OF_MODULES or name.startswith("_")


def is_attribute(name: str) -> bool:
    """Return whether a child of this name is written `self.name`."""
    return name.isidentifier() and not keyword.iskeyword(name) and not is_hidden(name) and len(name) <= LONGEST


def child(owner: str, name: str, indexed: bool = False) -> str:
    """Return the expression for a child of a module; `indexed`: the owner is a list, and the name its index."""
    if indexed:
        return f"{owner}[{name}]"
    if is_attribute(name):
        return f"{owner}.{name}"
    return f'{owner}._modules["{name}"]' if is_hidden(name) else f'{owner}.get_submodule("{name}")'


def variable(name: str) -> str:
    """Return a local variable name for a dotted name."""
    text = re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_").lower()[:LONGEST] or "value"
    return f"x{text}" if text[0].isdigit() else text


def class_name(*words: str) -> str:
    """Return a class name: `inverted_residual` → InvertedResidual, `U-Net` → UNet."""
    parts = [part for word in words for part in re.findall(r"[0-9A-Za-z]+", word)]
    text = "".join(part[0].upper() + part[1:] for part in parts)[:LONGEST] or "Network"
    return f"Network{text}" if text[0].isdigit() else text


class Names:
    """Hands out unique names; `taken` holds those in use."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*taken, *OF_THE_FILE}

    def give(self, wanted: str) -> str:
        """Return the name, with a number if it is taken, or an underscore if it is a Python keyword."""
        name, number = wanted, 2
        while name in self.taken or keyword.iskeyword(name):
            name = f"{wanted}_" if keyword.iskeyword(wanted) and number == 2 else f"{wanted}{number}"
            number += 1
        self.taken.add(name)
        return name
