"""`cnncalc schema`: writes the spec language as a JSON schema."""

from __future__ import annotations


def schema() -> None:
    """Print the spec language as a JSON schema, for editors.

    \b
      cnncalc schema > cnncalc.schema.json
    and, as the first line of a spec, for VS Code's YAML extension and other users of yaml-language-server:
    \b
      # yaml-language-server: $schema=cnncalc.schema.json
    """
    from cnncalc.cli.output import write_data
    from cnncalc.document.schema import spec_schema
    from cnncalc.render.formats.json import dump_json

    write_data(dump_json(spec_schema()))
