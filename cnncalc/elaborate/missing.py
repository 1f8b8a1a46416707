"""The fault of an unresolved reference: what was probably meant, or why it is not available."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cnncalc.document.types import Branches, Document, Group, Item, Reference, Residual
from cnncalc.elaborate.frame import Frame
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
    inside = next((full for full in named if full.endswith(f".{name}")), None)
    if inside is not None:
        return f"from here, write '{inside}'"
    written = next((item for item in _all_items(document) if item.name is not None and item.name.text == name), None)
    if written is not None and written.span.line < reference.span.line and written.when is not None:
        return f"the one on line {written.span.line} is excluded by its 'when'"
    if written is not None and written.span.line >= reference.span.line:
        return f"the one on line {written.span.line} comes later: only earlier layers can be referenced"
    owner = next((a.block for a in frame.outward() if a.block and name in [p.name for p in a.block.parameters]), None)
    if owner is not None:
        return f"'{name}' is a number in block {owner.name}: declare it as 'tensor {name}' in the signature"
    above = [name for around in frame.outward() for name in around.tensors] + list(named)[:1000]
    return suggest_names(name, dict.fromkeys(above), "only earlier layers can be referenced:")


def _all_items(document: Document) -> Iterator[Item]:
    """Every item as written, including those of blocks and heads."""
    yield from _iterate_items(document.layers)
    for block in document.blocks.values():
        yield from _iterate_items(block.items)
    for head in document.heads.values():
        yield from _iterate_items(head.items)


def _iterate_items(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        body = item.body
        if isinstance(body, Group):
            yield from _iterate_items(body.items)
        elif isinstance(body, Residual):
            yield from _iterate_items((*body.body, *body.shortcut))
        elif isinstance(body, Branches):
            for path in body.paths:
                yield from _iterate_items(path.items)
