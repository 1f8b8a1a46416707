"""Every rule with symbols in place of sizes: closed forms and conditions, at the numbers that they stand for."""

import pytest

from cnncalc.errors import LayerError
from cnncalc.layers import LAYERS
from cnncalc.layers.existing_rows import read
from cnncalc.layers.reading import PAST, UNKNOWN, WHOLE, Axis, Listed, Split
from cnncalc.symbolic import Relation, Undecidable, evaluate_size, symbol

from ..examples import examples
from .configurations import CONFIGURATIONS, Draw
from .test_pytorch import ours

COUNT = examples(60)
# A 1 is repeated there, a symbol that may be 1 is not.
BROADCASTING = ("add", "subtract", "multiply", "divide", "matmul", "constant")

REARRANGED = ("reshape",)  # which axes stay can depend on symbols


class Conditions:
    """Collects what depends on symbols; raises what is false for all of them."""

    def __init__(self):
        self.relations = []

    def __call__(self, holds, why):
        if isinstance(holds, Relation):
            assert why().message
            self.relations.append(holds)
        elif not holds:
            raise why()


def symbolic(shape, draw, kind):
    """A shape with symbols in some places, and their values."""
    values = {}
    sizes = []
    for name, size in zip("CHWD", shape, strict=False):
        replaced = draw.random() < 0.6 and not (size == 1 and kind in BROADCASTING)
        sizes.append(symbol(name) if replaced else size)
        values |= {name: size} if replaced else {}
    return tuple(sizes), values


def at(shapes, values):
    return [(name, tuple(evaluate_size(size, values) for size in shape)) for name, shape in shapes.items()]


def closed_form(config, draw):
    """What `ours` gives for numbers, by way of symbols; None for a refusal, whichever of two faults is met first."""
    first, values = symbolic(config.shapes[0], draw, config.kind)
    shapes, require = (first, *config.shapes[1:]), Conditions()
    try:
        layer = LAYERS[config.kind].make(config.arguments, config.rank)
        output = layer.output(shapes, require)
    except LayerError:
        return None
    if not all(relation.evaluate(values) for relation in require.relations):
        return None
    weights, buffers = layer.weights(shapes, output), layer.buffers(shapes, output)
    return at({"": output}, values)[0][1], at(weights, values), at(buffers, values)


@pytest.mark.parametrize("kind", CONFIGURATIONS)
def test_symbols_say_what_numbers_say(kind):
    for index in range(COUNT):
        draw = Draw(f"symbols {kind} {index}")
        config = CONFIGURATIONS[kind](draw)
        numbers = ours(config)
        assert closed_form(config, draw) == (None if isinstance(numbers, str) else numbers), config


def rows_read(routes, shapes, output, values):
    """Route by route and axis by axis, the rows that every output row reads, with numbers for the symbols."""
    for source, axes in routes:
        for axis, size in zip(axes, shapes[source], strict=True):
            if axis.reading is None or axis.reading == PAST:
                yield axis
                continue
            if isinstance(axis.reading, Split):
                sizes = [evaluate_size(each, values) for each in axis.reading.sizes]
                whole = max(sizes) == size  # all others are 1: an axis that stays
                while sizes[-1] == 1 and len(sizes) > 1:  # of which nothing is read
                    sizes.pop()
                yield (axis.along, sizes) if not whole else WHOLE if size == 1 else [[row] for row in range(size)]
                continue
            if isinstance(axis.reading, Listed):
                axis = axis._replace(reading=Listed(tuple(evaluate_size(each, values) for each in axis.reading.listed)))
            numbers = (each if isinstance(each, str | tuple) else evaluate_size(each, values) for each in axis.reading)
            resolved = Axis(type(axis.reading)(*numbers), axis.along)
            rows = [list(read(resolved, row, size)) for row in range(output[axis.along])]
            yield WHOLE if size == 1 and all(rows) else rows


@pytest.mark.parametrize("kind", CONFIGURATIONS)
def test_readings_with_symbols_read_the_same_rows(kind):
    compared = 0
    for index in range(COUNT):
        draw = Draw(f"readings {kind} {index}")
        config = CONFIGURATIONS[kind](draw)
        first, values = symbolic(config.shapes[0], draw, config.kind)
        try:
            layer = LAYERS[config.kind].make(config.arguments, config.rank)
            output = layer.output(config.shapes, Conditions())
            symbolically = layer.reading((first, *config.shapes[1:]))
            expected = list(rows_read(layer.reading(config.shapes), config.shapes, output, {}))
        except (LayerError, Undecidable):
            continue
        found = list(rows_read(symbolically, config.shapes, output, values))
        if kind not in REARRANGED or (UNKNOWN not in (*found, *expected) and 1 not in values.values()):
            assert found == expected, config
            compared += 1
    assert compared, "nothing was compared"


def test_alexnet_in_closed_form():
    require, height = Conditions(), symbol("H")
    conv = LAYERS["conv"].make({"out_channels": 96, "kernel_size": 11, "stride": 4}, 2)
    pool = LAYERS["maxpool"].make({"kernel_size": 3, "stride": 2}, 2)
    out = pool.output([conv.output([(3, height, height)], require)], require)
    assert str(out[1]) == "(H + 5)//8 - 2"
    assert [str(relation) for relation in require.relations[:1]] == ["H - 11 >= 0"]


def test_fields_may_be_symbols():
    kernel, height, require = symbol("K"), symbol("H"), Conditions()
    layer = LAYERS["conv"].make({"out_channels": symbol("C"), "kernel_size": kernel - 2, "groups": 1}, 2)
    layer.require_bounds(require)
    assert str(require.relations[0]) == "K - 2 >= 1"
    output = layer.output([(3, height, height)], require)
    assert output == (symbol("C"), height - kernel + 3, height - kernel + 3)
    assert layer.weights([(3, height, height)], output)["weight"] == (symbol("C"), 3, kernel - 2, kernel - 2)


def test_depthwise_on_symbolic_channels():
    channels, require = symbol("C"), Conditions()
    layer = LAYERS["conv"].make({"out_channels": channels, "kernel_size": 3, "groups": channels}, 2)
    output = layer.output([(channels, 9, 9)], require)
    assert require.relations == []
    assert layer.weights([(channels, 9, 9)], output)["weight"] == (channels, 1, 3, 3)


def test_a_merge_that_holds_for_some_inputs_is_a_condition():
    height, require = symbol("H"), Conditions()
    shape = (8, 8 * (height // 8), 8)
    assert LAYERS["add"].make({}, 2).output([shape, (8, height, 8)], require) == shape
    assert [str(relation) for relation in require.relations] == ["H == 8*(H//8)"]
