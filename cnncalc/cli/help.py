"""`cnncalc help`: the reference of the spec language, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cnncalc.render.prose import Look

WIDEST = 80
MOST_MENTIONS = 5


def _complete(incomplete: str) -> list[str]:
    from cnncalc.render.views.topics import topics

    return sorted({topic for topic in topics() if topic.startswith(incomplete)})


def help(  # noqa: A001
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TOPIC",
            help="A word of the language, a layer, a field, a function, a rule or a command (default: list them).",
            autocompletion=_complete,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Explain a word of the spec language, a layer or a rule, with examples.

    \b
      cnncalc help                 the topics
      cnncalc help residual
      cnncalc help conv
      cnncalc help round_to
      cnncalc help dropout before norm
    """
    from cnncalc.cli.output import terminal_width, write
    from cnncalc.errors import UsageError
    from cnncalc.render.prose import render_prose
    from cnncalc.render.views import topics

    words = " ".join(topic or ()).strip()
    spellings = dict.fromkeys(words.removesuffix("()").replace(" ", joint) for joint in " -_")
    texts = (topics.topic(each) for spelling in spellings for each in (spelling, spelling.lower()))
    text = next(filter(None, texts), None) if words else topics.overview()
    if text is not None:
        write(render_prose(text, min(terminal_width() or WIDEST, WIDEST), _look()))
    elif not _show_command(words):
        raise UsageError(f"no topic '{words}': {_hint(words)}")


def _look() -> Look:
    from cnncalc.cli.output import is_coloured
    from cnncalc.render.prose import PLAIN, Look

    if not is_coloured():
        return PLAIN
    from cnncalc.cli.highlight import highlight_heading, highlight_prose, highlight_yaml

    return Look(highlight_heading, highlight_prose, highlight_yaml)


def _show_command(name: str) -> bool:
    """Show the page of `--help` of a command; whether there is one of this name."""
    from cnncalc.cli.main import COMMANDS, tool

    if name not in COMMANDS:
        return False
    words = [name, "--help"]
    tool(words)(words, prog_name="cnncalc", standalone_mode=False)
    return True


def _hint(words: str) -> str:
    """What another tool's word means, the topics whose names are near, and those whose texts have the word."""
    from difflib import get_close_matches

    from cnncalc.cli.main import COMMANDS
    from cnncalc.document.foreign_layers import explanation, known_layer
    from cnncalc.document.vocabulary import FIELD_WORDS, MODIFIER_WORDS, SECTION_WORDS
    from cnncalc.document.words import GROUPS
    from cnncalc.layers import LAYERS
    from cnncalc.names import CONVENTIONS
    from cnncalc.render.views.topics import mentions, topics
    from cnncalc.suggest import ask

    if words in CONVENTIONS:
        return f"a convention of another tool: cnncalc flops SPEC --convention {words}"
    lowered, layer = words.lower(), known_layer(words, (*LAYERS, *GROUPS))
    if layer is None and (how := explanation(words)):
        return how
    meant = [layer] if layer else []
    meant += [table[lowered] for table in (MODIFIER_WORDS, SECTION_WORDS) if lowered in table]
    meant += FIELD_WORDS.get(lowered, ())
    near = get_close_matches(lowered[:80], dict.fromkeys((*topics(), *COMMANDS)), n=3, cutoff=0.7)
    names = list(dict.fromkeys((*meant, *near)))
    pages = [page for page in mentions(lowered) if page not in names][:MOST_MENTIONS]
    if names:
        return ask(*names) + (f" (mentioned by {_join(pages)})" if pages else "")
    return f"mentioned by {_join(pages)}" if pages else "'cnncalc help' lists the topics"


def _join(names: list[str]) -> str:
    *first, last = map(repr, names)
    return f"{', '.join(first)} or {last}" if first else last
