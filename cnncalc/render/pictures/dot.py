"""Writes a drawing for Graphviz: `dot -Tpdf net.dot`."""

from __future__ import annotations

from cnncalc.render.pictures.drawing import Box, Drawing, changed_shape

_STYLES = {
    "input": "shape=box style=rounded",
    "layer": "shape=box",
    "block": "shape=box peripheries=2",
    "join": "shape=box style=rounded",
}


def dot_text(drawing: Drawing) -> str:
    """Return the drawing in the DOT language."""
    lines = [
        f"digraph {_quoted(drawing.name or 'network')} {{",
        '  graph [rankdir=TB nodesep=0.25 ranksep=0.3 fontname="Helvetica"];',
        '  node [fontname="Helvetica" fontsize=10 height=0.3 margin="0.12,0.05"];',
        '  edge [fontname="Helvetica" fontsize=9 arrowsize=0.6];',
    ]
    lines += [f"  n{place} [label={_label(box)} {_STYLES[box.kind]}];" for place, box in enumerate(drawing.boxes)]
    for edge in drawing.edges:
        shape = changed_shape(edge, drawing)
        label = f" [label={_quoted(f' {shape}')}]" if shape else ""
        lines.append(f"  n{edge.source} -> n{edge.target}{label};")
    for number, (place, shape) in enumerate(drawing.outputs):
        lines.append(f"  out{number} [label={_quoted(shape)} shape=plaintext];")
        lines.append(f"  n{place} -> out{number};")
    return "\n".join([*lines, "}"]) + "\n"


def _label(box: Box) -> str:
    text = box.title if not box.words else f"{box.title}\n{box.words}"
    return _quoted(text.replace("&", "&amp;"))  # Graphviz reads &lt; in a label as <


def _quoted(text: str) -> str:
    """A text as a string of DOT; a line break stays one."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
