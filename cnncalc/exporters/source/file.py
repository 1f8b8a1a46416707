"""The file as a whole: what the network is, what has to be imported, its classes, and a check to run."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cnncalc.exporters.requirements import require_numbers
from cnncalc.exporters.source.blocks import write_blocks
from cnncalc.exporters.source.classes import ClassSource, Returned
from cnncalc.exporters.source.identifiers import Names, class_name, variable
from cnncalc.exporters.source.layout import WIDTH, lines
from cnncalc.exporters.source.steps import Writing
from cnncalc.exporters.source.tree import Level, tree
from cnncalc.graph import Graph, require_known
from cnncalc.layers.further import FurtherOutput
from cnncalc.layers.layer import Shape
from cnncalc.pytorch import recipes
from cnncalc.pytorch.recipes import RECIPES
from cnncalc.pytorch.recipes.code import Bracketed
from cnncalc.pytorch.requirements import require_name
from cnncalc.records import replace

WRITTEN_OUT = Path(recipes.__file__).parents[1] / "written_out.py"


def to_source(graph: Graph, source: str = "") -> str:
    """The `nn.Module` of a graph as a Python file, laid out as a formatter leaves it; `source` is the paper.

    Raises:
        UsageError: a size is symbolic still, or a name is one that PyTorch cannot bear.
    """
    require_known(graph)
    require_numbers(graph)
    for node in graph.nodes:
        require_name(node)
    nodes = tuple(node for node in graph.nodes if not isinstance(node.layer, FurtherOutput))
    graph = replace(graph, nodes=nodes)  # a further output is what its layer gives, not a step of its own
    each = {node.name: RECIPES[node.kind](node) for node in graph.nodes}
    root = tree(graph, each)
    writing = Writing(graph, each, root)
    names = Names(_written_out())
    title = names.give(class_name(graph.name, graph.variant or ""))
    classes = list(write_blocks(writing, root, names))
    classes.append(_network(title, graph, writing, root))
    code = "\n\n\n".join("\n".join(block) for block in classes)
    helpers = "\n\n\n".join(_needed(code))
    body = "\n\n\n".join(part for part in (helpers, code, "\n".join(_check(title, graph))) if part)
    return f"{_docstring(graph, source)}\n\n{_imports(body)}\n\n\n{body}\n"


# --- the network's own class -----------------------------------------------------------------------------------------


def _network(title: str, graph: Graph, writing: Writing, root: Level) -> list[str]:
    body = writing.body(root)
    names = tuple(graph.outputs)
    always = Returned(body.results, names if len(names) != 1 else ())
    returned = [always]
    aside = graph.training_heads()
    if aside:
        refs = tuple(writing.tensor(root, tensor) for tensor in aside.values())
        returned.append(Returned((*body.results, *refs), (*names, *aside), training=True))
    given = Names()
    inputs = ["x"] if len(graph.inputs) == 1 else [given.give(variable(name)) for name in graph.inputs]
    shapes = ", ".join(map(_batched, graph.inputs.values()))
    doc = f"{shapes} to {', '.join(_batched(shape) for shape in _outputs(graph).values())}."
    return ClassSource(title, [body], returned, inputs).source(doc)


def _outputs(graph: Graph) -> dict[str, Shape]:
    shapes = {**graph.inputs, **{name: each for node in graph.nodes for name, each in node.tensors.items()}}
    return {name: shapes[tensor] for name, tensor in graph.outputs.items()}


def _batched(shape: Shape) -> str:
    return f"[batch, {', '.join(map(str, shape))}]"


# --- around it -------------------------------------------------------------------------------------------------------


def _docstring(graph: Graph, source: str) -> str:
    variant = f" ({graph.variant})" if graph.variant else ""
    shapes = f"{_told('Input', graph.inputs)}; {_told('output', _outputs(graph))}"
    inference, everything = (_learnt(graph, heads) for heads in (False, True))
    count = f"{inference:,} parameters"
    if everything != inference:
        count += f", with the training heads {everything:,}"
    paragraphs = [
        f"{graph.name}{variant}.",
        source and f"{source}.".replace("..", "."),
        f"{shapes}; {count}.",
    ]
    wrapped = [_wrapped(_printable(paragraph)) for paragraph in paragraphs if paragraph]
    written = "Written by cnncalc; needs PyTorch alone."
    return '"""' + "\n\n".join([*wrapped, written]) + '\n"""'


def _told(what: str, shapes: Mapping[str, Shape]) -> str:
    """`Input [batch, 3, 224, 224]`, or `Inputs left […], right […]`."""
    if len(shapes) == 1:
        return f"{what} {_batched(next(iter(shapes.values())))}"
    return f"{what}s " + ", ".join(f"{name} {_batched(shape)}" for name, shape in shapes.items())


def _learnt(graph: Graph, training: bool) -> int:
    sizes = [
        shape
        for node in graph.nodes
        if not node.shares and (training or not node.training)
        for shape in node.weights.values()
    ]
    return sum(_product(shape) for shape in sizes)


def _product(shape: Shape) -> int:
    product: Any = 1
    for size in shape:
        product *= size
    return int(product)


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH - 4, break_long_words=False, break_on_hyphens=False))


def _printable(text: str) -> str:
    """Text that can stand in a docstring: nothing in it ends the string, or is read otherwise than it looks."""
    plain = " ".join(text.split()).replace("\\", "/").replace('"', "'")
    return "".join(c if c.isprintable() else "?" for c in plain)


def _imports(body: str) -> str:
    """The imports that the code needs."""
    groups = [[], []]  # type: list[list[str]]
    if re.search(r"\bmath\.", body):
        groups[0].append("import math")
    if "OrderedDict(" in body:
        groups[0].append("from collections import OrderedDict")
    if "Callable[" in body:
        groups[0].append("from collections.abc import Callable")
    groups[1].append("import torch")
    if re.search(r"\bF\.\w|getattr\(F,", body):
        groups[1].append("import torch.nn.functional as F")
    groups[1].append("from torch import Tensor, nn")
    return "\n\n".join("\n".join(group) for group in groups if group)


def _check(title: str, graph: Graph) -> list[str]:
    """What running the file does: one image through the network."""
    images = tuple(f"torch.randn({', '.join(map(str, (1, *shape)))})" for shape in graph.inputs.values())
    call = lines(Bracketed("network(", images, ")"), 8, "output = ")
    several = len(graph.outputs) != 1
    shapes = "{name: tuple(tensor.shape) for name, tensor in output.items()}" if several else "tuple(output.shape)"
    return [
        'if __name__ == "__main__":',
        f"    network = {title}().eval()",
        "    with torch.no_grad():",
        *call,
        f"    print({shapes})",
        '    print(f"{sum(p.numel() for p in network.parameters()):,} parameters")',
    ]


# --- what PyTorch lacks ----------------------------------------------------------------------------------------------


@cache
def _written_out() -> Mapping[str, str]:
    """Name → source of the classes and functions that are written out where a network needs them."""
    text = re.sub(r"  # type: ignore\S*", "", WRITTEN_OUT.read_text("utf-8"))
    found = ast.parse(text).body
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for node in found
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }


def _needed(code: str) -> list[str]:
    """The sources that the code uses, and those that they use themselves."""
    sources = _written_out()
    needed: dict[str, None] = {}
    waiting = [code]
    while waiting:
        text = waiting.pop()
        for name in sources:
            if name not in needed and re.search(rf"\b{name}\(", text):
                needed[name] = None
                waiting.append(sources[name])
    return [sources[name] for name in sources if name in needed]
