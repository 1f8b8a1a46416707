"""Reads the text of a model file: its rows, each with its place, and what the keys beside them say."""

from __future__ import annotations

from fractions import Fraction

from cnncalc.errors import Fault, Source, Span, SpecError
from cnncalc.records import NamedTuple
from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.source.reading import scan
from cnncalc.suggest import ask, nearest

SECTIONS = ("backbone", "neck", "head")
KEYS = (
    *SECTIONS,
    *("nc", "scales", "scale", "depth_multiple", "width_multiple", "max_channels", "anchors", "activation"),
    *("ch", "channels", "kpt_shape", "reg_max", "end2end", "names", "task", "text_model", "yaml_file"),
)
MOST_ROWS = 2000
MOST_REPEATS = 5000  # of all rows together
MOST_SCALES = 50
LARGEST = 1_000_000
LIKE = "write [-1, 1, Conv, [64, 3, 2]]: from, repeats, module, arguments"
INPUT = -1  # the row from which row 0 reads


class Row(NamedTuple):
    """One row; `sources` are those of earlier rows, or `INPUT`."""

    number: int
    sources: tuple[int, ...]
    repeats: int
    module: Scalar
    args: tuple[Node, ...]
    span: Span  # of its `from`, where its arguments end if they are empty

    @property
    def name(self) -> str:
        """The name of its module, without the library."""
        return self.module.text.removeprefix("torch.")


class Scale(NamedTuple):
    """Factors of depth and width, and the most channels; None where they are not given."""

    depth: Fraction | int
    width: Fraction | int
    most: int | None
    span: Span


