import random
from fractions import Fraction

import pytest

from ...examples import examples
from ..marked import findings

RULE = "misaligned-paths"


def test_random_paths_are_apart_by_what_their_paddings_add_up_to():
    """The middle of a chain's field moves by j·((F − 1)/2 − P_low) in every layer."""
    rng = random.Random(5)
    reported = 0
    for _ in range(examples(80)):
        paths = [_path(rng), _path(rng)]
        text = f"input: 2x64x64\nlayers: [{{branches: {{merge: add, paths: [{paths[0][0]}, {paths[1][0]}]}}}}]\n"
        apart = abs(paths[0][1] - paths[1][1])
        found = findings(RULE, text)
        assert bool(found) == (2 * apart > 2), text
        if found:
            reported += 1
            said = str(apart) if apart.denominator == 1 else str(float(apart))
            assert found[0].message == f"it joins maps whose centres are {said} input pixels apart, at a step of 2"
    assert examples(10) < reported < examples(70)


def _path(rng):
    """Three convolutions, one of stride 2, that else keep the size: their text, and where their middle is."""
    centre, jump, items = Fraction(0), 1, []
    strided = rng.randrange(3)
    for index in range(3):
        kernel = rng.choice((1, 3, 5))
        low = rng.randint(0, kernel - 1)
        stride = 2 if index == strided else 1
        pad = f"[[{low}, {kernel - 1 - low}], [{low}, {kernel - 1 - low}]]"
        items.append(f"{{conv: {{out_channels: 2, kernel_size: {kernel}, stride: {stride}, padding: {pad}}}}}")
        centre += jump * (Fraction(kernel - 1, 2) - low)
        jump *= stride
    return f"[{', '.join(items)}]", centre


def test_beside_a_bridge_nothing_is_asked_of_the_fields(monkeypatch):
    """Fields take time: where every path keeps its places, they are not worked out."""
    from cnncalc.analysis.report import Report

    monkeypatch.setattr(Report, "receptive_fields", property(lambda self: pytest.fail("asked")))
    text = """input: 3x33x33
layers:
  - conv: {out_channels: 8, kernel_size: 4}
  - maxpool: 2
  - residual:
      - conv: {out_channels: 8, kernel_size: 3, padding: 1}
      - batchnorm
      - relu
  - avgpool: 2
"""
    assert not findings(RULE, text)
