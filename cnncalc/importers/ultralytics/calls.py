"""Rows as items of a spec: a call of a block of the library or of the user, or a layer."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.ultralytics import layers
from cnncalc.importers.ultralytics.arguments import bind
from cnncalc.importers.ultralytics.library import REPEATS, Definition, library, module, of_levels
from cnncalc.importers.ultralytics.model import INPUT, Model, Row
from cnncalc.importers.ultralytics.nodes import Built, build, name, word
from cnncalc.importers.ultralytics.scaling import Scaling
from cnncalc.source.nodes import Mapping as MappingNode
from cnncalc.source.nodes import Scalar
from cnncalc.suggest import suggest_names

MOST_LEVELS = 12
MOST_HINTS = 20  # unknown modules for which near names are looked for
ANCHORED = {"Detect": "AnchorDetect", "Segment": "AnchorSegment"}  # in files with anchors
SEPARABLE = frozenset({"C3k2", "A2C2f"})  # modules with which heads have separable convolutions
PROTOTYPES = frozenset({"Segment", "AnchorSegment", "Segment26", "YOLOESegment", "YOLOESegment26"})
# Heads of which parts run only in training or with prompts, beside those with `end2end`.
IDLE = frozenset(
    {
        "v10Detect",
        "Segment26",
        "Pose26",
        "SemanticSegment",
        "YOLOEDetect",
        "YOLOESegment",
        "YOLOESegment26",
        "RTDETRDecoder",
        "IAuxDetect",
    }
)
PAIRED = frozenset({"IAuxDetect"})  # heads whose second half of rows is for training
CLASSIFIERS = frozenset({"Classify"})


class Calls:
    """The rows of a model as items; what they call, and what is wrong with them."""

    def __init__(self, model: Model, scaling: Scaling, given: Mapping[str, Definition]) -> None:
        self.model = model
        self.scaling = scaling
        self.given = given
        self.faults: list[Fault] = []
        self.unknown: list[Fault] = []  # modules that are not known
        self.called: dict[str, None] = {}
        self.kept: list[Row] = []  # the rows that are items
        self.levels: list[int] = []  # how many rows heads read, each number once
        self.classifies = bool(model.rows) and model.rows[-1].name in CLASSIFIERS
        self._rows = {row.number: row for row in model.rows}
        self._lost: set[int] = set()  # rows that nothing can read: unknown modules, and what depends on them

    def items(self) -> list[Built]:
        """The items of all rows that do not depend on an unknown module."""
        items: list[Built] = []
        left: dict[int, int] = {}
        for row in self.model.rows:
            blamed = next((source for source in row.sources if source in self._lost), None)
            if blamed is not None:
                self._lost.add(row.number)
                left[row.number] = blamed
                continue
            try:
                items.append(self._item(row))
                self.kept.append(row)
            except SpecError as error:
                self.faults += error.faults
        if left and self.unknown:
            self.unknown[0] = self.unknown[0]._replace(
                message=f"{self.unknown[0].message}; {_listed(list(left))} left out"
            )
        return items

    @property
    def has_idle_parts(self) -> bool:
        """Whether a head has parts that nothing at inference reads."""
        return not IDLE.isdisjoint(self.called) or (bool(self.levels) and self.model.flag("end2end"))

    def outputs(self, last: Row) -> dict[str, Built]:
        """The outputs of the network, where it has others than the last row's."""
        if self.blockof(last) not in PROTOTYPES:
            return {}
        path = f"model.{last.number}"
        detections = f"{path}.detect" if self.blockof(last) == "AnchorSegment" else path
        return {"output": name(detections, last.span), "protos": name(f"{path}.protos", last.span)}

    def blockof(self, row: Row) -> str:
        """The block that a row calls."""
        known = row.name.removeprefix("nn.") if row.name not in layers.LAYERS else row.name
        return ANCHORED.get(known, known) if self.model.anchored and known not in self.given else known

    def _item(self, row: Row) -> Built:
        called = self.blockof(row)
        definition = self.given.get(called) or module(called)
        body = self._layer(row) or self._unknown(row) if definition is None else self._call(row, called, definition)
        repeated = row.repeats > 1 and "unknown" not in body
        if repeated and not (definition and REPEATS in definition.parameters):
            body["repeat"] = self.scaling.repeats(row.repeats)
        body["name"] = name(str(row.number), row.module.span)
        at = row.module.span
        return MappingNode({key: (word(key, at), build(each, at)) for key, each in body.items()}, at, False)

    def _call(self, row: Row, called: str, definition: Definition) -> dict[str, Built]:
        """The call of a block, and what it reads."""
        arguments = bind(definition, row, self.model, self.scaling)
        if REPEATS in definition.parameters:
            arguments[REPEATS] = self.scaling.repeats(row.repeats)
        arguments |= self._particular(called, row, definition, arguments)
        beside, tensors = self._tensors(row, definition)
        words = [each.text for each in arguments.values() if isinstance(each, Scalar)]
        self.called |= dict.fromkeys([called, *words])
        block = of_levels(called, len(row.sources), self.levels) if definition.levelled else called
        return {block: {**arguments, **tensors} or None, **beside}

    def _layer(self, row: Row) -> dict[str, Built] | None:
        if row.name == "CBFuse":
            return layers.fuse(row, self._rows)
        handle = layers.LAYERS.get(row.name) or layers.LAYERS.get(f"nn.{row.name}")
        return {**handle(row, self.model, self.scaling), **self._from(row)} if handle else None

    def _from(self, row: Row) -> dict[str, Built]:
        if len(row.sources) == 1 and row.sources[0] == row.number - 1:
            return (
                {}
                if row.name not in ("Concat", "Shortcut") or row.sources[0] == INPUT
                else {"from": self._named(row, 0)}
            )
        return {"from": [self._named(row, place) for place in range(len(row.sources))]}

    def _named(self, row: Row, place: int) -> Scalar:
        source = row.sources[place]
        return name("input" if source == INPUT else str(source), row.span)

    def _tensors(self, row: Row, definition: Definition) -> tuple[dict[str, Built], dict[str, Built]]:
        """The `from` of a call, and its tensors."""
        first: dict[str, Built] = {}
        if row.sources[0] != row.number - 1:
            first = {"from": self._named(row, 0)}
        if definition.levelled:
            if len(row.sources) > MOST_LEVELS:
                raise SpecError([Fault(f"{row.name} reads at most {MOST_LEVELS} rows", row.span)])
            if row.name in PAIRED and len(row.sources) % 2:
                raise SpecError([Fault(f"{row.name} reads an even number of rows: its levels, twice", row.span)])
            if len(row.sources) not in self.levels:
                self.levels.append(len(row.sources))
            return first, {f"p{place}": self._named(row, place) for place in range(1, len(row.sources))}
        if len(row.sources) - 1 > len(definition.tensors):
            fewer = (
                f"{row.name} reads one row"
                if not definition.tensors
                else f"{row.name} reads {len(definition.tensors) + 1} rows at most"
            )
            raise SpecError([Fault(f"{fewer}, got {len(row.sources)}", row.span, "join them first: Concat")])
        pairs = zip(definition.tensors, range(1, len(row.sources)), strict=False)
        return first, {tensor: self._named(row, place) for tensor, place in pairs}

    def _particular(
        self, called: str, row: Row, definition: Definition, arguments: Mapping[str, Built]
    ) -> dict[str, Built]:
        """What the file or its scale says of a module beside its arguments."""
        more: dict[str, Built] = {}
        if called == "C3k2" and not _is_true(arguments.get("c3k")) and self.model.scales:
            more["c3k"] = self.scaling.flag("large")
        if called == "A2C2f" and not _is_false(arguments.get("attention")) and self.model.scales:
            self.scaling.flag("largest")
            more |= {"scaled": "largest", "ratio": "1.2 if largest else 2"}
        if called == "C2fAttn" and self.scaling.own is not None:
            more |= _guided(arguments, self.scaling.own.most)
        if self.model.anchored and called in ("RepConv", "Bottleneck"):
            more |= {"identity_norm": True} if called == "RepConv" else {"kernel_sizes": [1, 3]}
        if "separable" in definition.keyed and any(each.name in SEPARABLE for each in self.model.rows):
            more["separable"] = True
        if "reg_max" in definition.keyed and "reg_max" in self.model.keys:
            more["reg_max"] = self.model.whole("reg_max", 16)
        if "end2end" in definition.keyed and called != "v10Detect" and self.model.flag("end2end"):
            more["end2end"] = True
        return more

    def _unknown(self, row: Row) -> dict[str, Built]:
        self._lost.add(row.number)
        known = [*(each for each in library() if module(each)), *layers.LAYERS, *self.given]
        hint = suggest_names(row.name, known) if len(self.unknown) < MOST_HINTS else ""
        if not hint.startswith("did you mean"):
            hint = f"give its block with --blocks my_blocks.yaml: {row.name[:80]}(channels): [...]"
        self.unknown.append(Fault(f"row {row.number}: unknown module '{row.module.text[:80]}'", row.module.span, hint))
        shape = ["in_channels", "in_size[0]", "in_size[1]"]
        op = name(row.module.text[:80] or "nothing", row.module.span)
        return {"unknown": {"op": op, "shape": shape}, **self._from(row)}


