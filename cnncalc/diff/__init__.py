"""What changed between two networks, layer by layer.

likeness ─▶ anchors ─▶ alignment ─▶ wiring ─▶ changes ─▶ difference ─▶ limits        (revision: a spec out of git)
"""
