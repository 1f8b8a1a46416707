"""The page of `cnncalc view`: one HTML file that shows a network and computes every figure from closed forms.

    moving ─▶ document (tables, formulas, readings, layers, memory)
    document ─▶ packing ─▶ html + the modules, styles and template beside it

    difference ─▶ union (two such documents as one) ─▶ html
    rows of a sweep ─▶ points ─▶ html

docs/page.md describes the document and how the modules of the page work together.
"""
