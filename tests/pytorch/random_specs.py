"""Random specs as text: nested groups, joins, repeats, blocks, shared and frozen weights, heads, several inputs.

A `Sketch` writes items from the top down and keeps the shape that flows, so that most of what it writes is valid; the
descriptors say which arguments a layer takes at a shape, and `tests/layers` draws them.
"""

from fractions import Fraction
from math import prod
from typing import Any

import yaml

from cnncalc.errors import LayerError
from cnncalc.layers import LAYERS
from cnncalc.symbolic import Undecidable

from ..layers.configurations import CONFIGURATIONS, Draw

Shape = tuple[int, ...]
Item = dict[str, Any]
SEVERAL = {"add", "subtract", "multiply", "concat", "matmul"}
SINGLE = [kind for kind in CONFIGURATIONS if kind not in SEVERAL and LAYERS[kind].inputs[0] <= 1]
OFTEN = ["conv"] * 12 + ["batchnorm"] * 4 + ["relu"] * 4 + ["maxpool", "avgpool", "conv_transpose", "upsample"]
KEEPING = [
    "relu",
    "batchnorm",
    "groupnorm",
    "tanh",
    "scale",
    "rescale",
    "dropout",
    "silu",
    "prelu",
    "l2norm",
    "softmax",
    "identity",
]
LARGEST = 6000


class _Empty(yaml.SafeDumper):
    """Writes None as nothing: `- relu:`."""


_Empty.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))


class Unsuitable(Exception):  # noqa: N818 - an answer
    """A drawn layer does not go here."""


class At(Draw):
    """Draws a layer's arguments for one shape."""

    def __init__(self, seed: float, shape: Shape) -> None:
        super().__init__(seed)
        self.here = shape

    def map(self, rank: int | None = None, channels: int = 8, most: int = 13) -> Shape:
        if (len(self.here) == 1 and rank != 0) or len(self.here) > 4:
            raise Unsuitable
        return self.here

    def shape(self) -> Shape:
        return self.here


def output(kind: str, arguments: Item, *shapes: Shape) -> Shape:
    """What leaves a layer; `Unsuitable` where it refuses or grows too large."""

    def require(holds: object, why: Any) -> None:
        if not holds:
            raise why()

    try:
        shape = LAYERS[kind].make(arguments, len(shapes[0]) - 1).output(shapes, require)
    except (LayerError, Undecidable):
        raise Unsuitable from None
    if not 1 <= len(shape) <= 4 or prod(shape) > LARGEST or shape[0] > 64:
        raise Unsuitable
    return shape


