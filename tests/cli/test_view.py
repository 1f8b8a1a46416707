"""`cnncalc view`: where the page goes, and pictures."""

import json
import re
import webbrowser
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import Request, urlopen

import pytest

from cnncalc.cli import watch
from tests.page.values import opened
from tests.repositories import git, start_repository

NET = """
name: net
source: <b>us</b>
params: {width: 8}
input: 3x8x8
layers:
  - conv: {out_channels: width, kernel_size: 3}
"""


@pytest.fixture(autouse=True)
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NET)


def document_of(page):
    return opened(
        json.loads(re.search(r'<script type="application/json" id="document">(.*?)</script>', page, re.DOTALL)[1])
    )


@pytest.mark.parametrize("arguments", [["-o", "-"], []])
def test_writes_to_a_pipe(cnncalc, arguments):
    done = cnncalc("view", "net.yaml", *arguments)
    assert done.out.startswith("<!doctype html>")
    assert [each["name"] for each in document_of(done.out)["symbols"]] == ["H", "W", "width"]
    assert done.err == ""


def test_writes_a_file(cnncalc):
    done = cnncalc("view", "net.yaml", "--input", "3x20x30", "--set", "width=5", "--batch", "4", "-o", "net.html")
    assert done.out == ""
    document = document_of(Path("net.html").read_text("utf-8"))
    assert [each["value"] for each in document["symbols"]] == [20, 30, 5]
    assert document["batch"] == 4
    assert "<b>" not in Path("net.html").read_text("utf-8").split("<style>")[0]


def test_opens_the_browser_on_a_terminal(cnncalc, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr("cnncalc.cli.output.is_terminal", lambda stream=None: True)
    done = cnncalc("view", "net.yaml")
    assert done.out == ""
    (address,) = opened
    path = Path(unquote(urlparse(address).path))
    assert document_of(path.read_text("utf-8"))["name"] == "net"
    assert str(path) in done.err


def test_writes_an_index_and_a_page_each(cnncalc):
    Path("more").mkdir()
    Path("more/net.yaml").write_text(NET)
    Path("more/broken.yaml").write_text("input: 3x8x8\nlayers:\n  - nothing\n")
    done = cnncalc("view", "net.yaml", "more", "alexnet", "-o", "site/")
    assert done.code == 2
    assert "broken.yaml:3" in done.err
    assert sorted(path.name for path in Path("site").iterdir()) == [
        "AlexNet.html",
        "index.html",
        "net-1.html",
        "net.html",
    ]
    index = Path("site/index.html").read_text("utf-8")
    assert re.findall(r'href="([^"]+)"', index) == ["net.html", "net-1.html", "AlexNet.html"]
    assert "<td>2012</td>" in index
    assert '<td class="number">61.0 M</td>' in index


def test_two_networks_are_compared(cnncalc):
    Path("wide.yaml").write_text(NET.replace("width: 8", "width: 12"))
    done = cnncalc("view", "net.yaml", "wide.yaml", "--input", "3x20x30", "--batch", "2")
    document = document_of(done.out)
    assert document["title"] == "net.yaml → wide.yaml"
    assert [each["value"] for each in document["symbols"]] == [20, 30]
    assert document["batch"] == 2
    assert document["before"]["layers"] == 1
    assert "script-src 'sha256-" in done.out
    assert "<b>" not in done.out.split("<style>")[0]
    assert cnncalc("view", "net.yaml", "wide.yaml", "--set", "width=5", "-o", "both.html").out == ""
    assert "status" not in document_of(Path("both.html").read_text("utf-8"))["layers"][0]
    same = document_of(cnncalc("view", "net.yaml", "net.yaml").out)
    assert "before" not in same, "one network, named twice"


def test_a_revision_is_compared_with_the_file(cnncalc, tmp_path, monkeypatch):
    start_repository(tmp_path, monkeypatch)
    Path("net.yaml").write_text(NET)
    git("add", "net.yaml")
    git("commit", "-qm", "first")
    Path("net.yaml").write_text(NET + "  - relu\n")
    document = document_of(cnncalc("view", "HEAD:net.yaml", "net.yaml").out)
    assert document["title"] == "HEAD:net.yaml → net.yaml"
    assert [each.get("status") for each in document["layers"]] == [None, "inserted"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["net.yaml", "alexnet", "lenet5"], "3 networks need a folder"),
        (["?.yaml", "-o", "both.html"], "2 networks need a folder"),
        (["net.yaml", "alexnet", "-o", "net.yaml"], "this is the file that is read"),
        (["net.yaml", "nothing.yaml"], "no such file"),
        (["net.yaml", "alexnet", "--depth", "1"], "--depth folds a picture"),
        (["net.yaml", "-o", "net.yaml"], "this is the file that is read"),
        (["net.yaml", "--port", "1"], "--port requires --watch"),
        (["net.yaml", "alexnet", "--watch"], "--watch serves one network"),
        (["net.yaml", "--watch", "--port", "99999"], "--port"),
        (["-", "--watch"], "the standard input can be read only once"),
        (["nothing.yaml"], "no such file"),
    ],
)
def test_refuses(cnncalc, arguments, message):
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text(NET)
    done = cnncalc("view", *arguments)
    assert done.code == 2
    assert message in done.err
    assert done.out == ""


def test_watch_serves_the_page_and_follows_the_file(cnncalc, monkeypatch):
    seen = []
    changes = iter([NET.replace("3x8x8", "3x9x9"), "", NET + "  - relu\n  - nothing\n", ""])  # after "", it has settled
    complaints = []

    def look(text):
        complaints.append(text)

    def sleep(_):
        address = next(text.split()[-1] for text in complaints if "serving" in text)
        seen.append(document_of(urlopen(Request(address), timeout=10).read().decode()))
        change = next(changes, None)
        if change is None:
            raise KeyboardInterrupt
        if change:
            Path("net.yaml").write_text(change)

    monkeypatch.setattr("cnncalc.cli.output.complain", look)
    monkeypatch.setattr(watch, "sleep", sleep)
    assert cnncalc("view", "net.yaml", "--watch").code == 130
    assert [each["opened"]["input"][1] for each in seen] == [8, 8, 9, 9, 8]
    assert [layer["name"] for layer in seen[-1]["layers"]] == ["conv1", "relu1"]
    assert "broken" in seen[-1]
    assert "broken" not in seen[0]


def test_a_picture_is_written_to_a_file_or_to_standard_output(cnncalc, tmp_path):
    path = tmp_path / "net.svg"
    assert cnncalc("view", "resnet@18", "--format", "svg", "--depth", "1", "-o", str(path)).out == ""
    out = cnncalc("view", "resnet@18", "-f", "svg", "--depth", "1").out
    assert path.read_text("utf-8") == out
    assert out.startswith("<svg ")
    assert ">layer4<" in out


def test_symbolic_sizes_stand_on_the_edges(cnncalc):
    out = cnncalc("view", "alexnet", "-f", "mermaid", "--input", "3xHxW").out
    assert '  n0 -->|"3×H×W"| n1' in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["alexnet", "-f", "sgv"], "--format: expected one of html, svg, dot, mermaid, got 'sgv': did you mean 'svg'?"),
        (["alexnet", "--depth", "2", "-o", "net.html"], "--depth folds a picture (--format svg)"),
        (["alexnet", "resnet", "-f", "dot"], "--format dot writes one network to one file"),
    ],
)
def test_pictures_refuse(cnncalc, arguments, message):
    done = cnncalc("view", *arguments)
    assert done.code == 2
    assert message in done.err
