"""Writes a drawing for Mermaid, which GitHub and many wikis draw from a code block."""

from __future__ import annotations

from cnncalc.render.pictures.drawing import Box, Drawing, changed_shape

_SHAPES = {"input": ("([", "])"), "layer": ("[", "]"), "block": ("[[", "]]"), "join": ("(", ")")}
_UNSAFE = '"#&<>`\\%$:'  # %%{ is a directive and $$ a formula in a label too; : ends its entity codes in "style x:"


def mermaid_text(drawing: Drawing) -> str:
    """Return the drawing as a flowchart; black on white, whatever the theme of the page around it."""
    lines = ["%%{init: {'theme': 'neutral'}}%%", "flowchart TD"]
    lines += [f"  n{place}{_box(box)}" for place, box in enumerate(drawing.boxes)]
    for edge in drawing.edges:
        shape = changed_shape(edge, drawing)
        label = f'|"{_escaped(shape)}"|' if shape else ""
        lines.append(f"  n{edge.source} -->{label} n{edge.target}")
    for number, (place, shape) in enumerate(drawing.outputs):
        lines.append(f'  n{place} --> out{number}(["{_escaped(shape)}"])')
    lines.append("  classDef default fill:#fff,stroke:#000,color:#000")
    return "\n".join(lines) + "\n"


def _box(box: Box) -> str:
    before, after = _SHAPES[box.kind]
    words = f"<br>{_escaped(box.words)}" if box.words else ""
    return f'{before}"{_escaped(box.title)}{words}"{after}'


def _escaped(text: str) -> str:
    """A text as Mermaid's label: characters that could end it or be markup become entity codes."""
    return "".join(f"#{ord(letter)};" if letter in _UNSAFE else letter for letter in text)
