"""The fault of an unresolved reference: what was probably meant, or why it is not available."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.document.types import Document, Reference
from cnncalc.elaborate.frame import Frame
from cnncalc.elaborate.item_facts import all_items
from cnncalc.errors import Fault, SpecError
from cnncalc.suggest import suggest_names


def unknown_name(
    document: Document, frame: Frame, named: Mapping[str, str], name: str, reference: Reference
) -> SpecError:
    """The fault of a name that no earlier tensor has."""
    return SpecError(
        [Fault(f"no earlier layer named '{name}'", reference.span, _hint(document, frame, named, name, reference))]
    )


def _hint(document: Document, frame: Frame, named: Mapping[str, str], name: str, reference: Reference) -> str:
    if name.startswith("$"):
        return f"a tensor is named without '$': write '{name[1:]}'"
    inside = next((full for full in named if full.endswith(f".{name}")), None)
    if inside is not None:
        return f"from here, write '{inside}'"
    written = next((item for item in all_items(document) if item.name is not None and item.name.text == name), None)
    if written is not None and written.span.line < reference.span.line and written.when is not None:
        return f"the one on line {written.span.line} is excluded by its 'when'"
    if written is not None and written.span.line >= reference.span.line:
        return f"the one on line {written.span.line} comes later: only earlier layers can be referenced"
    owner = next((a.block for a in frame.outward() if a.block and name in [p.name for p in a.block.parameters]), None)
    if owner is not None:
        return f"'{name}' is a number in block {owner.name}: declare it as 'tensor {name}' in the signature"
    above = [name for around in frame.outward() for name in around.tensors] + list(named)[:1000]
    return suggest_names(name, dict.fromkeys(above), "only earlier layers can be referenced:")