class Sketch(Draw):
    """One random spec."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.named: list[tuple[str, Shape]] = []  # what may be referred to from here
        self.weighted: list[tuple[str, str, Shape, Shape]] = []  # whose weights may be shared: name, kind, in, out
        self.count = 0
        self.unit = self.flag()  # whether there is a block

    def text(self) -> str:
        """The spec."""
        first = self.map(channels=6, most=9)
        inputs = {"x": first}
        for name in ("y", "z")[: self.choice([0, 0, 0, 1, 2])]:
            inputs[name] = first if self.flag() else self.map(len(first) - 1, channels=6, most=9)
        spec: Item = {"name": "random", "params": {"width": self.randint(1, 6), "deep": self.randint(1, 3)}}
        self.params = dict(spec["params"])
        if len(inputs) == 1 and self.flag():
            spec["input"] = "x".join(map(str, first))
        else:
            spec["input"] = {name: list(shape) for name, shape in inputs.items()}
        self.named += [(name, shape) for name, shape in inputs.items() if isinstance(spec["input"], dict)]
        if self.unit:
            spec["blocks"] = {"unit(channels, size=1, step=1)": UNIT}
        layers, _ = self.items(first, 0, self.randint(2, 9))
        if len(inputs) > 1:
            layers[0] = {**layers[0], "from": "x"} if "from" not in layers[0] else layers[0]
        spec["layers"] = layers
        if self.random() < 0.3 and self.named:
            spec["heads"] = dict(self.head(number) for number in range(self.randint(1, 2)))
        inner = [name for name, _ in self.named if name not in inputs]
        if self.random() < 0.2 and inner:
            chosen = self.sample(inner, min(len(inner), self.randint(1, 3)))
            spec["outputs"] = {f"out{i}": name for i, name in enumerate(chosen)} if self.flag() else chosen
        text = yaml.dump(spec, Dumper=_Empty, sort_keys=False, default_flow_style=self.choice([None, False]), width=100)
        return text.replace("!!null ''", "")

    def head(self, number: int) -> tuple[str, Item]:
        """A side list from something named."""
        name, shape = self.choice(self.named)
        named, self.named = self.named, []
        layers, _ = self.items(shape, 2, self.randint(1, 3))
        self.named = named
        return f"head{number}", {"from": name, **self.some(training=self.flag()), "layers": layers}

    def items(self, shape: Shape, depth: int, count: int) -> tuple[list[Item], Shape]:
        """A list of items, the first of which some shape enters; and the shape that leaves the last."""
        found: list[Item] = []
        ways = [self.layer] * 6 + [self.join, self.shared, self.reused]
        ways += [self.sequence, self.residual, self.branches, self.repeated, self.globbed] if depth < 3 else []
        while len(found) < count:
            try:
                items, shape = self.choice(ways)(shape, depth)
            except Unsuitable:
                continue
            found += items
        return found, shape

    def fresh(self, stem: str = "n") -> str:
        """A name not given yet."""
        self.count += 1
        return f"{stem}{self.count}"

    # --- one layer ---------------------------------------------------------------------------------------------------

    def layer(self, shape: Shape, depth: int) -> tuple[list[Item], Shape]:
        """Any layer that reads one tensor."""
        kind = self.choice(OFTEN if self.random() < 0.5 else SINGLE)
        config = CONFIGURATIONS[kind](At(self.random(), shape))
        arguments = {k: v for k, v in config.arguments.items() if k != "like"}
        if len(shape) == 4 and kind == "lppool" and config.arguments["norm_type"] == 0:
            raise Unsuitable
        leaving = output(kind, arguments, shape)
        item: Item = {kind: self.written(kind, arguments, shape)}
        if self.random() < 0.1:
            item["frozen"] = self.choice([True, False, "width > 2"])
        if self.random() < 0.4:
            item["name"] = self.fresh()
            if kind in ("conv", "linear", "batchnorm", "scale", "prelu", "capsule", "rbf", "groupnorm"):
                self.weighted.append((item["name"], kind, shape, leaving))
            self.named.append((item["name"], leaving))
        if self.random() < 0.1 and kind != "softmax":
            item["when"] = self.choice(["deep >= 1", f"in_channels == {shape[0]}", "len(in_size) < 9"])
        return [item], leaving

    def written(self, kind: str, arguments: Item, shape: Shape) -> Any:
        """Arguments as a spec may write them: numbers as expressions now and then, the natural one alone."""
        written = {name: self.value(value, shape) for name, value in arguments.items()}
        if not written:
            return None
        natural = LAYERS[kind].natural
        return written[natural] if [*written] == [natural] and self.flag() else written

    def value(self, value: Any, shape: Shape) -> Any:
        if isinstance(value, list):
            return [self.value(entry, shape) for entry in value]
        if isinstance(value, Fraction):
            return (
                f"{value.numerator}/{value.denominator}"
                if self.flag()
                else float(value)
                if value.denominator in (1, 2, 10)
                else str(value)
            )
        if type(value) is not int or value < 1 or self.random() < 0.6:
            return value
        ways = [f"{value} * 1", f"{value + 3} - 3", f"max({value}, 1)", f"{2 * value} // 2"]
        ways += [name for name, number in self.params.items() if number == value] * 3
        ways += ["in_channels"] * 3 if value == shape[0] else []
        ways += ["in_size[0]"] if len(shape) > 1 and value == shape[1] else []
        return self.choice(ways)

    def shared(self, shape: Shape, depth: int) -> tuple[list[Item], Shape]:
        """A layer with the weights of an earlier one."""
        fitting = [(name, kind, leaving) for name, kind, entered, leaving in self.weighted if entered == shape]
        if not fitting:
            raise Unsuitable
        name, kind, leaving = self.choice(fitting)
        return [{kind: None, "share": name}], leaving

    def reused(self, shape: Shape, depth: int) -> tuple[list[Item], Shape]:
        """The block, twice with one set of weights where its output fits its input."""
        if not self.unit or len(shape) == 1:
            raise Unsuitable
        size, name = self.choice([1, 3]), self.fresh("u")
        arguments = {"channels": self.value(shape[0], shape), "size": size}
        first = {"unit": arguments, "name": name}
        kinds = [[first], [first, {"unit": None, "share": name}], [{"unit": shape[0]}]]
        return self.choice(kinds), shape

    # --- groups ------------------------------------------------------------------------------------------------------

    def keeping(self, shape: Shape, channels: int | None = None) -> list[Item]:
        """Items that leave the shape as it is (or with other channels)."""
        items: list[Item] = []
        for _ in range(self.randint(0, 2)):
            kind = self.choice(KEEPING)
            arguments = {"num_groups": 1} if kind == "groupnorm" else {}
            output(kind, arguments, shape)
            items.append({kind: arguments or None})
        if len(shape) == 1:
            return [*items, {"linear": channels or shape[0]}]
        kernel = self.choice([1, 3, 5, 2])
        conv = {"out_channels": channels or self.value(shape[0], shape), "kernel_size": kernel, "padding": "same"}
        return [*items, {"conv": {**conv, **self.some(bias=self.flag())}}]

    def sequence(self, shape: Shape, depth: int) -> tuple[list[Item], Shape]:
        """Items under one name, or none; frozen together now and then."""
        outside, weighted = list(self.named), list(self.weighted)
        inner, leaving = self.items(shape, depth + 1, self.randint(1, 3))
        name = self.fresh("s") if self.flag() else None
        item: Item = {"sequence": inner, **({"name": name} if name else {}), **self.some(frozen=True)}
        if name:  # what is inside is called by its dotted name from outside
            added = self.named[len(outside) :]
            self.named = [*outside, *((f"{name}.{inside}", size) for inside, size in added), (name, leaving)]
            self.weighted = weighted
        return [item], leaving

    def residual(self, shape: Shape, depth: int) -> tuple[list[Item], Shape]:
        """A body and a shortcut."""
        named, weighted = list(self.named), list(self.weighted)
        channels = self.choice([None, self.randint(1, 8)])
        if channels and len(shape) > 1:
            parts = {"body": self.keeping(shape, channels), "shortcut": self.keeping(shape, channels)}
        else:
            channels, parts = None, {"body": self.keeping(shape)}
        if self.flag():
            extra, leaving = self.items(shape, depth + 1, 1)
            if leaving == shape:
                parts["body"] = extra + parts["body"]
        self.named, self.weighted = named, weighted
        name = {"name": self.fresh("r")} if self.flag() else {}
        skip = {} if channels else self.some(skip=f"in_channels == {shape[0]}")
        return [{"residual": {**parts, **skip}, **name}], (channels or shape[0], *shape[1:])

    def branches(self, shape: Shape, depth: int) -> tuple[list[Item], Shape]:
        """Several paths from one tensor."""
        merge = self.choice(["concat", "add", "multiply", "subtract"])
        widths = [
            self.randint(1, 6) if merge == "concat" else shape[0]
            for _ in range(self.randint(1 if merge == "concat" else 2, 4))
        ]
        paths = [[] if width == shape[0] and self.random() < 0.3 else self.keeping(shape, width) for width in widths]
        if merge == "multiply" and len(shape) > 1 and self.flag():
            paths[-1] = [
                {"global_avgpool": None},
                {"conv": {"out_channels": "in_channels", "kernel_size": 1}},
                {"sigmoid": None},
            ]
        if self.flag() and depth < 2:
            named, weighted = list(self.named), list(self.weighted)
            extra, leaving = self.residual(shape, depth + 1)
            paths[0] = extra + (paths[0] or []) if leaving == shape else paths[0]
            self.named, self.weighted = named, weighted
        channels = sum(widths) if merge == "concat" else shape[0]
        name = {"name": self.fresh("b")} if self.flag() else {}
        return [{"branches": {"merge": merge, "paths": paths}, **name}], (channels, *shape[1:])

    def repeated(self, shape: Shape, depth: int) -> tuple[list[Item], Shape]:
        """Items that keep the shape, several times."""
        body = self.keeping(shape)
        over = self.choice([self.randint(1, 3), "deep", {"j": 2}, {"a b": [[1, 2], [3, 4]]}])
        item = {"sequence": body, "repeat": over}
        return [{**item, **({"name": self.fresh("t")} if self.flag() else {})}], shape

    def globbed(self, shape: Shape, depth: int) -> tuple[list[Item], Shape]:
        """Numbered items, all of which are joined by a pattern."""
        stem, count = self.fresh("g"), self.randint(2, 3)
        kind = self.choice(["concat", "add"])
        each = {"sequence": self.keeping(shape), "repeat": count, "name": f"{stem}_{{i}}"}
        return [each, {kind: None, "from": f"{stem}_*"}], (shape[0] * (count if kind == "concat" else 1), *shape[1:])

    # --- joins -------------------------------------------------------------------------------------------------------

    def join(self, shape: Shape, depth: int) -> tuple[list[Item], Shape]:
        """The running tensor with an earlier one, or resized to it."""
        if not self.named:
            raise Unsuitable
        name, other = self.choice(self.named)
        if self.random() < 0.3:
            kind = self.choice(["crop", "pad", "upsample"])
            leaving = output(kind, {"like": name}, shape, other)
            return [{kind: {"like": name}}], leaving
        if (
            self.random() < 0.2
            and len(shape) == len(other) > 1
            and all(n >= m for m, n in zip(shape[1:], other[1:], strict=True))
        ):
            return [{"concat": {"with": name, "crop": "center"}}], (shape[0] + other[0], *shape[1:])
        kind = self.choice(["concat", "add", "subtract", "multiply", "matmul"])
        if self.flag() and kind != "matmul":
            leaving = output(kind, {}, shape, other)
            return [{kind: name if self.flag() else [name]}], leaving
        second = self.choice(self.named)
        leaving = output(kind, {}, other, second[1])
        return [{kind: None, "from": [name, second[0]]}], leaving


UNIT = [
    {"conv": {"out_channels": "channels", "kernel_size": "size", "stride": "step", "padding": "same", "bias": False}},
    "batchnorm",
    "relu",
]
