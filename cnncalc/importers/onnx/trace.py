"""Turns an ONNX model into a flat list of layers, operator by operator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cnncalc.errors import UsageError
from cnncalc.importers.onnx.graph import modules, operators
from cnncalc.importers.onnx.inferred import Inferred
from cnncalc.importers.onnx.inputs import graph_inputs, resized
from cnncalc.importers.onnx.layout import FIRST, to_channels_first, to_last
from cnncalc.importers.onnx.model import Model, opset_of, read_model
from cnncalc.importers.onnx.operators import MALFORMED, Op, UnsupportedError
from cnncalc.importers.onnx.patterns import rewrite_patterns
from cnncalc.importers.onnx.run import Run
from cnncalc.importers.onnx.stacking import stacked
from cnncalc.importers.onnx.tensors import BATCH, Tensor, initializers
from cnncalc.importers.onnx.tracing import Tracing
from cnncalc.importers.simplify import simplify
from cnncalc.importers.traced import Traced
from cnncalc.quantities.shapes import Given, by_name
from cnncalc.symbolic import Size

WEIGHTED = frozenset({"Conv", "ConvTranspose", "BatchNormalization", "InstanceNormalization", "GroupNormalization"})


def read_onnx(path: Path | str, inputs: Given | None = None) -> Traced:
    """Read the network in an ONNX file; weights are read for their shapes only.

    Args:
        path: path of the file.
        inputs: input shapes that replace the file's own, without the batch axis.

    Raises:
        UsageError: the file is not a complete model, its graph is not in topological order, or a shape is unknown.
    """
    path = Path(path)
    model = read_model(path)
    try:
        return trace(model, path.stem, inputs)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    except MALFORMED as error:
        raise UsageError(f"{path}: not a valid ONNX model: {type(error).__name__}: {error}") from error


def trace(model: Model, name: str = "network", given: Given | None = None) -> Traced:
    """Trace the network of a model; raises as `read_onnx` does, without the file name."""
    constants = initializers(model)
    own = graph_inputs(model, constants)
    outputs = [each.name for each in model.graph.output]
    ops, inputs, last = to_channels_first(list(operators(model.graph, opset_of(model))), own, constants, outputs)
    for each, sizes in by_name(given, inputs, "the model").items():
        inputs[each] = resized(inputs[each], sizes)
    ops = rewrite_patterns(ops, constants, outputs)
    tracing = Tracing(_batch(inputs, ops), inputs.values(), [op.scope for op in ops])
    tracing.notes += [f"its input '{each}' is channels last; the spec is channels first throughout" for each in last]
    inferred = Inferred(model, _file_shapes(inputs, last), resized=bool(given))
    read = {each + FIRST if each in last else each: tensor for each, tensor in inputs.items()}
    run = Run(model, ops, {**constants, **read}, tracing, inferred)
    for op in ops:
        _step(run, op)
    results = dict(_outputs(outputs, run))
    alive, results = stacked(run.trace.emission.alive(results.values()), results, run.trace.emission.paths)
    kept = _needed_inputs(inputs, run, results.values())
    traced = Traced(
        name,
        {each: tensor.sample or (1,) for each, tensor in kept.items()},
        tuple(alive),
        results,
        {"description": _description(model)},
        modules(model.graph),
        warnings=tuple(run.warnings()),
    )
    return simplify(traced)


def _step(run: Run, op: Op) -> None:
    """Trace one operator; what its form is not made for becomes a sentence that names it."""
    try:
        run.step(op)
    except (UnsupportedError, *MALFORMED) as error:
        raise UsageError(f"{op.kind} '{op.name}' is not of the form that ONNX defines: {error}") from error


def _file_shapes(inputs: Mapping[str, Tensor], last: Sequence[str]) -> dict[str, tuple[Size, ...]]:
    """Return the input shapes with the batch, in the file's own order of axes."""
    shapes = {name: tensor.shape for name, tensor in inputs.items() if tensor.shape is not None}
    restored = {name: tuple(shapes[name][axis] for axis in to_last(len(shapes[name]))) for name in last}
    return {**shapes, **restored}


def _batch(inputs: Mapping[str, Tensor], ops: Sequence[Op]) -> Size:
    """Return the batch size: the first axis of every input.

    Raises:
        UsageError: the inputs disagree, perhaps because weights are graph inputs.
    """
    for op in ops:
        for name in op.reads[1:] if op.kind in WEIGHTED else ():
            if name in inputs:
                message = f"{op.kind} '{op.name}' takes its weights from the input '{name}'"
                raise UsageError(f"{message}: weights must be constants in the file (initializers)")
    batches = {
        name: tensor.shape[tensor.batch_axis]
        for name, tensor in inputs.items()
        if tensor.shape and tensor.batch_axis is not None
    }
    if len(set(batches.values())) > 1:
        message = ", ".join(f"{name} {'any' if size == BATCH else size}" for name, size in batches.items())
        raise UsageError(f"its inputs have different batch sizes (first axes): {message}")
    return next(iter(batches.values()), 1)


def _needed_inputs(inputs: Mapping[str, Tensor], run: Run, results: Iterable[str]) -> dict[str, Tensor]:
    """Return the inputs without the single numbers that no layer reads, such as a sampling rate; notes on those."""
    read = {name for node in run.trace.nodes for name in node.inputs} | set(results)
    single = [name for name, tensor in inputs.items() if len(tensor.shape or ()) < 2]
    left_out = [name for name in single if name not in read and len(inputs) > 1]
    run.trace.notes += [f"its input '{name}' is left out: no layer reads it" for name in left_out]
    run.trace.notes += [
        f"its input '{name}' is a single number; the spec has it as one per sample"
        for name in single
        if name in read and not inputs[name].sample
    ]
    return {name: tensor for name, tensor in inputs.items() if name not in left_out}


def _outputs(names: Sequence[str], run: Run) -> Iterator[tuple[str, str]]:
    for number, name in enumerate(names, 1):
        tensor = run.plain(name)
        if tensor is None or tensor.node is None:
            raise UsageError(f"no layer produces its output '{name}'")
        yield ("output" if len(names) == 1 else f"output{number}" if not name.isidentifier() else name), tensor.node


def _description(model: Model) -> str:
    producer = " ".join(part for part in (model.producer_name, model.producer_version) if part)
    written = f"written by {producer}, " if producer else ""
    return f"From an ONNX model ({written}opset {opset_of(model)})."
