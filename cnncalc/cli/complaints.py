"""Writes errors and warnings to standard error: in colour and wrapped between words where it is a terminal."""

from __future__ import annotations

import sys
from io import StringIO
from typing import TYPE_CHECKING, Any

from cnncalc.cli.output import complain, is_coloured, wrapping_width
from cnncalc.errors import CnncalcError, Fault, SpecError
from cnncalc.visible import visible

if TYPE_CHECKING:
    from cnncalc.render.formats.frames import Tint

MOST_FAULTS = 50
WHO = "cnncalc: "


def report_error(error: CnncalcError) -> None:
    """Write an error: the faults of a spec with their places, any other error as one sentence."""
    if not isinstance(error, SpecError):
        report_lines(str(error))
        return
    rest = len(error.faults) - MOST_FAULTS
    shown = [fault_text(fault, "error") for fault in error.faults[:MOST_FAULTS]]
    complain("\n".join(shown + ([f"… and {rest:,} more faults"] if rest > 0 else [])))


def report_lines(text: str) -> None:
    """Write the text of an error, whose sentences are cleaned: the first line after the name of the tool."""
    first, *more = text.split("\n")
    complain("\n".join([_sentence([(WHO, "error"), (first, "")]), *(_sentence([(line, "")]) for line in more)]))


def say(sentence: str, level: Tint = "warning", who: str = WHO) -> None:
    """Write a sentence on one line after the name of the tool."""
    complain(_sentence([(who, level), (visible(sentence), "")]))


def report_usage(error: Any) -> int:  # noqa: ANN401 - typer has no public name for it
    """Write an error of typer, the usage and what is wrong; return its exit code."""
    text = StringIO()
    error.show(text)
    for line in text.getvalue().removesuffix("\n").split("\n"):
        if line.startswith("Error: "):
            sentence, hint = line.removeprefix("Error: "), _format_hint(error)
            say(f"{sentence.partition(' (')[0]}{hint}" if hint else sentence, "error", "Error: ")
        else:
            complain(_sentence([(line, "")]))
    code: int = error.exit_code
    return code


def _format_hint(error: Any) -> str:  # noqa: ANN401
    """What to write for `--json`, of a command that has `--format json`."""
    word = str(getattr(error, "option_name", "")).lstrip("-")
    options = error.ctx.command.params if error.ctx else ()
    formats = next((option.metavar for option in options if "--format" in option.opts), None) or ""
    return f": write --format {word}" if word in formats.split("|") and word else ""


def warn_of(fault: Fault) -> None:
    """Write a fault that does not stop the command."""
    complain(fault_text(fault, "warning", "warning: "))


def fault_text(fault: Fault, level: Tint, says: str = "") -> str:
    """A fault as `str` gives it, coloured and wrapped for standard error; `says` is put before its message."""
    coloured, width = is_coloured(sys.stderr), wrapping_width(sys.stderr)
    if not coloured and width is None and not says:
        return str(fault)
    from cnncalc.render.formats.frames import frame_lines

    place: list[tuple[str, Tint]] = [(str(fault.span), "strong"), (": ", "")] if fault.span else []
    sentence = _sentence([*place, (says, level), (visible(fault.message), "")])
    return "\n".join([sentence, *frame_lines(fault.span, fault.hint, level, width, coloured)])


def _sentence(parts: list[tuple[str, Tint]]) -> str:
    coloured, width = is_coloured(sys.stderr), wrapping_width(sys.stderr)
    if not coloured and width is None:
        return "".join(text for text, _ in parts)
    from cnncalc.render.formats.frames import sentence_text

    return sentence_text(parts, width, coloured)
