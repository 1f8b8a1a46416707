import csv
import io
import json
import re
import sys

import pytest

from cnncalc.cli import sweep as command

GRID = ["sweep", "mobilenet_v2", "--set", "width=0.5:1:0.25", "--input", "3x{160,192,224}"]


def test_a_table(cnncalc):
    done = cnncalc(*GRID)
    lines = done.out.splitlines()
    assert lines[0] == "MobileNetV2"
    assert lines[2].split() == ["width", "input", "parameters", "MACs", "FLOPs", "output"]
    assert lines[6].split() == ["0.5", "3×224×224", "1,968,680", "97.1", "M", "208", "M", "1000"]
    assert lines[-1] == "9 points"
    assert (done.code, done.err) == (0, "")


def test_csv_is_of_raw_values(cnncalc):
    rows = list(csv.DictReader(io.StringIO(cnncalc(*GRID, "-f", "csv").out)))
    assert len(rows) == 9
    assert rows[-1] == {
        "network": "MobileNetV2", "width": "1", "input": "3x224x224", "params": "3504872", "macs": "300774272",
        "flops": rows[-1]["flops"], "output": "1000", "error": "",
    }  # fmt: skip


def test_json_lines(cnncalc):
    out = cnncalc(*GRID, "-f", "jsonl", "--columns", "params,fits,peak_memory").out
    first = json.loads(out.splitlines()[0])
    assert first == {
        "network": "MobileNetV2", "width": 0.5, "input": [3, 160, 160], "params": 1968680, "fits": False,
        "peak_memory": first["peak_memory"], "output": [1000], "error": None,
    }  # fmt: skip
    assert first["peak_memory"] > 0


def test_markdown(cnncalc):
    assert "| 0.5 | 3×160×160 | 1,968,680 |" in cnncalc(*GRID, "-f", "markdown").out


def test_where(cnncalc):
    done = cnncalc(*GRID, "--where", "macs < 100M and peak_memory < 8MiB", "-f", "csv")
    assert [line.split(",")[2] for line in done.out.splitlines()[1:]] == ["3x160x160", "3x192x192", "3x224x224"]
    done = cnncalc(*GRID, "--where", "macs < 1")
    assert (done.code, done.out) == (0, "")
    assert "0 of 9 points" in done.err


@pytest.mark.parametrize("form", ["csv", "table"])
def test_pareto(cnncalc, form):
    done = cnncalc(*GRID, "--pareto=-params,macs", "-f", form)
    assert [width in done.out for width in ("1968680", "2636424", "3504872")] == [form == "csv"] * 3
    assert done.out.count("160") >= 3
    assert "224" not in done.out


def test_what_the_shell_makes_of_braces(cnncalc):
    quoted = cnncalc("sweep", "resnet@{18,34}", "--input", "3x{64,96}", "--set", "width={8,16}", "-f", "csv").out
    written_out = ["sweep", "resnet@18", "resnet@34", "--input", "3x64", "3x96", "--set", "width=8", "width=16"]
    assert cnncalc(*written_out, "-f", "csv").out == quoted
    assert [line.split(",")[0] for line in quoted.splitlines()[1::4]] == ["ResNet@18", "ResNet@34"]


