"""`cnncalc check`: checks rules and expectations, for example in CI."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_spec
from cnncalc.cli.options import (
    SetOption,
    SkipOthersOption,
    WatchOption,
    format_option,
    input_option,
    read_choice,
    run_or_watch,
)
from cnncalc.errors import UsageError
from cnncalc.limits import MOST_JOBS
from cnncalc.quantities.given import parse_settings, whole_number
from cnncalc.render.formats import FINDING_FORMATS, load_format

if TYPE_CHECKING:
    from cnncalc.checkpoints.checkpoint import Checkpoint
    from cnncalc.checks.fixing import Fixed
    from cnncalc.checks.levels import Choice
    from cnncalc.checks.many import Run, Task
    from cnncalc.checks.run import Checked

FORMS = tuple(FINDING_FORMATS)

RulesOption = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="RULE,…", show_default=False, help="Run only these rules, or 'all'."),
]


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="Files, folders, patterns, shipped networks (resnet, resnet@50), anything cnncalc import takes, '-'. "
            "Default: the specs of the project.",
            autocompletion=complete_spec,
            show_default=False,
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        input_option("Input size of an imported network (torch:…): 3x224x224."),
    ] = None,
    settings: SetOption = None,
    select: RulesOption = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULE,…", show_default=False, help="Skip these rules.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            "--weights",
            metavar="FILE",
            show_default=False,
            help="A checkpoint that must fit: .safetensors, or an .index.json. Only headers are read.",
        ),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes to the files.")] = False,
    form: Annotated[
        str | None,
        format_option(FORMS, "Default: text, or github if GITHUB_ACTIONS is true."),
    ] = None,
    watch: WatchOption = False,
    jobs: Annotated[
        str, typer.Option("--jobs", "-j", metavar="N", help="Number of processes; 'auto': one per core.")
    ] = "1",
    skip_others: SkipOthersOption = False,
) -> None:
    """Check rules and expectations in every variant of every spec.

    Exit code 1 if there is an error (with --strict: or a warning), 2 if a spec could not be read.

    \b
      cnncalc check                                 the specs of this project
      cnncalc check specs/ --strict
      cnncalc check resnet@50 --select expectation
      cnncalc check net.yaml --set width=32         with another parameter
      cnncalc check net.yaml --weights model.safetensors
      cnncalc check net.yaml --watch                again after every change
      cnncalc check --fix net.yaml
      cnncalc rule                                  the rules

    A spec lists its expectations under 'expect:' and the levels of rules under 'check:'; a comment
    '# cnncalc: ignore[rule]' on the line of a layer silences a rule there.
    """  # fmt: skip
    from cnncalc.checks.levels import Choice, rule_list
    from cnncalc.cli.checking import find_tasks
    from cnncalc.cli.project import rule_levels
    from cnncalc.quantities.shapes import read_inputs

    read_choice("--format", form or FORMS[0], FORMS)
    processes = (os.cpu_count() or 1) if jobs == "auto" else whole_number("--jobs", jobs, MOST_JOBS)
    if fix and settings:
        raise UsageError("--fix changes a spec as it is written: leave out --set")
    if fix and watch:
        raise UsageError("--fix changes the files that --watch watches: leave out one of them")
    selected, ignored = rule_list("--select", select or ()), rule_list("--ignore", ignore or ())
    params, sizes = parse_settings(settings or ()), read_inputs(inputs or ())

    def check_once() -> None:
        tasks, wrong = find_tasks(paths, sizes, skip_others)
        choice = Choice(rule_levels(), selected, ignored, params, _checkpoint(weights, tasks) if weights else None)
        if fix and not all(task.fixable for task in tasks):
            raise UsageError("--fix changes files: name them by their paths")
        if watch:
            from cnncalc.cli.watch import note_read

            for task in tasks:  # with --jobs, other processes read them
                note_read(str(task.path))
        run = _check_all(tasks, choice, processes, fix, wrong)
        _write(run, form or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"), strict)
        if run.wrong:
            raise typer.Exit(2)
        if run.count("error") or (strict and run.count("warning")):
            raise typer.Exit(1)

    run_or_watch(watch, paths, check_once)


def _checkpoint(weights: Sequence[str], tasks: Sequence[Task]) -> Checkpoint:
    """Return the tensors of a checkpoint, which is compared with one spec."""
    from cnncalc.checkpoints.reading import read_checkpoint

    if len(tasks) > 1:
        raise UsageError(f"--weights is compared with one network: there are {len(tasks):,} specs")
    return read_checkpoint(weights)


def _check_all(tasks: Sequence[Task], choice: Choice, jobs: int, fixing: bool, wrong: Sequence[UsageError]) -> Run:
    """Check all specs, and fix them if `fixing`; `wrong` are the arguments that already failed."""
    from cnncalc.checks.fixing import Fixed
    from cnncalc.checks.many import Failure, Run, check_all
    from cnncalc.cli.progress import Progress

    checked, failed, fixes = [], [Failure(str(error)) for error in wrong], 0
    with Progress(len(tasks)) as progress:
        for done, (task, outcome) in enumerate(zip(tasks, check_all(tasks, choice, jobs), strict=True), 1):
            progress.say(f"{done:,} of {len(tasks):,} specs", done)
            fixed = _apply_fixes(task, choice, outcome) if fixing and not isinstance(outcome, UsageError) else outcome
            if isinstance(fixed, UsageError):
                failed.append(Failure(str(fixed), str(task.path)))
            if isinstance(fixed, Fixed):
                fixes += fixed.fixes
                checked.append(fixed.checked)
            elif not isinstance(outcome, UsageError):
                checked.append(outcome)
                if outcome.unfinished:
                    failed.append(Failure(outcome.unfinished, str(task.path)))
    return Run(checked, failed, fixes)


def _apply_fixes(task: Task, choice: Choice, checked: Checked) -> Fixed | UsageError:
    from cnncalc.checks.fixing import fix
    from cnncalc.cli.complaints import say
    from cnncalc.quantities.sizes import plural

    try:
        fixed = fix(task, choice, checked)
    except UsageError as error:
        return error
    if fixed.left:
        say(f"{task.path}: {plural(fixed.left, 'fix')} not applied: an expectation would no longer hold")
    if fixed.untried:
        say(f"{task.path}: {plural(fixed.untried, 'fix')} not tried: too many were refused")
    return fixed


def _write(run: Run, form: str, strict: bool) -> None:
    """Write the findings to standard output; failures and the summary go to standard error."""
    from cnncalc.cli.complaints import report_lines
    from cnncalc.cli.output import complain, is_coloured, wrapping_width, write, write_data
    from cnncalc.render.formats.finding_words import summary_text

    for text, _ in run.wrong:
        report_lines(text)
    if form == "text" and run.wrong and not run.checked:
        return
    writer = load_format(FINDING_FORMATS, form)
    room = {"width": wrapping_width()} if form == "text" else {}
    text = writer(run, colour=is_coloured(), failing=("error", "warning") if strict else ("error",), **room)
    if form == "text":
        write(text)
    else:
        write_data(text)
        complain(summary_text(run))
