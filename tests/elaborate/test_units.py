"""A reused level equals the level that would have been walked: nodes, names, conditions, faults and their places."""

from __future__ import annotations

from textwrap import dedent

import pytest

import cnncalc
from cnncalc.elaborate import limits
from cnncalc.elaborate.nodes import Nodes
from cnncalc.elaborate.units import Units
from cnncalc.errors import SpecError
from cnncalc.graph import Graph

from ..kinds import known_kinds
from ..shipped_networks import TAKEN

LEVELS = {
    "a block": """
        blocks: {'b(w)': [{conv: {out_channels: w, kernel_size: 3, padding: 1}}, batchnorm, relu]}
        layers: [{b: 4, repeat: 4, name: stage}, {b: 4}, {b: 5}, {b: 4}, {b: 4, name: last}]
    """,
    "blocks in blocks, with names inside": """
        blocks:
          'inner(w)': [{conv: {out_channels: w, kernel_size: 1}, name: c}, {relu: , name: r}]
          'outer(w)': [{inner: w, name: x}, {inner: w, name: y}, {add: x.c}, {residual: [inner: w]}, {concat: y}]
        layers: [{outer: 4, repeat: 2, name: s}, {sequence: [{outer: 4}, {conv: {out_channels: 8, kernel_size: 1}}]}]
    """,
    "a named sequence that reads its turn": """
        layers:
          - sequence: [{conv: {out_channels: 4 + i % 2, kernel_size: 1}}, {relu: , name: "r{j}"}]
            repeat: {i: 4}
            name: a{i}
            when: in_channels > 0
        params: {j: 3}
    """,
    "names of a reused level, read from outside": """
        blocks: {b: [{relu: , name: r}, {sequence: [tanh, {abs: , name: deep}], name: s}, {sequence: [], name: same}]}
        layers:
          - {b: , repeat: 3, name: n}
          - concat: [n.1.r, n.1.s.deep]
          - {concat: , from: 'n.*.s.*'}
          - {concat: , from: [n.2.same, n.1, n.2.s]}
          - {concat: , from: '*'}
    """,
    "a level that reads a tensor outside": """
        blocks: {b: [{conv: {out_channels: 4, kernel_size: 1}, name: c}, {add: outside}], c: [relu], o: [b, c]}
        layers: [{relu: , name: outside}, b, {tanh: , name: outside2}, b, {relu: , name: q}, o, o]
    """,
    "a level that reads the nearest of two names": """
        blocks: {inner: [tanh, {add: a}], outer: [{abs: , name: a}, inner, inner]}
        layers: [{relu: , name: a}, inner, {outer: , repeat: 3}, inner]
    """,
    "a glob inside and outside": """
        blocks: {b: [{relu: , name: x1}, {tanh: , name: x2}, {concat: , from: 'x*'}], c: [{concat: , from: 'y*'}]}
        layers: [{abs: , name: y1}, {b: , repeat: 3, name: n}, c, {abs: , name: y2}, c]
    """,
    "shared weights": """
        blocks:
          'b(w)': [{conv: {out_channels: w, kernel_size: 1}, name: c}, {sequence: [prelu], name: s}, {conv: , share: c}]
        layers: [{b: 4, repeat: 3, name: n}, {b: , share: n.2}, {b: , share: n.1}, {conv: , share: n.2.c}]
    """,
    "weights of a block inside and outside": """
        blocks: {b: [prelu], 'c(x)': [{b: , name: a}, {b: , share: a}], d: [{b: , share: outside}, relu]}
        layers: [{b: , name: outside}, {c: 1}, {c: 1}, d, d, {c: 2}]
    """,
    "a crop, which says the name of a tensor": """
        blocks: {b: [{relu: , name: r}, {conv: {out_channels: 4, kernel_size: 3}}, {concat: {with: r, crop: center}}]}
        layers: [b, {conv: {out_channels: 4, kernel_size: 1}}, {pad: 1}, b, {slice: {start: 4}}, {pad: 1}, b]
    """,
    "further outputs": """
        blocks:
          b: [flatten, {reshape: [8, 32]}, {memory: 8, name: m}, {linear: 256, from: m.h_n}, {reshape: [4, 8, 8]}]
        layers: [{b: , repeat: 3, name: n}, {linear: 3, from: n.2.m.h_n}]
    """,
    "frozen levels": """
        blocks: {b: [conv: {out_channels: 4, kernel_size: 1}]}
        layers: [b, {b: , frozen: true}, b, {b: , frozen: true}]
    """,
    "training heads": """
        blocks: {b: [{conv: {out_channels: 4, kernel_size: 1}}]}
        layers: [b, {b: , name: x}, b]
        heads: {h: {from: x, training: true, layers: [b, b]}, g: {from: x, layers: [b, b]}}
    """,
    "lists and words as arguments": """
        params: {t: [1, 3], mode: reflect}
        blocks:
          b(k, mode=mode):
            - conv: {out_channels: 4, kernel_size: k, padding: same, padding_mode: mode}
            - relu:
              when: k[0] == 1
        layers: [{b: t, repeat: 3}, {b: '[1, 3]', repeat: 3}, {b: '[3, 3]'}, {b: {k: t, mode: zeros}}]
    """,
    "true is not 1": """
        blocks: {'b(x)': [{conv: {out_channels: 4, kernel_size: 1, bias: 'x == true'}}]}
        layers: [{b: 1}, {b: 'true'}, {b: 1}, {b: 'true'}]
    """,
    "sizes of the map": """
        blocks: {b: [{maxpool: 2, when: 'in_size[0] > 2'}, {adaptive_avgpool: 'in_size'}]}
        layers: [{b: , repeat: 4}]
    """,
    "a parameter names the block": """
        params: {unit: a}
        blocks: {a: [relu], b: [tanh], 'c(u)': [{$u: }, {$u: }]}
        layers: [{$unit: }, {$unit: }, {c: b}, {c: a}, {c: b}, {c: relu}, {c: relu}]
    """,
    "several tensors enter": """
        blocks: {b: [concat, {conv: {out_channels: 4, kernel_size: 1}}]}
        layers: [{relu: , name: x}, {tanh: , name: y}, {b: , from: [x, y]}, {b: , from: [y, x]}]
    """,
    "a block that reads its own input again": """
        blocks: {'b(tensor x=in)': [{conv: {out_channels: 4, kernel_size: 1}}, relu, {add: x}]}
        layers: [{b: , repeat: 3}, {b: {x: b1}}, b, {b: , repeat: 2, name: s}, {add: s.0}]
    """,
    "recursion": """
        blocks: {'b(n)': [{b: n - 1, when: n > 0}, {b: n - 1, when: n > 0}, relu]}
        layers: [b: 6]
    """,
    "conditions": """
        input: [4, H, W]
        blocks: {b: [{conv: {out_channels: 4, kernel_size: 3}}, {maxpool: 2}]}
        layers: [{b: , repeat: 2}, {b: , from: input}, {b: , from: input}]
    """,
    "a symbol as an argument": """
        input: [4, 9, 9]
        params: {w: 3}
        blocks: {'b(w)': [{conv: {out_channels: w - 2, kernel_size: 1}}]}
        layers: [{b: w, repeat: 3}]
    """,
}
LEVELS = {name: dedent(text if "input: [" in text else f"        input: 4x8x8{text}") for name, text in LEVELS.items()}
FAULTS = {
    "too many layers": "blocks: {b: [relu, tanh, abs]}\nlayers: [{b: , repeat: 334}]",
    "too many items": """
        blocks: {b: [{sequence: [{relu: , when: false}, {relu: , when: false}]}]}
        layers: [{b: , repeat: 999}]
    """,
    "too many letters": """
        blocks: {b: [{relu: , name: 'a{10**150}'}]}
        layers: [{sequence: [{b: , repeat: 900, name: x}], name: 'c{10**180}'}]
    """,
    "too many letters in longer and longer names": """
        blocks: {b: [{relu: , name: 'a{10**150}'}]}
        layers: [{b: , repeat: 170, name: 'x{10**i}'}, {b: , repeat: 170, name: 'y{10**i}'}, {b: , repeat: 90}]
    """,
    "too many connections": """
        blocks: {b: [{concat: , from: 'x*'}], c: [{relu: , name: 'x{i}', repeat: 30}, {b: , repeat: 9}]}
        layers: [{c: , repeat: 90}]
    """,
    "too much nesting": """
        blocks: {'b(n)': [{b: n - 1, when: n > 0}, relu], 'c(n)': [{c: n - 1, when: n > 0}, {b: 33, when: n == 0}]}
        layers: [{b: 33}, {c: 40}]
    """,
    "too long a list": f"""
        params: {{t: {[1] * 99}}}
        blocks: {{'b(t)': [{{relu: , when: 't == t'}}]}}
        layers: [{{b: {{t: t}}, repeat: 900}}]
    """,
    "a level that no longer fits": "blocks: {b: [{maxpool: 2}, relu]}\nlayers: [{b: , repeat: 5}]",
    "an unknown name": "blocks: {b: [{relu: , name: r}]}\nlayers: [{b: , repeat: 3, name: n}, {add: n.2.s}]",
    "a level's own name": "blocks: {b: [{relu: , name: r}]}\nlayers: [{b: , repeat: 3, name: n}, {add: n.1}, {add: r}]",
}


