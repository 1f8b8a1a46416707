"""Export a graph as ONNX: the network that `pytorch` builds, exported by `torch.onnx`."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.exporters.requirements import require_numbers
from cnncalc.graph import Graph, require_known
from cnncalc.source.replacing import replace_file, replacing_together

NEEDED = ("torch", "onnx", "onnxscript")
# Attributes that `torch.fx.GraphModule`, which the exporter makes of a network, has beyond those of `nn.Module`.
OF_GRAPH_MODULES = frozenset(
    (
        "add_submodule", "code", "delete_all_unused_submodules", "delete_submodule", "graph", "meta",
        "print_readable", "recompile", "shape_env", "to_folder",
    )
)  # fmt: skip
LARGEST = 2**31 - 2**24  # bytes that one ONNX file can hold; above, weights go into a file beside it


def write_onnx(graph: Graph, path: Path, opset: int | None = None) -> None:
    """Write the network to `path`, freshly initialised, in evaluation mode, with a dynamic batch size.

    Raises:
        UsageError: a package is missing, a size is symbolic, or ONNX cannot express a layer.
    """
    require_known(graph, "exported to ONNX (--to torch writes placeholders)")
    require_numbers(graph)
    torch = _torch()
    from cnncalc.pytorch import build

    network = build(graph).eval()
    images = tuple(torch.randn(2, *shape) for shape in graph.inputs.values())
    size = sum(tensor.nbytes for tensor in network.state_dict().values())
    apart = not OF_GRAPH_MODULES.isdisjoint(name for name, _ in network.named_children())
    # With another kernel, attention is laid out otherwise when the exporter decomposes it than when it is captured.
    with _quiet(), torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        try:
            program = torch.onnx.export(
                _within(network) if apart else network,
                images,
                None,
                input_names=list(graph.inputs),
                output_names=list(graph.outputs),
                opset_version=opset,
                dynamic_shapes={"inputs": ({0: "batch"},) * len(images)},
                dynamo=True,
                optimize=False,
                verbose=False,
            )
            if apart:
                _name_weights(program)
            _optimize(program)
            _save(program, path, size > LARGEST)
        except (torch.onnx.errors.OnnxExporterError, RuntimeError) as error:
            raise UsageError(f"{graph.name}: torch.onnx failed: {_reason(error)}") from error


def _within(network: Any) -> Any:  # noqa: ANN401
    """Return a module with the network as its only child, so that no layer stands where `OF_GRAPH_MODULES` do."""
    import torch

    class Within(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *inputs: Any) -> Any:  # noqa: ANN401
            return self.network(*inputs)

    return Within().eval()


def _name_weights(program: Any) -> None:  # noqa: ANN401
    """Name the weights of a network that was exported within another module as if it had been exported alone."""
    weights = program.model.graph.initializers
    for name in [name for name in weights if name.startswith("network.")]:
        weight = weights.pop(name)
        weight.name = name.removeprefix("network.")
        weights[weight.name] = weight


def _save(program: Any, path: Path, divided: bool) -> None:  # noqa: ANN401
    """Write the model as one file, or its weights into a second one beside it."""
    if not divided:
        replace_file(path, program.model_proto.SerializeToString())
        return
    with replacing_together(path) as new:
        program.save(new, external_data=True)


def _optimize(program: Any) -> None:  # noqa: ANN401
    """Fold constants, but no weight: batch normalization is neither merged into a convolution nor a 1 or 0 left out.

    Weights that are inputs of the graph could change, so that the optimizer leaves them as they are.
    """
    weights = [value for value in program.model.graph.initializers.values() if value.const_value is not None]
    inputs = program.model.graph.inputs
    inputs.extend(weights)
    program.optimize()
    for weight in weights:
        inputs.remove(weight)


def _torch() -> Any:  # noqa: ANN401
    """Import PyTorch, or raise UsageError that names the packages its exporter lacks."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"--to onnx needs {' and '.join(missing)}: pip install 'cnncalc[onnx]'")
    import torch
    import torch.nn.attention
    import torch.onnx

    return torch


@contextlib.contextmanager
def _quiet() -> Any:  # noqa: ANN401
    """Silence the progress output and the warnings of the exporter and its packages."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _reason(error: BaseException) -> str:
    """Return the first line of the innermost cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().partition("\n")[0] or type(error).__name__
