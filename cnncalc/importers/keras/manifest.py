"""Compares the weights that a TF.js model lists in its manifest with those that our layers have."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from cnncalc.importers.keras.config import shown, whole
from cnncalc.importers.keras.document import Document
from cnncalc.importers.keras.tracing import Tracing
from cnncalc.importers.keras.weights import numbers_of_layers

MOST_NAMED = 3  # layers in a warning


def compare_manifest(document: Document, tracing: Tracing) -> Iterator[str]:
    """Yield a sentence if the manifest of a TF.js model has other weights than the layers."""
    listed = _listed(document.values)
    if not listed:
        return
    ours = numbers_of_layers(tracing)
    total = sum(listed.values())
    expected = sum(count for count in ours.values() if count is not None)
    if None in ours.values() or total == expected:
        return
    wrong = [name for name, count in ours.items() if name in listed and listed[name] != count]
    where = f", of {', '.join(map(shown, wrong[:MOST_NAMED]))} among others" if wrong else ""
    yield f"its manifest lists {total:,} weights{where}, its layers have {expected:,}"


def _listed(values: Any) -> dict[str, int]:  # noqa: ANN401
    """Layer → the number of its weights in the manifest."""
    groups = values.get("weightsManifest") if isinstance(values, dict) else None
    counts: dict[str, int] = {}
    for group in groups if isinstance(groups, list) else []:
        weights = group.get("weights") if isinstance(group, dict) else None
        for weight in weights if isinstance(weights, list) else []:
            name, shape = (weight.get("name"), weight.get("shape")) if isinstance(weight, dict) else (None, None)
            if not isinstance(name, str) or not isinstance(shape, list):
                return {}
            sizes = [whole(size) for size in shape]
            layer = name.rpartition("/")[0].rpartition("/")[2] or name
            counts[layer] = counts.get(layer, 0) + prod(size or 0 for size in sizes)
    return counts