def walked(spec: cnncalc.Spec, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """The graph with every level walked."""
    with monkeypatch.context() as patch:
        patch.setattr(Units, "reuse", lambda *_: None)
        return spec.graph()


@pytest.mark.parametrize("text", LEVELS.values(), ids=LEVELS)
def test_levels_that_are_reused(text, monkeypatch):
    with known_kinds():
        spec = cnncalc.parse(text)
        graph, expected = spec.graph(), walked(spec, monkeypatch)
        assert graph == expected
        assert list(graph.instances) == list(expected.instances)


@pytest.mark.parametrize("text", FAULTS.values(), ids=FAULTS)
def test_faults_have_the_same_place(text, monkeypatch):
    for limit in ("MOST_LAYERS", "MOST_ITEMS", "MOST_EDGES", "MOST_ELEMENTS", "MOST_LETTERS"):
        monkeypatch.setattr(limits, limit, getattr(limits, limit) // 100)
    spec = cnncalc.parse(f"input: 4x8x8\n{dedent(text)}")
    with pytest.raises(SpecError) as expected:
        walked(spec, monkeypatch)
    with pytest.raises(SpecError) as caught:
        spec.graph()
    assert caught.value.faults == expected.value.faults


@pytest.mark.parametrize("name", TAKEN)
def test_shipped_networks(name, monkeypatch):
    spec = cnncalc.load(name)
    assert spec.graph() == walked(spec, monkeypatch)


def test_equal_levels_are_walked_once(monkeypatch):
    walks = []
    emit = Nodes.emit
    monkeypatch.setattr(Nodes, "emit", lambda self, *given: walks.append(given[0].frame.path) or emit(self, *given))
    text = LEVELS["a block"].replace("repeat: 4", "repeat: 1000")
    assert len(cnncalc.parse(text).graph().nodes) == 3 * 1004
    assert list(dict.fromkeys(walks)) == ["stage.0", "b1002", "b1003"]
    assert len(walks) == 9
