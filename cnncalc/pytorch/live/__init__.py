"""Other tools that count operations, run on a network beside our conventions for them: `cnncalc flops --live`.

tools ─▶ running ─▶ comparison
"""
