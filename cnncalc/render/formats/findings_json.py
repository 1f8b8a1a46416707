"""Writes findings as one JSON document, `cnncalc-check/1`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cnncalc.checkpoints.comparison import Comparison
from cnncalc.checks.finding import Finding, Severity
from cnncalc.checks.many import Run
from cnncalc.layers.layer import Shape
from cnncalc.render.formats.json import dump_json

SCHEMA = "cnncalc-check/1"


def findings_json(run: Run, *, colour: bool = False, failing: tuple[Severity, ...] = ("error",)) -> str:
    """Format every spec with its findings, and their numbers; `failed` says why specs could not be checked."""
    specs = [
        {
            "spec": each.name,
            "networks": each.networks,
            "findings": [_finding_record(each.name, result) for result in each.findings],
            **({"weights": _weights_record(each.weights)} if each.weights else {}),
        }
        for each in run.checked
    ]
    summary = {
        "specs": len(run.checked),
        "networks": sum(each.networks for each in run.checked),
        "errors": run.count("error"),
        "warnings": run.count("warning"),
        "notes": run.count("note"),
        "fixed": run.fixes,
    }
    return dump_json({"schema": SCHEMA, "specs": specs, "failed": [text for text, _ in run.wrong], "summary": summary})


def _finding_record(name: str, result: Finding) -> dict[str, Any]:
    """Return a finding as JSON; `end_column` is exclusive, and `variants` is empty if the finding is in all of them."""
    place: dict[str, Any] = {"file": name, "line": None, "column": None, "end_column": None}
    if result.span:
        source, line, column, width = result.span
        place = {"file": source.name, "line": line, "column": column, "end_column": column + width}
    return {
        "rule": result.rule,
        "level": result.level,
        "message": result.message,
        **place,
        "layers": list(result.nodes),
        "variants": list(result.variants),
        "fix": result.fix.words if result.fix else None,
        "fixable": bool(result.fix and result.fix.edits),
    }


def _weights_record(compared: Comparison) -> dict[str, Any]:
    """Return how a checkpoint fits as JSON: `renamings` maps a name in the checkpoint to one of the network."""
    checkpoint, expected = compared.checkpoint, compared.expected
    dtypes = Counter(tensor.dtype for tensor in checkpoint.tensors.values() if tensor.dtype)
    return {
        "files": list(checkpoint.files),
        "fits": compared.fits,
        "tensors": len(checkpoint.tensors),
        "bytes": checkpoint.bytes,
        "dtypes": dict(dtypes),
        "missing": list(compared.missing),
        "superfluous": list(compared.superfluous),
        "shapes": {
            name: {"network": _sizes(expected[name].shape), "checkpoint": list(shape)}
            for name, shape in compared.shapes.items()
        },
        "wrong_dtypes": dict(compared.dtypes),
        "renamings": dict(compared.renamings),
    }


def _sizes(shape: Shape) -> list[int | str]:
    """Return the sizes of a shape; symbols as text."""
    return [size if isinstance(size, int) else str(size) for size in shape]
