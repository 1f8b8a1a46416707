"""`cnncalc help`: the reference of the spec language, in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cnncalc.render.prose import Look

WIDEST = 80


def _complete(incomplete: str) -> list[str]:
    from cnncalc.render.views.topics import topics

    return sorted({topic for topic in topics() if topic.startswith(incomplete)})


def help(  # noqa: A001
    topic: Annotated[
        str,
        typer.Argument(
            metavar="TOPIC",
            help="A word of the language, a layer, a field, a function, a rule or a command (default: list them).",
            autocompletion=_complete,
            show_default=False,
        ),
    ] = "",
) -> None:
    """Explain a word of the spec language, a layer or a rule, with examples.

    \b
      cnncalc help                 the topics
      cnncalc help residual
      cnncalc help conv
      cnncalc help round_to
    """
    from cnncalc.cli.output import terminal_width, write
    from cnncalc.errors import UsageError
    from cnncalc.render.prose import render_prose
    from cnncalc.render.views import topics

    width = min(terminal_width() or WIDEST, WIDEST)
    word = topic.strip().removesuffix("()")
    text = topics.topic(word) or topics.topic(word.lower()) if word else topics.overview()
    if text is not None:
        write(render_prose(text, width, _look()))
    elif not _show_command(word):
        raise UsageError(f"no topic '{topic}': {_hint(word, topics.topics())}")


def _look() -> Look:
    from cnncalc.cli.output import is_coloured
    from cnncalc.render.prose import PLAIN, Look

    if not is_coloured():
        return PLAIN
    from cnncalc.cli.highlight import highlight_heading, highlight_prose, highlight_yaml

    return Look(highlight_heading, highlight_prose, highlight_yaml)


def _show_command(name: str) -> bool:
    """Show the page of `--help` of a command; whether there is one of this name."""
    from cnncalc.cli.main import COMMANDS, app

    if name not in COMMANDS:
        return False
    app([name, "--help"], prog_name="cnncalc", standalone_mode=False)
    return True


def _hint(word: str, topics: Iterable[str]) -> str:
    """The topics whose names are near, or what another tool's word for a layer means."""
    from difflib import get_close_matches

    from cnncalc.cli.main import COMMANDS
    from cnncalc.document.foreign_layers import explanation, known_layer
    from cnncalc.document.vocabulary import MODIFIER_WORDS, SECTION_WORDS
    from cnncalc.document.words import GROUPS
    from cnncalc.layers import LAYERS
    from cnncalc.layers.values import join_words

    lowered, layer = word.lower(), known_layer(word, (*LAYERS, *GROUPS))
    if layer is None and (how := explanation(word)):
        return how
    meant = [layer] if layer else []
    meant += [words[lowered] for words in (MODIFIER_WORDS, SECTION_WORDS) if lowered in words]
    near = get_close_matches(lowered[:80], dict.fromkeys((*topics, *COMMANDS)), n=3)
    names = list(dict.fromkeys((*meant, *near)))
    return f"did you mean {join_words([repr(name) for name in names])}?" if names else "'cnncalc help' lists the topics"
