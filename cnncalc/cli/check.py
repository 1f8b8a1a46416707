"""`cnncalc check`: what CI holds architectures to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, get_args

import typer

from cnncalc.cli.completion import complete_spec
from cnncalc.cli.options import number, word
from cnncalc.errors import UsageError

if TYPE_CHECKING:
    from cnncalc.checks.fixing import Fixed
    from cnncalc.checks.levels import Choice
    from cnncalc.checks.many import Task
    from cnncalc.checks.run import Checked

Form = Literal["text"]
FORMS: tuple[Form, ...] = get_args(Form)
MOST_JOBS = 256

RulesOption = Annotated[
    list[str] | None, typer.Option("--select", metavar="RULE,…", show_default=False, help="Only these rules; 'all'.")
]


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="Files, folders, patterns, shipped networks (resnet, resnet@50), '-'. None: the specs of the project.",
            autocompletion=complete_spec,
            show_default=False,
        ),
    ] = None,
    select: RulesOption = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULE,…", show_default=False, help="Without these rules.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A warning fails too.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Make the safe mends in the files.")] = False,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            metavar="|".join(FORMS),
            autocompletion=lambda: FORMS,
            show_default=False,
            help="text; github where GITHUB_ACTIONS is true.",
        ),
    ] = None,
    jobs: Annotated[str, typer.Option("--jobs", "-j", metavar="N", help="Processes; 'auto': one per core.")] = "1",
    skip_others: Annotated[
        bool, typer.Option("--skip-others", help="Pass over files that have no 'layers:' at their top.")
    ] = False,
) -> None:
    """Rules and expectations, in every variant of every spec.

    Exit code 1 where there is an error (with --strict a warning), 2 where a spec could not be looked at.

    \b
      cnncalc check                                 the specs of this project
      cnncalc check specs/ --strict
      cnncalc check resnet@50 --select expectation
      cnncalc check --fix net.yaml
      cnncalc rule                                  the rules
    A spec says what it is held to under 'expect:', and which rules count under 'check:'; a comment
    '# cnncalc: ignore[rule]' on the line of a layer silences one there.
    """  # fmt: skip
    from cnncalc.checks.levels import Choice, rule_list
    from cnncalc.cli.checking import tasks
    from cnncalc.cli.output import complain
    from cnncalc.cli.project import rule_levels

    word("--format", form or FORMS[0], FORMS)
    processes = (os.cpu_count() or 1) if jobs == "auto" else number("--jobs", jobs, MOST_JOBS)
    choice = Choice(rule_levels(), rule_list("--select", select or ()), rule_list("--ignore", ignore or ()))
    found, wrong = tasks(paths, skip_others)
    if fix and not all(task.mendable for task in found):
        raise UsageError("--fix mends files: name them by their paths")
    run = _run(found, choice, processes, fix)
    for error in (*wrong, *run.wrong):
        complain(f"cnncalc: {error}")
    _write(run, form)
    if wrong or run.wrong:
        raise typer.Exit(2)
    if any(each.count("error") or (strict and each.count("warning")) for each in run.checked):
        raise typer.Exit(1)


class _Run(NamedTuple):
    """What is said of all specs; which could not be looked at or mended, and why; how many mends were made."""

    checked: list[Checked]
    wrong: list[UsageError]
    mends: int


def _run(tasks: Sequence[Task], choice: Choice, jobs: int, mending: bool) -> _Run:
    from cnncalc.checks.many import check_all
    from cnncalc.cli.progress import Progress

    progress, checked, wrong, mends = Progress(), [], [], 0
    for done, (task, outcome) in enumerate(zip(tasks, check_all(tasks, choice, jobs), strict=True), 1):
        progress.say(f"{done} of {len(tasks)} specs")
        if isinstance(outcome, UsageError):
            wrong.append(outcome)
            continue
        fixed = _fixed(task, choice, outcome) if mending else (outcome, 0)
        if isinstance(fixed, UsageError):
            wrong.append(fixed)
            fixed = outcome, 0
        checked.append(fixed[0])
        mends += fixed[1]
    progress.done()
    return _Run(checked, wrong, mends)


def _fixed(task: Task, choice: Choice, checked: Checked) -> Fixed | UsageError:
    from cnncalc.checks.fixing import fix

    try:
        return fix(task, choice, checked)
    except UsageError as error:
        return error


def _write(run: _Run, form: str | None) -> None:
    from cnncalc.cli.output import coloured, write
    from cnncalc.render.findings import findings_text

    write(findings_text(run.checked, run.mends, colour=coloured()))
