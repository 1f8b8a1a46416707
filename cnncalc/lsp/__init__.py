"""The language server: what the commands say of a spec, beside its text while it is typed.

text ─▶ state ─▶ hints · diagnostics · hover · completion · symbols · navigation · actions · lenses
  positions   the spec as last read and analyzed           server.py: one function per request of the protocol

Needs pygls, the extra `lsp`; only `cnncalc lsp` imports this room.
"""
