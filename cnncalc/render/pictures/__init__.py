"""Draws a network for papers and READMEs: `drawing` folds it into boxes, and one module per format writes them."""

from __future__ import annotations

from cnncalc.analysis.report import Report


def picture_text(report: Report, form: str, depth: int | None = None) -> str:
    """Return the picture of a network as `svg`, `dot` or `mermaid`.

    Args:
        report: of the network.
        form: the format.
        depth: folds the blocks below that many levels; by default, as many levels as a column has room for.
    """
    from cnncalc.render.pictures.drawing import drawing_of

    drawing = drawing_of(report, depth)
    if form == "svg":
        from cnncalc.render.pictures.svg import svg_text

        return svg_text(drawing)
    if form == "dot":
        from cnncalc.render.pictures.dot import dot_text

        return dot_text(drawing)
    from cnncalc.render.pictures.mermaid import mermaid_text

    return mermaid_text(drawing)