def _guided(arguments: Mapping[str, Built], most: int | None) -> dict[str, Built]:
    """The embedding and the heads of C2fAttn, which are scaled too."""
    more: dict[str, Built] = {}
    embed, heads = arguments.get("embed"), arguments.get("num_heads")
    if isinstance(embed, Scalar):
        least = embed.text if most is None else f"min({embed.text}, max_channels // 2)"
        more["embed"] = f"8 * ceil({least} * width / 8)"
    if isinstance(heads, Scalar) and heads.text != "1":
        least = heads.text if most is None else f"min({heads.text}, max_channels // 64)"
        more["num_heads"] = f"int(max({least} * width, 1))"
    return more


def _is_true(given: Built) -> bool:
    return isinstance(given, Scalar) and given.value is True


def _is_false(given: Built) -> bool:
    return isinstance(given, Scalar) and given.value is False


def _listed(rows: list[int]) -> str:
    """Rows in words: `rows 12 to 23 depend on it and are`."""
    if len(rows) == 1:
        return f"row {rows[0]} depends on it and is"
    run = rows[-1] - rows[0] == len(rows) - 1
    shown = f"{rows[0]} to {rows[-1]}" if run else ", ".join(map(str, rows[:10])) + ", …" * (len(rows) > 10)
    return f"rows {shown} depend on it and are"
