"""The whole network: inputs, outputs, heads, and what an expansion may cost."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from textwrap import dedent

import pytest

import cnncalc
from cnncalc.errors import SpecError, UsageError

from ..effort import seconds

HEADS = """
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 1}
    name: body
  - flatten
  - linear: 10
heads:
  aux: {from: body, training: true, layers: [flatten, linear: 5]}
  side: {from: body, layers: [global_avgpool, flatten, linear: 2]}
"""


def parse(text: str) -> cnncalc.Spec:
    return cnncalc.parse(dedent(text), "net.yaml")


def test_training_heads_have_parameters_and_no_output():
    report = parse(HEADS).analyze()
    assert report.outputs == {"output": (10,), "side": (2,)}
    assert report.training_heads.params == 256 * 5 + 5
    assert report.params == 3 * 4 + 4 + 256 * 10 + 10 + 4 * 2 + 2
    assert [layer.name for layer in report.layers][-5:] == [
        "aux.flatten1",
        "aux.linear1",
        "side.global_avgpool1",
        "side.flatten1",
        "side.linear1",
    ]


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ("body", {"body": (4, 8, 8)}),
        ("[body, linear1]", {"body": (4, 8, 8), "linear1": (10,)}),
        ("{map: body, side: side}", {"map": (4, 8, 8), "side": (2,)}),
        ("side.flatten1", {"side.flatten1": (4,)}),
        ('"*1"', {"flatten1": (256,), "linear1": (10,)}),
    ],
)
def test_outputs(outputs, expected):
    assert parse(f"{HEADS}outputs: {outputs}").analyze().outputs == expected


TWO = """
input: {left: 3x8x8, right: [1, 8, 8]}
layers:
  - conv: {out_channels: 4, kernel_size: 1}
    from: left
    name: a
  - conv: {out_channels: 4, kernel_size: 1}
    from: right
  - add: a
"""


def test_several_inputs():
    report = parse(TWO).analyze()
    assert report.inputs == {"left": (3, 8, 8), "right": (1, 8, 8)}
    assert report.outputs == {"output": (4, 8, 8)}


def test_inputs_in_place_of_the_specs():
    report = parse(TWO).analyze(input={"left": (3, 9, 9), "right": (2, 9, 9)})
    assert report.inputs == {"left": (3, 9, 9), "right": (2, 9, 9)}
    with pytest.raises(UsageError, match="net has no input 'lft': did you mean 'left'"):
        parse(TWO).analyze(input={"lft": (3, 9, 9)})


@pytest.mark.parametrize("size", [0, -1, 2.5, "h", "", True, None, 2**70])
def test_inputs_that_are_no_sizes(size):
    with pytest.raises(UsageError, match="input"):
        parse(HEADS).analyze(input=(3, size, 8))


def test_symbols_flow_through():
    report = parse(
        """
        input: [3, H, W]
        layers:
          - conv: {out_channels: 2 * in_channels, kernel_size: 3, stride: 2, padding: 1}
            when: in_channels == 3
          - maxpool: 2
        """
    ).analyze()
    assert [str(size) for size in report.outputs["output"]] == ["6", "(H + 1)//4", "(W + 1)//4"]


# --- limits ----------------------------------------------------------------------------------------------------------


def chain(count: int) -> str:
    return f"""
input: 3x8x8
blocks:
  unit(w): [conv: {{out_channels: w, kernel_size: 3, padding: 1}}, relu]
layers: [{{unit: 3, repeat: {count // 2}}}]
"""


def test_a_hundred_thousand_layers_and_no_more():
    assert len(parse(chain(100_000)).graph().nodes) == 100_000
    with pytest.raises(SpecError, match="more than 100,000 layers after expansion"):
        parse(chain(100_002)).graph()


def test_time_grows_with_the_layers_alone():
    def per_layer(count: int) -> float:
        return seconds(parse(chain(count)).graph, times=3) / count

    assert per_layer(20_000) < 4 * per_layer(2_000)


COSTLY = {
    "a product of repeats": "layers: [{sequence: [{sequence: [relu], repeat: {b: 9999}}], repeat: {a: 9999}}]",
    "repeats of nothing": "layers: [{sequence: [{sequence: [], repeat: {b: 99999}}], repeat: {a: 99999}}]",
    "sums of a list": (
        "params: {t: [" + "1, " * 9_999 + "1]}\n"
        "layers: [{conv: {out_channels: 'sum(t) + sum(t) + sum(t)', kernel_size: 1}, repeat: 90000}]"
    ),
    "a block that is given a list": (
        "params: {t: [" + "1, " * 9_999 + "1]}\n"
        "blocks: {'b(t)': [{relu: , when: 't == t'}]}\n"
        "layers: [{b: {t: t}, repeat: 90000}]"
    ),
    "a table of connections": (
        "params: {t: [[" + "0], [" * 9_000 + "0]]}\n"
        "layers: [{conv: {out_channels: 9001, kernel_size: 1, connections: t}, repeat: 90000}]"
    ),
    "long names": "layers: [{sequence: [{relu: , name: 'a{10**190}'}], repeat: 90000, name: 'b{10**150 + i}'}]",
    "every layer above": "layers: [{sequence: [relu, {concat: , from: '*'}], repeat: 90000}]",
    "growing channels": "layers: [{sequence: [relu, {concat: input}], repeat: 90000}]",
    "blocks in blocks": ("blocks: {'b(n)': [{b: n - 1, when: n > 0}, {b: n - 1, when: n > 0}, relu]}\nlayers: [b: 60]"),
    "an ever larger number": "layers: [{conv: {out_channels: in_channels ** 2, kernel_size: 1}, repeat: 90000}]",
}


@cache
def many_layers() -> float:
    """The seconds that as many ordinary layers take as there may nearly be."""
    return seconds(parse(chain(90_000)).graph)


@pytest.mark.parametrize("text", COSTLY.values(), ids=COSTLY)
def test_an_answer_in_time(text):
    def answered():
        with suppress(SpecError):
            parse(f"input: 3x8x8\n{text}").graph()

    assert seconds(answered, times=1) < 12 * many_layers()
