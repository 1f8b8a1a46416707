"""Names, keys, sources and file names that attack a reader: a terminal, a runner, a spreadsheet, a code host."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from cnncalc import load
from cnncalc.cli.main import main
from cnncalc.cli.progress import Progress

EVIL = "::stop-commands::t\n::add-mask::t\r::x::\x1b[31m\x1b]0;t\x07\u202e\u2066\u200b ##[group]x ##vso[task.x]y"
TEXT = f"{EVIL} @bob <b>|x|</b> http://evil.example www.evil.example a@evil.example octo/cat#1 &#64;ann ![x](y) $z$"
LAYERS = "input: 3x8x8\nlayers:\n  - conv: {out_channels: 4, kernel_size: 3}\n"
SPEC = f"name: {json.dumps(TEXT)}\nsource: {json.dumps(TEXT)}\n{LAYERS}"
UNKNOWN = f"{LAYERS}  - unknown: {{op: 'O##[add-mask]x ##vso[task.x]y', shape: [4, 6, 6]}}\n"
FAULTY = f"{json.dumps(EVIL)}: 1\ninput: 3x8x8\nlayers:\n  - {json.dumps(EVIL)}\n  - conv: {{{json.dumps(EVIL)}: 3}}\n"
SEEN_AS_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\udc80-\udcff]")
NAMES = [
    "::stop-commands::t.yaml",
    "##[group]t.yaml",
    "a\n::stop-commands::t.yaml",
    "\x1b[31m\u202e.yaml",
    "\udcff.yaml",
]


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command in a folder with the specs; what it wrote to both streams."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(SPEC, "utf-8")
    (tmp_path / "unknown.yaml").write_text(UNKNOWN, "utf-8")
    (tmp_path / "faulty.yaml").write_text(FAULTY, "utf-8")

    def run(*arguments: str) -> tuple[str, str]:
        capsys.readouterr()
        assert main(list(arguments)) in (0, 1, 2)
        done = capsys.readouterr()
        return done.out, done.err

    return run


def commands(text: str) -> list[str]:
    """The lines that a runner would take for commands, as `tests/test_visible.py` says."""
    return [
        line for line in re.split("\r|\n", text) if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line
    ]


def require_clean(text: str) -> None:
    assert not commands(text)
    assert not SEEN_AS_TEXT.search(text)


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
@pytest.mark.parametrize("command", ["shapes", "params", "summary", "flops", "memory", "rf", "time --device rtx4090"])
def test_names_and_sources(run, command, form):
    require_clean("".join(run(*command.split(), "good.yaml", "--format", form)))
    require_clean("".join(run(*command.split(), "good.yaml", "alexnet", "--format", form)))


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "good.yaml"],
        ["explain", "good.yaml", "--format", "markdown"],
        ["solve", "good.yaml"],
        ["export", "good.yaml"],
        ["diff", "good.yaml", "alexnet"],
        ["diff", "good.yaml", "alexnet", "--format", "markdown"],
        ["sweep", "good.yaml", "--input", "3x{8,16}x8", "--format", "csv"],
        ["sweep", "good.yaml", "--input", "3x{8,16}x8", "--format", "jsonl"],
        ["fmt", "--diff", "good.yaml"],
        ["export", "unknown.yaml"],
        ["flops", "good.yaml", "--live", EVIL],
        ["flops", "good.yaml", "--convention", EVIL],
        ["flops", "good.yaml", "--reconcile", EVIL, "macs"],
        ["flops", "good.yaml", "--live", "torch,fvcore"],
        ["--stop\n::stop-commands::t"],
        ["a\n::stop-commands::t"],
    ],
)
def test_other_commands(run, arguments):
    require_clean("".join(run(*arguments)))


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit"])
@pytest.mark.parametrize("colour", ["never", "always"])
def test_faults_of_check(run, form, colour):
    text = "".join(run("check", "faulty.yaml", "good.yaml", "--select", "all", "--format", form, "--color", colour))
    require_clean(re.sub("\x1b\\[[0-9;]*m", "", text))


def test_faults_in_colour_hold_no_colour_but_ours(run):
    _, err = run("shapes", "faulty.yaml", "--color", "always")
    assert "\x1b[1" in err
    assert "\x1b[31m" not in err
    require_clean(re.sub("\x1b\\[[0-9;]*m", "", err))


def test_progress(capsys):
    with Progress(after=0.0, lines=True) as progress:
        progress.say("::stop-commands::t\n::x::\x1b[31m\u202e")
    assert capsys.readouterr().err == "\\x3a:stop-commands::t\\n::x::\\x1b[31m\\u202e\n"


def test_faults_of_other_commands(run):
    out, err = run("shapes", "faulty.yaml")
    require_clean(out + err)
    assert [line for line in err.split("\n") if "unknown" in line and not line.startswith("faulty.yaml:")] == []


def test_annotations_are_the_only_commands(run):
    out, err = run("check", "faulty.yaml", "--format", "github")
    require_clean(err)
    assert commands(out)
    assert all(re.match(r"::error title=[\w-]+,file=faulty\.yaml,line=", line) for line in commands(out))
    assert not SEEN_AS_TEXT.search(out)


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("content", [SPEC, FAULTY], ids=["good", "faulty"])
def test_names_of_files(run, tmp_path, name, content):
    (tmp_path / name).write_text(content, "utf-8")
    for form in ("text", "json", "sarif", "junit"):
        require_clean("".join(run("check", ".", "--format", form)))
    for arguments in (["shapes", "."], ["fmt", "--check", "."], ["fmt", "--diff", "."], ["shapes", f"./{name}/x"]):
        require_clean("".join(run(*arguments)))
    for arguments in (["shapes", name], ["shapes", f"{name}.gone"], ["export", name], ["diff", name, "alexnet"]):
        require_clean("".join(run(*arguments)))
    require_clean("".join(run("fmt", ".")))


def test_json_keeps_the_data(run):
    out, _ = run("shapes", "good.yaml", "--format", "json")
    assert json.loads(out)["name"] == TEXT
    (line, _) = run("sweep", "good.yaml", "--input", "3x{8,16}x8", "--format", "jsonl")[0].splitlines()
    assert json.loads(line)["network"] == TEXT


def test_junit_is_xml(run):
    ElementTree.fromstring(run("check", "faulty.yaml", "--format", "junit")[0])


MENTION = re.compile(r"(?:^|[^A-Za-z0-9])@[a-z]")
LINK = re.compile(r"https?://|www\.|[\w.]+@[\w-]+\.\w|#[0-9]")


@pytest.mark.parametrize(
    "arguments",
    [["shapes", "good.yaml"], ["explain", "good.yaml"], ["diff", "good.yaml", "alexnet"]],
    ids=lambda a: a[0],
)
def test_markdown_mentions_and_links_nothing(run, arguments):
    """What GitHub's filters look for in the text, and raw HTML and entities that are not escaped."""
    out, _ = run(*arguments, "--format", "markdown")
    text = out.replace("&#8203;", "\u200b")
    assert not MENTION.search(text)
    assert not LINK.search(text)
    assert not re.search(r"(?<!\\)<(?!/?(?:details|summary)>)", text)
    assert not re.search(r"(?<!\\)&", text)


