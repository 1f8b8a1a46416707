"""Writes patterns as the items of a spec, in plain data; equal items in a row become a repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from cnncalc.importers.structure.patterns import Pattern, Patterns
from cnncalc.importers.structure.repeats import fold_repeats
from cnncalc.importers.writing.items import item
from cnncalc.importers.writing.manners import as_data
from cnncalc.writer import Data

# The enclosing levels, outermost first; a level without a name, which outside references cannot enter, starts with ?.
Frame = tuple[str, ...]


class Unfit(Exception):  # noqa: N818 - a result, not a failure
    """A structure that cannot be written, because it would have to name what lies in a level without a name."""


NO_FURTHER: Mapping[str, tuple[str, str]] = {}


class Composer:
    """Writes the items of one section: a block, or everything under `layers` and `heads`."""

    def __init__(self, unique: Callable[[str], str], further: Mapping[str, tuple[str, str]] = NO_FURTHER) -> None:
        self._further = further  # the layer and the name of every further output
        self._unique = unique  # makes a name unique
        self.names: dict[str, str] = {}
        self.wanted: set[str] = set()  # tensors that are referred to
        self._frames: dict[str, Frame] = {}
        self._nameless = 0

    def items(self, patterns: Patterns, running: str | None, frame: Frame = ()) -> list[Data]:
        """The items of a list, into which the tensor `running` flows."""
        items: list[Data] = []
        grouped: list[tuple[str, list[Data]]] = []
        for pattern, crop in _with_crops(patterns, running):
            written = self._item(pattern, running, frame) if crop is None else self._cropped(pattern, crop, frame)
            self._frames.update(dict.fromkeys((pattern.output, *pattern.sides), frame))
            if grouped and pattern.when and grouped[-1][0] == pattern.when:
                grouped[-1][1].append(written)
            else:
                grouped.append((pattern.when, [written]))
            running = pattern.output
        for when, written_items in grouped:
            items += [_under(when, written_items)] if when else written_items
        return fold_repeats(
            items, {pattern.block.name for pattern in patterns if pattern.block and pattern.block.sides}
        )

    def refer(self, tensor: str, frame: Frame) -> str:
        """The name of a tensor as seen from `frame`; before names are assigned, a placeholder."""
        if tensor in self._further:
            layer, output = self._further[tensor]
            return f"{self.refer(layer, frame)}.{output}"
        self.wanted.add(tensor)
        name = self.names.get(tensor)
        if name is None:
            return tensor
        there = self._frames.get(tensor, ())
        if frame[: len(there)] == there:
            return name
        common = sum(1 for a, b in zip(there, frame, strict=False) if a == b)
        inner = there[common:]
        if any(level.startswith("?") for level in inner):
            raise Unfit
        return ".".join((*inner, name))

    def name(self, patterns: Patterns) -> None:
        """Name the tensors that are referred to, which a first pass has collected."""
        for pattern in patterns:
            self._name_within(pattern)
            if self.wanted.isdisjoint((pattern.output, *pattern.sides)):
                continue
            if pattern.name is None:
                guessed = not pattern.path or pattern.path.isdigit()  # only its layers then have paths
                pattern.name = self._unique(pattern.output if guessed else pattern.path)
            self.names[pattern.output] = pattern.name
            if pattern.block is not None:
                inside = (f"{pattern.name}.{side}" for side in pattern.block.sides)
                self.names.update(zip(pattern.sides, inside, strict=True))

    def _name_within(self, pattern: Pattern) -> None:
        """Name what is referred to inside a pattern; the last element of a group has the name of the group."""
        for path in pattern.paths or ():
            self.name(path)
        for inner in pattern.items or ():
            if inner.output == pattern.output:
                self._name_within(inner)
            else:
                self.name([inner])

    def _item(self, pattern: Pattern, running: str | None, frame: Frame) -> Data:
        if pattern.paths is not None:
            return self._fork(pattern, running, frame)
        if pattern.items is not None:
            return self._group(pattern, pattern.items, running, frame)
        if pattern.block is not None:
            tensors = [self.refer(tensor, frame) for tensor in pattern.sources or ()]
            call = pattern.block.call(pattern.written, tensors)
            return self._beside(pattern, pattern.block.name, call, running, frame)
        node = pattern.node
        assert node is not None
        if pattern.word:
            return self._beside(pattern, f"${pattern.word}", dict(pattern.written) or None, running, frame)
        flows = bool(node.inputs) and pattern.sources is None and pattern.reads is None
        flowing = node.inputs[0] if flows else running
        return item(node, pattern.written, lambda tensor: self.refer(tensor, frame), flowing, pattern.name)

    def _cropped(self, join: Pattern, crop: Pattern, frame: Frame) -> Data:
        """A join with a crop of another tensor: `concat: {with: x, crop: center}`."""
        assert crop.sources is not None
        call: dict[str, Data] = {"with": self.refer(crop.sources[0], frame), "crop": "center", **join.written}
        written: dict[str, Data] = {}
        if join.node is not None and join.node.written is not None:
            written["written"] = as_data(join.node.written)
        return {join.kind: call, **({} if join.name is None else {"name": join.name}), **written}

    def _group(self, group: Pattern, inner: Patterns, running: str | None, frame: Frame) -> Data:
        """A part that occurs once, as a named sequence; a single item takes the name itself."""
        items = self.items(inner, group.reads or running, (*frame, group.name or ""))
        alone = items[0] if len(items) == 1 else None
        if isinstance(alone, dict) and alone.keys().isdisjoint({"name", "from"}) and group.reads is None:
            return {**alone, "name": group.name or ""}
        return self._beside(group, "sequence", items, running, frame)

    def _fork(self, fork: Pattern, running: str | None, frame: Frame) -> Data:
        assert fork.paths is not None
        paths: list[Data] = []
        residual_form = _is_residual(fork)
        for place, path in enumerate(fork.paths):
            self._nameless += 1
            inner = (*frame, f"?{self._nameless}")
            whens = [] if residual_form and place == 1 else _whens_of_vanishing(path, fork)
            if len(whens) == 1:  # the condition of the path says it
                path = [replace(pattern, when="") for pattern in path]
            items = self.items(path, fork.reads or running, inner)
            paths += _either(whens, items) if whens else [items]
        if not residual_form:
            arguments = {name: value for name, value in fork.written.items() if name != "skip"}
            branches: dict[str, Data] = {"merge": fork.kind, **arguments, "paths": paths}
            return self._beside(fork, "branches", branches, running, frame)
        body, shortcut = paths
        skip = fork.written.get("skip")
        plain = skip is None and not shortcut
        residual: dict[str, Data] = {"skip": skip} if skip is not None else {}
        residual["body"] = body
        if shortcut:
            residual["shortcut"] = shortcut
        return self._beside(fork, "residual", body if plain else residual, running, frame)

    def _beside(self, pattern: Pattern, kind: str, call: Data, running: str | None, frame: Frame) -> Data:
        beside: dict[str, Data] = {}
        if pattern.reads is not None:
            beside["from"] = self.refer(pattern.reads, frame)
        if pattern.name is not None:
            beside["name"] = pattern.name
        if pattern.node is not None and pattern.node.written is not None:
            beside["written"] = as_data(pattern.node.written)
        return {kind: call, **beside} if beside or call is not None else kind


def _with_crops(patterns: Patterns, running: str | None) -> Iterator[tuple[Pattern, Pattern | None]]:
    """Each element with None; for a crop followed by its join, the join with the crop."""
    place = 0
    while place < len(patterns):
        crop, joins = patterns[place], patterns[place + 1 : place + 2]
        if joins and _is_crop(crop, running) and joins[0].sources == (running, crop.output) and crop.name is None:
            yield joins[0], crop
            place, running = place + 2, joins[0].output
        else:
            yield crop, None
            place, running = place + 1, crop.output


def _is_crop(pattern: Pattern, running: str | None) -> bool:
    sources = pattern.sources
    return pattern.kind == "crop" and sources is not None and sources[1:] == (running,) and not pattern.written


def _is_residual(fork: Pattern) -> bool:
    """Whether a fork is a body and a shortcut; a shortcut without layers is the identity, a body is never."""
    paths = fork.paths or []
    return fork.kind == "add" and len(paths) == 2 and bool(paths[0]) and not _whens_of_vanishing(paths[0], fork)


def _whens_of_vanishing(path: Patterns, fork: Pattern) -> list[str]:
    """The conditions in a path of which some part has no layer, where it is the identity; none for any other path."""
    if not path or not all(pattern.when for pattern in path):
        return []
    layers = zip(*(pattern.present for pattern in path), strict=True)
    vanishes = any(there and not any(present) for there, present in zip(fork.present, layers, strict=True))
    return list(dict.fromkeys(pattern.when for pattern in path)) if vanishes else []


def _either(whens: list[str], items: list[Data]) -> list[Data]:
    """Two paths: the layers if a condition holds, else the identity."""
    holds = whens[0] if len(whens) == 1 else " or ".join(f"({when})" for when in whens)
    otherwise = f"not ({holds})" if " " in holds else f"not {holds}"
    return [{"when": holds, "layers": items}, {"when": otherwise, "layers": []}]


def _under(when: str, items: list[Data]) -> Data:
    """Items under one condition."""
    if len(items) > 1:
        return {"sequence": items, "when": when}
    (alone,) = items
    return {**alone, "when": when} if isinstance(alone, dict) else {str(alone): None, "when": when}
