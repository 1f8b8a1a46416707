"""`cnncalc view`: writes a page that shows a network and recomputes every figure as its sizes move."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.options import (
    AtOption,
    BatchOption,
    DepthOption,
    InputOption,
    Request,
    SetOption,
    SpecArguments,
    format_option,
    read_choice,
    request,
)

FORMS = ("html", "svg", "dot", "mermaid")

if TYPE_CHECKING:
    from cnncalc.page.page import HtmlFile, Page


def view(
    specs: SpecArguments = None,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Output file, '-' for stdout, or a folder for an index and a page per SPEC (default: open the page).",
        ),
    ] = "",
    inputs: InputOption = None,
    settings: SetOption = None,
    batch: BatchOption = "1",
    at: AtOption = None,
    form: Annotated[str, format_option(FORMS, "A page, or a picture for a paper or a README.")] = "html",
    depth: DepthOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Serve the page on this machine; it follows the spec as you save.")
    ] = False,
    port: Annotated[
        str, typer.Option("--port", metavar="N", show_default=False, help="The port for --watch (default: a free one).")
    ] = "",
) -> None:
    """View a network as a page: its graph, the arithmetic of every layer, and sizes that move.

    The page is one HTML file that fetches nothing. It holds closed forms: as a size or a parameter
    moves, it computes every figure again, and shows which layers drop pixels at which sizes.
    Two networks are compared: one graph of both, with what was added, removed and changed.

    \b
      cnncalc view alexnet
      cnncalc view net.yaml -o net.html
      cnncalc view model.onnx --input 3x224x320
      cnncalc view resnet@18 resnet@34
      cnncalc view HEAD:net.yaml net.yaml -o diff.html
      cnncalc view specs/ -o site/
      cnncalc view resnet@50 --format svg --depth 1 -o resnet.svg
      cnncalc view net.yaml --watch
    """
    from cnncalc.cli.pages import deliver
    from cnncalc.cli.saving import require_other_file
    from cnncalc.cli.specs import spec_names
    from cnncalc.errors import UsageError

    requested = request(inputs, settings, depth, "table", batch, "chw", at)
    if port and not watch:
        raise UsageError("--port requires --watch")
    names = spec_names(specs)
    if watch:
        if depth is not None or form != "html":
            raise UsageError("--watch serves a page: --format and --depth are for pictures")
        _watch(names, output, requested, port)
        return
    require_other_file("-o", output, names)
    if read_choice("--format", form, FORMS) != "html":
        _draw(names, form, output, requested)
        return
    if depth is not None:
        raise UsageError("--depth folds a picture (--format svg): on a page, blocks fold by a click")
    if _is_folder(output):
        _write_gallery(names, output, requested)
        return
    if len(names) > 2 or (len(names) == 2 and len(specs or []) != 2):
        raise UsageError(f"{len(names)} networks need a folder: cnncalc view {names[0]} … -o pages/")
    page = _page(names[0], requested) if len(names) == 1 else _compared_page((names[0], names[1]), requested)
    deliver(page, output)


def _is_folder(output: str) -> bool:
    from cnncalc.source.files import is_folder

    return output.endswith(("/", "\\")) or (output not in ("", "-") and is_folder(output))


def _draw(names: Sequence[str | Path], form: str, output: str, requested: Request) -> None:
    """Write a network as a picture."""
    from cnncalc.cli.present import open_and_analyze
    from cnncalc.cli.saving import save_text
    from cnncalc.errors import UsageError
    from cnncalc.render.pictures import picture_text

    if len(names) > 1 or _is_folder(output):
        raise UsageError(f"--format {form} writes one network to one file: cnncalc view {names[0]} -f {form} -o FILE")
    _, report = open_and_analyze(names[0], requested)
    save_text(picture_text(report, form, requested.depth), output)


def _page(name: str | Path, requested: Request) -> Page:
    from cnncalc.cli.present import open_and_analyze
    from cnncalc.page.page import Page

    spec, report = open_and_analyze(name, requested)
    return Page(report, spec, requested.params)


def _compared_page(names: tuple[str | Path, str | Path], requested: Request) -> HtmlFile:
    from cnncalc.cli.present import open_and_analyze
    from cnncalc.page.page import ComparedPage
    from cnncalc.page.union import Side

    opened = [(*open_and_analyze(name, requested), str(name)) for name in names]
    one, other = (Side(report, spec, requested.params, name) for spec, report, name in opened)
    return ComparedPage(one, other)


def _watch(names: Sequence[str | Path], output: str, requested: Request, port: str) -> None:
    """Serve the page of one spec until Ctrl-C, and make it again whenever a file that it is made of changes."""
    import webbrowser

    from cnncalc.cli.output import complain, is_terminal
    from cnncalc.cli.serving import PageServer
    from cnncalc.cli.watch import run_and_watch
    from cnncalc.errors import UsageError
    from cnncalc.quantities.given import whole_number

    if len(names) > 1 or output:
        raise UsageError(f"--watch serves one network and writes no file: cnncalc view {names[0]} --watch")
    number = whole_number("--port", port, 65_535) if port else 0
    try:
        server = PageServer(number)
    except OSError as error:
        raise UsageError(f"--port {port}: {error.strerror or error}") from None
    complain(f"cnncalc: serving {server.address}")
    if is_terminal():
        webbrowser.open(server.address)
    try:
        run_and_watch([str(names[0])], lambda: server.show(_live_page(names[0], requested)), clear=False)
    finally:
        server.close()


def _live_page(name: str | Path, requested: Request) -> str:
    from cnncalc.cli.watching import live_page

    return live_page(name, requested)


def _write_gallery(names: Sequence[str | Path], output: str, requested: Request) -> None:
    """Write a page per network and an index; a network with faults is reported and left out."""
    from cnncalc.budget import BudgetError
    from cnncalc.cli.complaints import report_error, say
    from cnncalc.errors import CnncalcError
    from cnncalc.page.gallery import gallery_text
    from cnncalc.page.page import file_stem
    from cnncalc.source.replacing import replace_text

    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, Page] = {}
    failed = False
    for name in names:
        try:
            page = _page(name, requested)
        except (CnncalcError, BudgetError) as error:
            failed = True
            if isinstance(error, CnncalcError):
                report_error(error)
            else:
                say(f"{name}: {error}", "error")
            continue
        stem = file_stem(page.name)
        stem = next(each for n in range(len(names) + 1) if (each := f"{stem}-{n}" if n else stem) not in written)
        page.save(folder / f"{stem}.html")
        written[stem] = page
    replace_text(str(folder / "index.html"), gallery_text({stem: page.report for stem, page in written.items()}))
    if failed:
        raise typer.Exit(2)