@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝", "-2+3+cmd|' /C calc'!A0+", "-HYPERLINK("]
)
def test_csv_holds_no_formula(run, tmp_path, sign):
    (tmp_path / "evil.yaml").write_text(SPEC.replace(json.dumps(TEXT), json.dumps(f"{sign}1+1|x"), 1), "utf-8")
    for arguments in (["params", "evil.yaml", "lenet5"], ["sweep", "evil.yaml", "--input", "3x{8,16}x8"]):
        out, _ = run(*arguments, "--format", "csv")
        first = list(csv.reader(io.StringIO(out)))[1][0]
        assert first.startswith("'")


def test_latex_holds_no_command_from_outside(run, tmp_path):
    (tmp_path / "tex.yaml").write_text(LAYERS + "  - unknown: {op: 'a\\input{x}$&^~', shape: [4, 6, 6]}\n", "utf-8")
    out, _ = run("explain", "tex.yaml", "--format", "latex")
    assert r"a\textbackslash{}input\{x\}\$\&\^{}\~{}" in out


def test_csv_keeps_numbers(run, tmp_path):
    (tmp_path / "p.yaml").write_text("params: {p: 1}\ninput: 3x8x8\nlayers:\n  - pad: 'p + 3'\n", "utf-8")
    out, _ = run("sweep", "p.yaml", "--set", "p=-2,-1,-0.5", "--format", "csv")
    assert [row[1] for row in csv.reader(io.StringIO(out))] == ["p", "-2", "-1", "-0.5"]


def test_a_notebook_shows_text_alone(tmp_path):
    (tmp_path / "good.yaml").write_text(SPEC, "utf-8")
    page = load(tmp_path / "good.yaml").analyze()._repr_html_()
    assert "<b>" not in page
    assert not SEEN_AS_TEXT.search(page)


USERS = "# größe 3×3 → ⌊x⌋ ’猫’ …\nname: größe×猫\ninput: 3x8x8\nlayers:\n  - relu # ≤ 3×3\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "cp1252", "utf-16"])
@pytest.mark.parametrize("arguments", [["fmt", "-"], ["show", "-"], ["show", "net.yaml"]], ids=" ".join)
def test_a_text_of_the_user_is_never_rewritten(tmp_path, encoding, arguments):
    """Whatever the encoding of the output is, a spec comes out as UTF-8, as it is read."""
    (tmp_path / "net.yaml").write_text(USERS, "utf-8", newline="")
    command = [sys.executable, "-m", "cnncalc", *arguments]
    done = subprocess.run(
        command,
        input=USERS.encode(),
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().replace("  #", " #") == USERS


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_formats_for_programs_are_utf_8(tmp_path, encoding):
    (tmp_path / "net.yaml").write_text(USERS, "utf-8")
    for arguments in (
        ["shapes", "net.yaml", "--format", "json"],
        ["shapes", "net.yaml", "lenet5", "--format", "csv"],
        ["shapes", "net.yaml", "--format", "markdown"],
        ["export", "net.yaml"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "cnncalc", *arguments],
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": encoding},
        )
        assert "größe×猫" in done.stdout.decode()
    table = subprocess.run(
        [sys.executable, "-m", "cnncalc", "shapes", "net.yaml"],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert "input   3x8x8" in table.stdout.decode("ascii")
    assert r"gr\xf6\xdfe" in table.stdout.decode("ascii")
