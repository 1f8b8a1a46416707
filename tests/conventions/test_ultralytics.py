"""The GFLOPs of Ultralytics' comments beside thop's MACs; public files are in tests/importers/test_ultralytics.py."""

import cnncalc
from cnncalc.conventions import convention

SPEC = """
input: 8x16x16
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
  - batchnorm
  - upsample: 2
  - conv_transpose: {out_channels: 4, kernel_size: 2, stride: 2}
  - flatten: {start_dim: 2}
  - attention: 2
    from: [flatten1, flatten1, flatten1]
"""


def counts(name):
    return convention(name).tally(cnncalc.parse(SPEC).graph()).counts


def test_two_for_each_of_thops_macs():
    thop, printed = counts("thop"), counts("ultralytics")
    assert printed == {name: None if count is None else 2 * count for name, count in thop.items()}
    assert printed["upsample1"] == 2 * 8 * 32 * 32


def test_the_fork_without_products():
    fork, printed = counts("ultralytics-thop"), counts("ultralytics@8.4")
    assert fork["attention1"] > 0 == printed["attention1"]
    assert printed["conv_transpose1"] == 2 * fork["conv_transpose1"] == 2 * 8 * 4 * 4 * 32 * 32
    assert printed["upsample1"] == 0