class Model(NamedTuple):
    """A file as it is written."""

    source: Source
    keys: dict[str, tuple[Scalar, Node]]
    rows: tuple[Row, ...]
    scales: dict[str, Scale]  # by their letters
    start: Span

    def whole(self, key: str, default: int) -> int:
        """The value of a key that is a whole number; its default, where it is not there.

        Raises:
            SpecError: it is something else.
        """
        node = self.keys[key][1] if key in self.keys else None
        if node is None or (isinstance(node, Scalar) and node.text in ("", "None", "null", "~")):
            return default
        number = node.value if isinstance(node, Scalar) else None
        if type(number) is int and 1 <= number <= LARGEST:
            return number
        hint = f"for example {key}: {default}"
        raise SpecError([Fault(f"{key}: expected a whole number from 1 to {LARGEST:,}", node.span, hint)])

    def flag(self, key: str) -> bool:
        """Whether a key is there and true."""
        node = self.keys[key][1] if key in self.keys else None
        return isinstance(node, Scalar) and node.text.lower() == "true"

    @property
    def anchored(self) -> bool:
        """Whether boxes are relative to anchors: a file of YOLOv5's or YOLOv7's own code."""
        return "anchors" in self.keys

    @property
    def anchors(self) -> int:
        """The number of anchors at every position."""
        node = self.keys["anchors"][1] if "anchors" in self.keys else None
        if isinstance(node, Sequence) and node.items and isinstance(node.items[0], Sequence):
            return max(1, len(node.items[0].items) // 2)
        return node.value if isinstance(node, Scalar) and type(node.value) is int and 0 < node.value < 1000 else 3


def read_model(source: Source) -> Model:
    """The model that a text writes.

    Raises:
        SpecError: the text has faults; all that can be told apart are listed.
    """
    root, faults = scan(source)
    if not isinstance(root, Mapping):
        raise SpecError(faults or [Fault("this is not a model: expected a mapping at the top", Span(source, 1, 1))])
    nodes = [(key, section) for name in SECTIONS if (entry := root.entries.get(name)) for key, section in [entry]]
    rows: list[Row] = []
    for key, section in nodes:
        if not isinstance(section, Sequence):
            faults.append(Fault(f"{key.text}: expected a list of rows", key.span, LIKE))
            continue
        for node in section.items[: MOST_ROWS + 1]:
            rows.append(_row(node, len(rows), faults))
    if len(rows) > MOST_ROWS:
        faults.append(Fault(f"more than {MOST_ROWS:,} rows", rows[-1].span))
    if sum(row.repeats for row in rows) > MOST_REPEATS:
        largest = max(rows, key=lambda row: row.repeats)
        faults.append(Fault(f"the rows repeat their modules more than {MOST_REPEATS:,} times", largest.span))
    if not rows and not faults:
        faults.append(Fault("the model has no rows", root.span._replace(width=1), LIKE))
    scales = _scales(root, faults)
    if faults:
        raise SpecError(faults)
    return Model(source, root.entries, tuple(rows), scales, root.span._replace(width=1))


def misspelt_keys(model: Model) -> list[Fault]:
    """The keys that nothing reads and that are nearly ones that are read: `depth_multiplier`."""
    faults = []
    for name, (key, _) in model.keys.items():
        meant = None if name in KEYS else nearest(name, KEYS, 0.8)
        if meant and meant not in model.keys:
            faults.append(Fault(f"unknown key '{name}', which nothing reads", key.span, ask(meant)))
    return faults


def _row(node: Node, index: int, faults: list[Fault]) -> Row:
    if not isinstance(node, Sequence) or len(node.items) not in (3, 4):
        count = f", got {len(node.items)}" if isinstance(node, Sequence) else ""
        faults.append(Fault(f"row {index}: expected four entries{count}", node.span, LIKE))
        return Row(index, (), 1, Scalar("", node.span, False, ""), (), node.span)
    source, repeats, module, args = (*node.items, Sequence([], node.span, True))[:4]
    sources = _sources(source, index, faults)
    times = repeats.value if isinstance(repeats, Scalar) else None
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        faults.append(Fault(f"row {index}: repeats: expected a whole number of at least 1", repeats.span, LIKE))
        times = 1
    if not isinstance(module, Scalar) or not isinstance(module.value, str) or not module.text:
        faults.append(Fault(f"row {index}: expected the name of a module", module.span, LIKE))
        module = Scalar("", module.span, False, "")
    if not isinstance(args, Sequence):
        faults.append(
            Fault(f"row {index}: expected a list of arguments", args.span, "put them in brackets: [64, 3, 2]")
        )
        args = Sequence([], args.span, True)
    return Row(index, sources, times, module, tuple(args.items), node.span)


def _sources(node: Node, index: int, faults: list[Fault]) -> tuple[int, ...]:
    sources = []
    for entry in node.items if isinstance(node, Sequence) else [node]:
        number = entry.value if isinstance(entry, Scalar) else None
        if not isinstance(number, int) or isinstance(number, bool):
            faults.append(Fault(f"row {index}: from: expected the number of a row, or -1", entry.span, LIKE))
        elif number >= index or index + number < -1 or (number < -1 and index + number < 0):
            faults.append(_no_row(number, index, entry.span))
        else:
            sources.append(number if number >= 0 else index + number)
    if not sources and not faults:
        faults.append(Fault(f"row {index}: from names no row", node.span, LIKE))
    return tuple(sources)


def _no_row(number: int, index: int, span: Span) -> Fault:
    if number >= index:
        what = "itself" if number == index else f"row {number}, which comes later"
        return Fault(
            f"row {index}: reads {what}", span, f"only rows 0 to {index - 1} are before it" if index else "write -1"
        )
    return Fault(f"row {index}: from: there is no row {number} before it", span, f"rows before it: {index}")


def _scales(root: Mapping, faults: list[Fault]) -> dict[str, Scale]:
    node = root.get("scales")
    if isinstance(node, Mapping) and len(node.entries) > MOST_SCALES:
        faults.append(Fault(f"more than {MOST_SCALES} scales", node.span._replace(width=1)))
    elif isinstance(node, Mapping):
        scales = {letter: _scale(letter, key, entry, faults) for letter, (key, entry) in node.entries.items()}
        return {letter: scale for letter, scale in scales.items() if scale}
    elif node is not None and not (isinstance(node, Scalar) and node.text in ("", "None", "null", "~")):
        faults.append(Fault("scales: expected a mapping", node.span, "for example {n: [0.33, 0.25, 1024]}"))
    return {}


def _scale(letter: str, key: Scalar, node: Node, faults: list[Fault]) -> Scale | None:
    entries = node.items if isinstance(node, Sequence) else []
    numbers = [factor_of(entry) for entry in entries]
    if len(numbers) not in (2, 3) or None in numbers:
        hint = f"write {letter}: [0.33, 0.25, 1024]: depth, width, the most channels"
        faults.append(Fault(f"scale {letter}: expected three numbers above 0", node.span, hint))
        return None
    depth, width, *most = numbers
    assert depth is not None
    assert width is not None
    limit = most[0] if most else None
    return Scale(depth, width, None if limit is None else int(limit), key.span)


def factor_of(node: Node) -> Fraction | int | None:
    """A number above 0 and of a size that a network may have, else None."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        return None
    return value if 0 < value <= LARGEST else None
