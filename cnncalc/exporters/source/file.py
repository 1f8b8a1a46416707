"""Write the exported file: its docstring, imports, the classes, and a check to run."""

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
from cnncalc.exporters.source.steps import BodyBuilder
from cnncalc.exporters.source.tree import Level, build_tree
from cnncalc.graph import Graph, list_unknown
from cnncalc.layers.further import FurtherOutput
from cnncalc.layers.layer import Shape
from cnncalc.pytorch import recipes
from cnncalc.pytorch.recipes import RECIPES
from cnncalc.pytorch.recipes.code import Bracketed
from cnncalc.pytorch.recipes.recipe import with_input
from cnncalc.pytorch.requirements import require_name
from cnncalc.records import replace

WRITTEN_OUT = Path(recipes.__file__).parents[1] / "written_out"


def to_source(graph: Graph, source: str = "") -> str:
    """Return the text of a Python file that defines the graph's `nn.Module`, formatted; `source` cites the paper.

    Raises:
        UsageError: a size is still symbolic, or PyTorch reserves a layer's name.
    """
    require_numbers(graph)
    for node in graph.nodes:
        require_name(node)
    first = next(iter(graph.inputs))
    # The module of its layer returns a further output: it is not a step of its own.
    nodes = (with_input(node, first) for node in graph.nodes if not isinstance(node.layer, FurtherOutput))
    graph = replace(graph, nodes=tuple(nodes))
    by_node = {node.name: RECIPES[node.kind](node) for node in graph.nodes}
    root = build_tree(graph, by_node)
    builder = BodyBuilder(graph, by_node, root)
    names = Names(_read_written_out())
    title = names.give(class_name(graph.name, graph.variant or ""))
    classes = list(write_blocks(builder, root, names))
    classes.append(_write_network(title, graph, builder, root))
    code = "\n\n\n".join("\n".join(block) for block in classes)
    helpers = "\n\n\n".join(_select_needed(code))
    body = "\n\n\n".join(part for part in (helpers, code, "\n".join(_write_main(title, graph))) if part)
    return f"{_write_docstring(graph, source)}\n\n{_write_imports(body)}\n\n\n{body}\n"


# --- the network's own class -----------------------------------------------------------------------------------------


def _write_network(title: str, graph: Graph, builder: BodyBuilder, root: Level) -> list[str]:
    body = builder.body(root)
    names = tuple(graph.outputs)
    inference = Returned(body.results, names if len(names) != 1 else ())
    returned = [inference]
    heads = graph.training_heads()
    if heads:
        refs = tuple(builder.tensor(root, tensor) for tensor in heads.values())
        returned.append(Returned((*body.results, *refs), (*names, *heads), training=True))
    arguments = Names()
    inputs = ["x"] if len(graph.inputs) == 1 else [arguments.give(variable(name)) for name in graph.inputs]
    shapes = ", ".join(map(_with_batch, graph.inputs.values()))
    doc = f"{shapes} to {', '.join(_with_batch(shape) for shape in _output_shapes(graph).values())}."
    return ClassSource(title, [body], returned, inputs).source(doc)


def _output_shapes(graph: Graph) -> dict[str, Shape]:
    shapes = {**graph.inputs, **{name: each for node in graph.nodes for name, each in node.tensors.items()}}
    return {name: shapes[tensor] for name, tensor in graph.outputs.items()}


def _with_batch(shape: Shape) -> str:
    return f"[batch, {', '.join(map(str, shape))}]"


# --- around it -------------------------------------------------------------------------------------------------------


def _write_docstring(graph: Graph, source: str) -> str:
    variant = f" ({graph.variant})" if graph.variant else ""
    shapes = f"{_describe_shapes('Input', graph.inputs)}; {_describe_shapes('output', _output_shapes(graph))}"
    inference, everything = (_count_parameters(graph, heads) for heads in (False, True))
    count = f"{inference:,} parameters"
    if everything != inference:
        count += f", with the training heads {everything:,}"
    paragraphs = [
        f"{graph.name}{variant}.",
        source and f"{source}.".replace("..", "."),
        f"{shapes}; {count}.",
        _describe_placeholders(graph),
    ]
    wrapped = [_wrap(_make_printable(paragraph)) for paragraph in paragraphs if paragraph]
    written = "Written by cnncalc; needs PyTorch alone."
    return '"""' + "\n\n".join([*wrapped, written]) + '\n"""'


def _describe_placeholders(graph: Graph) -> str:
    names = list_unknown(graph)
    return f"To be replaced before it runs, as the operation is unknown: {', '.join(names)}." if names else ""


def _describe_shapes(what: str, shapes: Mapping[str, Shape]) -> str:
    """Return `Input [batch, 3, 224, 224]`, or `Inputs left […], right […]`."""
    if len(shapes) == 1:
        return f"{what} {_with_batch(next(iter(shapes.values())))}"
    return f"{what}s " + ", ".join(f"{name} {_with_batch(shape)}" for name, shape in shapes.items())


def _count_parameters(graph: Graph, training: bool) -> int:
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


def _wrap(text: str) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH - 4, break_long_words=False, break_on_hyphens=False))


def _make_printable(text: str) -> str:
    """Return text that is safe in a docstring: nothing in it ends the string or acts as an escape."""
    plain = " ".join(text.split()).replace("\\", "/").replace('"', "'")
    plain = plain.replace("::", ": :").replace("##", "# #")  # commands to a runner that shows the source
    return "".join(c if c.isprintable() else "?" for c in plain)


def _write_imports(body: str) -> str:
    """Return the import statements that the code needs."""
    groups = [[], []]  # type: list[list[str]]
    if re.search(r"\bmath\.", body):
        groups[0].append("import math")
    if "OrderedDict(" in body:
        groups[0].append("from collections import OrderedDict")
    if "Callable[" in body:
        groups[0].append("from collections.abc import Callable")
    if re.search(r": Any\b", body):
        groups[0].append("from typing import Any")
    groups[1].append("import torch")
    if re.search(r"\bF\.\w|getattr\(F,", body):
        groups[1].append("import torch.nn.functional as F")
    groups[1].append("from torch import Tensor, nn")
    return "\n\n".join("\n".join(group) for group in groups if group)


def _write_main(title: str, graph: Graph) -> list[str]:
    """Return the lines of the `__main__` block: run one image, print output shape and parameter count."""
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
def _read_written_out() -> Mapping[str, str]:
    """Map the name of every class and function of `written_out` to its source."""
    texts = [re.sub(r"  # type: ignore\S*", "", path.read_text("utf-8")) for path in sorted(WRITTEN_OUT.glob("*.py"))]
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for text in texts
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }


def _select_needed(code: str) -> list[str]:
    """Return the sources of `written_out` that the code uses, directly or through each other."""
    sources = _read_written_out()
    needed: dict[str, None] = {}
    waiting = [code]
    while waiting:
        text = waiting.pop()
        for name in sources:
            if name not in needed and re.search(rf"(?<![.\w]){name}[(.]", text):
                needed[name] = None
                waiting.append(sources[name])
    return [sources[name] for name in sources if name in needed]
