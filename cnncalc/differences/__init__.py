"""The differences between two networks, layer by layer.

likeness ─▶ anchors ─▶ alignment ─▶ sliding ─▶ wiring ─▶ changes ─▶ difference ─▶ limits
"""