def test_points_that_fail_are_reported(cnncalc):
    done = cnncalc("sweep", "alexnet", "--input", "3x{30,227}")
    assert done.code == 0
    assert "1 of 2 points is invalid, the first: maxpool2: the kernel of maxpool is 3" in done.out
    done = cnncalc("sweep", "resnet", "--set", "unit={basic,nothing}", "-f", "csv")
    assert done.code == 0
    assert "cnncalc: 1 of 2 points is invalid" in done.err
    done = cnncalc("sweep", "alexnet", "--input", "3x{8:10}", "-f", "jsonl")
    assert done.code == 2
    assert len(done.out.splitlines()) == 3
    assert "3 of 3 points are invalid, the first: conv1: the kernel of conv is 11" in done.err
    done = cnncalc("sweep", "alexnet", "mobilenet_v2", "--set", "width={0.5,1}")
    assert (done.code, "AlexNet has no parameter 'width'" in done.out) == (0, True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "widht=1:3"], "--set widht: no network has this parameter: did you mean 'width'?"),
        (["--set", "width"], "--set width: expected name=values, such as --set width=0.5:2:0.25"),
        (["--set", "width=1:2:x"], "expected start:stop:step in numbers"),
        (["--input", "3xH"], "a sweep needs numbers for H"),
        (["--where", "parms < 5M"], "unknown name 'parms': did you mean 'params'?"),
        (["--pareto", "params,mcas"], "unknown name 'mcas': did you mean 'macs'?"),
        (["--columns", "parms"], "--columns: unknown column 'parms': did you mean 'params'?"),
        (["--format", "json"], "--format: expected one of table, csv, jsonl, markdown"),
        (["--jobs", "0"], "--jobs: expected a whole number from 1"),
        (["--set", "width=1:1e6", "--input", "3x{1:1000000}"], "the grid has 1,000,000,000,000 points"),
    ],
)
def test_faults_are_sentences(cnncalc, options, message):
    done = cnncalc("sweep", "mobilenet_v2", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_no_spec(cnncalc):
    assert "no SPEC given" in cnncalc("sweep", "3x160").err


def test_a_layer_alone(cnncalc):
    out = cnncalc("sweep", "conv: {out_channels: 8, kernel_size: 3}", "-i", "3x{8,9}", "-f", "csv").out
    assert out.splitlines()[1] == "item,3x8x8,224,7776,15840,8x6x6,"


def test_a_table_has_a_limit(cnncalc, monkeypatch):
    monkeypatch.setattr(command, "MOST_SHOWN", 5)
    done = cnncalc(*GRID)
    assert (done.code, done.out) == (2, "")
    assert "more than 5 points to show: --format csv or jsonl writes them as they come" in done.err
    assert cnncalc(*GRID, "--pareto", "macs").code == 0


def test_jobs_without_joblib(cnncalc, monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    done = cnncalc(*GRID, "--jobs", "2")
    assert done.code == 2
    assert "pip install 'cnncalc[sweep]'" in done.err


def test_no_figure_in_the_wrong_column(cnncalc):
    """Figures that only --where names stand behind those that are shown."""
    out = cnncalc(*GRID, "-f", "csv", "--columns", "macs", "--where", "params > 2M").out
    assert out.startswith("network,width,input,macs,params,output,error\nMobileNetV2,0.75,3x160x160,")


def document_of(page):
    return json.loads(re.search(r'<script type="application/json" id="document">(.*?)</script>', page, re.DOTALL)[1])


def test_a_page(cnncalc, tmp_path):
    done = cnncalc(*GRID, "--where", "macs > 60M", "--format", "html")
    assert done.out.startswith("<!doctype html>")
    document = document_of(done.out)
    assert document["notes"] == ["8 of 9 points"]
    assert document["points"] == 8
    path = tmp_path / "points.html"
    assert cnncalc(*GRID, "--pareto=-params,macs", "--columns", "params", "-f", "html", "-o", str(path)).out == ""
    document = document_of(path.read_text("utf-8"))
    assert [each["name"] for each in document["columns"]][3:5] == ["params", "macs"], "an objective is a column"
    assert (document["points"], document["front"]) == (9, [0, 3, 6]), "points that others beat are drawn too"


def test_a_page_opens_in_the_browser(cnncalc, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("cnncalc.cli.output.is_terminal", lambda stream=None: True)
    done = cnncalc(*GRID, "--format", "html")
    assert done.out == ""
    assert opened[0].endswith("MobileNetV2.html")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "x.html"], "-o x.html: names the file of --format html; write table to a file with '> FILE'"),
        (["-f", "html", "--pareto", "macros"], "did you mean 'macs'?"),
        (["-f", "html", "--input", "3x{1:20000}"], "more than 10,000 points to show"),
        (["-f", "html", "--where", "macs < 0"], "0 of 9 points"),
        (["-f", "htm"], "did you mean 'html'?"),
    ],
)
def test_a_page_is_refused(cnncalc, arguments, message):
    done = cnncalc(*GRID, *arguments)
    assert done.out == ""
    assert message in done.err


def test_a_page_does_not_replace_its_spec(cnncalc, tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("input: 3x8x8\nlayers:\n  - relu\n")
    done = cnncalc("sweep", str(path), "-f", "html", "-o", str(path))
    assert done.code == 2
    assert "this is the file that is read" in done.err
