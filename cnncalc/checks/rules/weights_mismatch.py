"""`weights-mismatch`: a checkpoint (`--weights`) that does not fit the network."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from cnncalc.checks.finding import Fix, Observation
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.errors import CnncalcError
from cnncalc.quantities.sizes import listed, plural, shape_text
from cnncalc.spec import Spec
from cnncalc.suggest import first_names

if TYPE_CHECKING:
    from cnncalc.checkpoints.comparison import Comparison

MOST_RULES = 4  # renamings in words; JSON has all
MOST_VARIANTS = 12  # tried for one that fits


class WeightsMismatch(Rule):
    """A checkpoint whose tensors are not those of the network."""

    name: ClassVar[str] = "weights-mismatch"
    level: ClassVar[Level] = "error"
    what: ClassVar[str] = "The names, shapes or dtypes of the tensors of a checkpoint are not those of the network."
    why: ClassVar[str] = (
        "`load_state_dict` refuses such a checkpoint, or with `strict=False` leaves layers as they were initialized. "
        "Only the header of the file is read. This rule runs with `--weights`."
    )
    example: ClassVar[str] = """input: 3x32x32  # conv1.weight of model.safetensors is 16×1×3×3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
"""
    fixed: ClassVar[str] = """input: 1x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3}
"""
    source: ClassVar[str] = "PyTorch: nn.Module.load_state_dict."

    def findings(self, subject: Subject) -> Iterable[Observation]:
        """Return nothing: the checkpoint is known to the run alone."""
        return ()


def mismatches(subject: Subject, compared: Comparison, variants: Collection[str]) -> Iterator[Observation]:
    """Yield what keeps a network from loading a checkpoint: layer by layer, then what belongs to no layer.

    `variants` are those of the spec, one of which may fit.
    """
    if compared.fits:
        return
    file, total = compared.checkpoint.name, len(compared.checkpoint.tensors)
    other = None if compared.alike else _other_variant(subject, compared, variants)
    if not compared.fitting and not compared.renamings and not compared.shapes:
        yield _whole(
            f"{file} has no tensor of this network ({plural(total, 'tensor')} of other names and shapes)", other
        )
        return
    if other:
        yield _whole(f"{file} is a checkpoint of another variant", other)
        return
    if compared.wrong_bytes:
        yield _whole(f"{file} states {compared.checkpoint.bytes:,} bytes, which these tensors cannot have")
    if compared.renamings:
        from cnncalc.checkpoints.renaming import rules

        known = [f"{old} to {new}" for old, new in rules(compared.renamings)]
        how = "by shape and order, " if compared.guessed else ""
        have = "has another name" if len(compared.renamings) == 1 else "have other names"
        fix = Fix(f"{how}rename {listed(known, MOST_RULES)}")
        yield _whole(f"{plural(len(compared.renamings), 'tensor')} of {file} {have}", fix)
    if compared.missing and (more := compared.checkpoint.lacking_files):
        files = len(compared.checkpoint.files)
        fix = Fix("name their index, or --weights for each of them")
        yield _whole(f"{file} {'is' if files == 1 else 'are'} {files} of {files + more} files", fix)
        compared = compared._replace(missing=())
    yield from WeightsMismatch().group_cases(subject, _cases(subject, compared))
    if compared.superfluous:
        names = first_names(compared.superfluous)
        belongs = "belongs" if len(compared.superfluous) == 1 else "belong"
        yield _whole(f"{plural(len(compared.superfluous), 'tensor')} of {file} {belongs} to no layer: {names}")


def _whole(message: str, fix: Fix | None = None) -> Observation:
    return Observation(WeightsMismatch.name, message, None, (), fix)


def _cases(subject: Subject, compared: Comparison) -> Iterator[Case]:
    """What is wrong with the tensors of each layer."""
    file = compared.checkpoint.name
    layers = {layer.name: layer.node for layer in subject.report.layers}
    missing, wrong = {*compared.missing}, dict[str, list[str]]()
    lacks: dict[str, list[str]] = {}
    for name, own in compared.expected.items():
        key = name[len(own.node) + 1 :]
        if name in missing:
            lacks.setdefault(own.node, []).append(key)
        elif name in compared.shapes:
            theirs = compared.shapes[name]
            turned = ", transposed" if tuple(own.shape) == theirs[::-1] else ""
            wrong.setdefault(own.node, []).append(
                f"{key} is {shape_text(own.shape)}, in {file} {shape_text(theirs)}{turned}"
            )
        elif name in compared.dtypes:
            sort = "whole numbers" if own.whole else "floating-point numbers"
            wrong.setdefault(own.node, []).append(f"{key} holds {sort}, in {file} {compared.dtypes[name]}")
    for node, keys in lacks.items():
        named = "tensors" if len(keys) > 2 else " and ".join(keys)
        wrong.setdefault(node, []).append(f"{file} lacks its {named}")
    for node in layers:
        if node in wrong:
            yield Case(layers[node], "; ".join(wrong[node]))


def _other_variant(subject: Subject, compared: Comparison, variants: Collection[str]) -> Fix | None:
    """Name another variant that the checkpoint fits, but for the names of its tensors."""
    from cnncalc.checkpoints.comparison import compare

    for variant in list(variants)[:MOST_VARIANTS]:
        with suppress(CnncalcError):
            graph = Spec(subject.document, variant).analyze(params=subject.params).graph
            found = compare(graph, compared.checkpoint) if variant != subject.variant else compared
            if found.alike:
                return Fix(
                    f"it fits the variant {variant}" + ("" if found.fits else ", but for the names of its tensors")
                )
    return None
