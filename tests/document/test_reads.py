"""Every name that a part of a document reads is listed, wherever an expression may be."""

import cnncalc
from cnncalc.document.reads import names_read

SPEC = """
input: 3x8x8
params: {a: 1, b: 1, c: 1, d: true, e: 0, f: 1, g: 1, h: true, k: 1, m: 1, n: relu, o: true, p: 1}
layers:
  - sequence:
      - conv: {out_channels: a, kernel_size: [b, c]}
        when: d
        name: x{e}
      - residual:
          skip: h
          body:
            - $n:
            - upsample: {like: "x{e + f - 1}"}
              from: "x{e * g}"
      - branches:
          merge: concat
          dim: k
          paths:
            - [{relu: , repeat: {i: "m"}}]
            - [{relu: , frozen: o}, {add: "x{e * p}"}]
      - unit: {width: 1 if in_channels > 1 else a}
blocks:
  unit(width): [relu: ]
"""


def test_every_name_is_listed():
    spec = cnncalc.parse(SPEC)
    names = set(names_read(spec.document.layers))
    assert names == {*"abcdefghkmnop", "in_channels"}


def test_a_layer_says_what_decides_its_fields():
    spec = cnncalc.parse(
        "input: 3x8x8\nlayers: [{conv: {out_channels: w, kernel_size: [k, k + 1]}}, relu, {reshape: [in_size, 1]}]\n"
        "params: {w: 1, k: 2}\n"
    )
    assert all(item.body.reads in (None, names_read(item.body)) for item in spec.document.layers)
    assert [item.body.reads for item in spec.document.layers] == [("k", "w"), (), None]
