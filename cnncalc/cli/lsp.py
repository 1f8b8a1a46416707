"""`cnncalc lsp`: the language server, for editors."""

from __future__ import annotations

import os
from typing import Annotated

import typer


def lsp(
    tcp: Annotated[
        str, typer.Option("--tcp", metavar="HOST:PORT", help="Listen there instead of on standard input, to debug.")
    ] = "",
) -> None:
    """Serve an editor: shapes beside the layers, diagnostics, completion, hover, fixes, renaming.

    An editor starts it and talks to it on standard input and output: docs/guide/editors.md says how to set up VS Code,
    Neovim, Helix, Zed, Emacs and JupyterLab.

    \b
      pip install 'cnncalc[lsp]'
      cnncalc lsp
      cnncalc lsp --tcp 127.0.0.1:2087
    """
    from cnncalc.cli.project import rule_levels
    from cnncalc.errors import UsageError

    try:
        from cnncalc.lsp.server import make_server
    except ImportError as error:
        if (error.name or "").split(".")[0] not in ("pygls", "lsprotocol", "attrs", "cattrs"):
            raise
        raise UsageError("the language server needs pygls: pip install 'cnncalc[lsp]'") from None
    server = make_server(rule_levels)
    if not tcp:
        # On copies, which it closes at the end; whatever else is printed must not mix with the protocol.
        server.start_io(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
        return
    host, colon, port = tcp.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--tcp: expected an address such as 127.0.0.1:2087, got '{tcp}'")
    server.start_tcp(host, int(port))
