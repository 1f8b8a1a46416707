"""Single layers and small graphs as every tool counts them (tests/data/peers_ops.csv), to the unit."""

import csv
from pathlib import Path

import pytest

import cnncalc
from cnncalc.conventions import convention

from .columns import ONE_SAMPLE
from .columns import OPS as COLUMNS
from .ops import NO_LAYER, OPS, spec

with (Path(__file__).parents[1] / "data" / "peers_ops.csv").open() as file:
    ROWS = {next(iter(row.values())): row for row in csv.DictReader(file)}

PER_CALL = "a part of the count is per call, or per channel: two samples in one call do not double it"
PARENTS = (
    "the tool counts a module again for every block through which it is reached; a spec's block is not the model's"
)
WRAPPER = "the row's model has no module that the tool knows, and is partial for itself; in a network nothing is"
TUPLE = "the row's kernel is written (2, 2); a spec does not tell it from 2"
DEEPSPEED = ("deepspeed@edaa72212", "deepspeed-macs@edaa72212")
TORCHSCAN = ("torchscan", "torchscan-macs")
OPERATORS = ("mean_hw", "matmul", "torch.flatten", "op_add", "torch.add", "op_mul", "torch.mul", "cat")
FUNCTIONS = ("F.relu", "F.interpolate_nearest2", "F.max_pool2d", "F.adaptive_avg_pool2d")
TRANSPOSED = ("convT4x4_s2_bias", "convT4x4_s2_nobias", "convT3x3_s1_g2_nobias")
DIFFERENT = {
    **{(name, tool): WRAPPER for name in (*OPERATORS, *FUNCTIONS) for tool in TORCHSCAN},
    **{(name, tool): PER_CALL for name in TRANSPOSED for tool in TORCHSCAN},
    **{(name, "torchscan"): PER_CALL for name in ("bn2d", "bn2d_noaffine", "bn1d")},
    ("up_bilinear_size", "deepspeed@edaa72212"): PER_CALL,
    **{("avgpool_tuple2", tool): TUPLE for tool in TORCHSCAN},
    **{
        ("shared_across_parents", tool): PARENTS
        for tool in ("calflops", "calflops-macs", *DEEPSPEED, "ptflops", "ptflops-nofunc", "thop")
    },
    **{("shared_relu_3x", tool): PARENTS for tool in ("calflops", DEEPSPEED[0], "ptflops", "ptflops-nofunc")},
}
CELLS = [
    (name, tool)
    for name in OPS
    for tool, column in COLUMNS.items()
    if ROWS[name][column] not in ("", "error")  # not run; the tool itself fails
]


def counted(name, tool):
    tally = convention(tool).tally(cnncalc.parse(spec(name)).graph())
    return ("partial:" if tally.at_least else "") + str(tally.total * (1 if tool in ONE_SAMPLE else 2))


def test_every_row_is_taken():
    assert {*OPS, *NO_LAYER} == ROWS.keys()


@pytest.mark.parametrize(("name", "tool"), CELLS)
def test_count_is_the_tools(name, tool):
    same = counted(name, tool) == ROWS[name][COLUMNS[tool]]
    assert same != ((name, tool) in DIFFERENT), DIFFERENT.get((name, tool), "to the unit")


def test_what_differs_is_in_the_file():
    assert DIFFERENT.keys() <= set(CELLS)
