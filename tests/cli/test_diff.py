import csv
import io
import json
import re
import shutil
import subprocess

import pytest

SPEC = (
    "input: 3x32x32\nlayers:\n  - conv: {{out_channels: {}, kernel_size: 3}}\n  - relu\n  - flatten\n  - linear: 10\n"
)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.yaml").write_text(SPEC.format(8))
    (tmp_path / "b.yaml").write_text(SPEC.format(16).replace("relu", "gelu"))


def test_totals_then_layers(cnncalc):
    done = cnncalc("diff", "resnet@18", "resnet@34")
    assert done.code == 0
    assert done.out.startswith("ResNet@18 → ResNet@34\n")
    assert re.search(r"parameters +11,689,512 +21,797,672 +\+10,108,160 +\+86.5%", done.out)
    assert re.search(r"\+ layer3.5 +7 layers inserted +256×14×14 +1,180,672", done.out)
    assert "56 layers inserted\n48 layers differ only because of changes elsewhere (--all lists them)" in done.out


def test_edits_in_words(cnncalc, files):
    out = cnncalc("diff", "a.yaml", "b.yaml").out
    assert re.search(r"~ conv1 +out_channels 8 → 16 +8×30×30 → 16×30×30 +224 → 448", out)
    assert re.search(r"~ gelu1 +relu → gelu", out)
    assert "linear1" not in out
    out = cnncalc("diff", "a.yaml", "b.yaml", "--all").out
    assert re.search(r"· linear1 +72,010 → 144,010", out)


def test_unknown_is_said(cnncalc, tmp_path):
    spec = "input: 3x8x8\nlayers:\n  - sequence: [relu, {}]\n    name: part\n"
    (tmp_path / "a.yaml").write_text(spec.format("unknown: {op: roi, shape: [3, 8, 8]}"))
    (tmp_path / "b.yaml").write_text(spec.format("conv: {out_channels: 3, kernel_size: 3, padding: 1}"))
    out = cnncalc("diff", "a.yaml", "b.yaml").out
    assert re.search(r"parameters +unknown +84 *\n", out)
    assert re.search(r"− part.unknown1 .* unknown +unknown", out)
    out = cnncalc("diff", "a.yaml", "b.yaml", "--depth", "1").out
    assert re.search(r"part .* unknown → 84 +unknown → 5,184", out)


def test_no_difference(cnncalc):
    done = cnncalc("diff", "resnet", "resnet@50", "--input", "3xHxW")
    assert done.code == 0
    assert "no difference\n" in done.out
    assert cnncalc("diff", "alexnet", "alexnet", "--fail-over", "params=+0").code == 0


def test_the_time_of_both_on_a_device(cnncalc):
    given = ("diff", "resnet@18", "resnet@34", "--device", "rtx4090", "--batch", "256")
    out = cnncalc(*given).out
    assert re.search(r"time +[\d.]+ ms \([\d.]+ … [\d.]+ ms\) +[\d.]+ ms \([\d.]+ … [\d.]+ ms\) +\+[\d.]+ ms", out)
    assert "a batch of 256 on NVIDIA GeForce RTX 4090 (amp, nchw, eager)" in out
    found = json.loads(cnncalc(*given, "--format", "json").out)["time"]
    for side, network in (("before", "resnet@18"), ("after", "resnet@34")):
        alone = cnncalc("time", network, "--device", "rtx4090", "--batch", "256", "--format", "json").out
        batch = json.loads(alone)["batches"][0]
        assert (found[side]["seconds"], found[side]["interval"]) == (batch["seconds"], batch["interval"])
    assert found["change"] == pytest.approx(found["after"]["seconds"] - found["before"]["seconds"])
    assert "| time |" in cnncalc(*given, "--format", "markdown").out.replace("**", "")


def test_times_that_are_bounds_have_no_change(cnncalc):
    for device, batch in (("h200", "256"), ("rtx4090", "1")):
        given = ("diff", "resnet@18", "resnet@34", "--device", device, "--batch", batch)
        assert "at least" in cnncalc(*given).out
        assert json.loads(cnncalc(*given, "--format", "json").out)["time"]["change"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--device", "rtx409"), "unknown device 'rtx409': did you mean"),
        (("--device", "rtx4090", "--input", "3xHxW"), "--at gives values to H, W"),
        (("--batch", "256"), "--batch: only times depend on it: add --device"),
    ],
)
def test_times_that_are_refused(cnncalc, options, message):
    done = cnncalc("diff", "resnet@18", "resnet@34", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_revision_has_no_times(cnncalc):
    assert "--device: compares the times of two networks" in cnncalc("diff", "main", "--device", "rtx4090").err


def test_limits(cnncalc, files):
    done = cnncalc("diff", "a.yaml", "b.yaml", "--fail-over", "params=+5%,layers=+0", "--fail-over", "macs=1M")
    assert done.code == 1
    assert "limit exceeded: params: 72,234 → 144,458 (+100.0%), but +5% allows 75,845" in done.out
    assert done.out.count("limit exceeded") == 1
    done = cnncalc("diff", "a.yaml", "b.yaml", "--fail-over", "params=+5%", "-f", "json")
    assert done.code == 1
    assert json.loads(done.out)["exceeded"][0]["figure"] == "params"
    assert "cnncalc: limit exceeded: params" in done.err


def test_markdown_is_a_comment(cnncalc, files):
    out = cnncalc("diff", "a.yaml", "b.yaml", "-f", "markdown").out
    assert out.startswith("## a → b\n\n| total | before | after | change |  |\n")
    assert "| \\~ conv1 | out\\_channels 8 → 16 |" in out
    head, _, folded = out.partition(
        "<details>\n<summary>2 layers differ only because of changes elsewhere</summary>\n\n| layer |"
    )
    assert "linear1" not in head
    assert "| · linear1 |" in folded
    assert folded.endswith("\n</details>\n")


def test_many_changes_unfold_and_too_many_are_left_out(cnncalc, files, monkeypatch):
    from cnncalc.render.formats import diff_markdown

    out = cnncalc("diff", "resnet@50", "resnet@50", "--input", "3x224x224", "--set", "width=64", "-f", "markdown").out
    assert "no difference" in out
    monkeypatch.setattr(diff_markdown, "MOST_OPEN", 1)
    out = cnncalc("diff", "a.yaml", "b.yaml", "-f", "markdown").out
    assert "<details>\n<summary>2 layers edited</summary>\n\n| layer |" in out
    monkeypatch.setattr(diff_markdown, "LONGEST", 900)
    out = cnncalc("diff", "a.yaml", "b.yaml", "-f", "markdown").out
    assert "too many to list here; `--depth 1` folds the blocks" in out
    assert len(out) < 1200


def test_csv_and_json(cnncalc, files):
    rows = list(csv.DictReader(io.StringIO(cnncalc("diff", "a.yaml", "b.yaml", "-f", "csv").out)))
    assert [(row["status"], row["layer"]) for row in rows] == [
        ("edited", "conv1"), ("edited", "gelu1"), ("affected", "flatten1"), ("affected", "linear1"),
    ]  # fmt: skip
    assert (rows[0]["output_before"], rows[0]["params_after"]) == ("8x30x30", "448")
    document = json.loads(cnncalc("diff", "a.yaml", "b.yaml", "-f", "json").out)
    assert document["counts"] == {"edited": 2, "affected": 2}
    assert document["before"]["spec"] == "a.yaml"


def test_csv_has_both_names(cnncalc, tmp_path):
    for name in ("old", "new"):
        (tmp_path / f"{name}.yaml").write_text(f"input: 3x8x8\nlayers:\n  - {{relu: {{}}, name: {name}}}\n", "utf-8")
    (row,) = csv.DictReader(io.StringIO(cnncalc("diff", "old.yaml", "new.yaml", "-f", "csv").out))
    assert (row["status"], row["layer"], row["layer_before"]) == ("renamed", "new", "old")


def test_depth_sums_whole_blocks(cnncalc):
    out = cnncalc("diff", "resnet@18", "resnet@34", "--depth", "1").out
    owned = [cnncalc("params", f"resnet@{depth}", "--depth", "1").out for depth in (18, 34)]
    before, after = (re.search(r"^layer3 .* ([0-9,]+) +[0-9.]+%$", each, re.MULTILINE)[1] for each in owned)
    assert re.search(rf"\+· layer3 +28 inserted, 16 affected .* {before} → {after} ", out)


def test_closed_forms(cnncalc, files):
    out = cnncalc("diff", "a.yaml", "b.yaml", "--input", "3xHx32").out
    assert "8×(H − 2)×30 → 16×(H − 2)×30" in out
    done = cnncalc("diff", "a.yaml", "b.yaml", "--input", "3xHx32", "--fail-over", "macs=1M")
    assert done.code == 2
    assert "depends on H: say --at" in done.err
    assert cnncalc("diff", "a.yaml", "b.yaml", "--input", "3xHx32", "--at", "H=32", "--fail-over", "macs=1M").code == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_revision(cnncalc, tmp_path, files, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    spec = SPEC.format(8) + "variants: {wide: {}}\n"
    (tmp_path / "a.yaml").write_text(spec)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True)
    (tmp_path / "a.yaml").write_text(spec.replace("relu", "tanh"))
    out = cnncalc("diff", "HEAD:a.yaml", "a.yaml").out
    assert re.search(r"~ tanh1 +relu → tanh", out)
    assert "no difference" in cnncalc("diff", "HEAD:a.yaml@wide", "HEAD:a.yaml").out
    assert "did you mean 'wide'" in cnncalc("diff", "HEAD:a.yaml@wid", "a.yaml").err
    assert "git does not know the revision 'HAED'" in cnncalc("diff", "HAED:a.yaml", "a.yaml").err
    (tmp_path / "HEAD:a.yaml").write_text(SPEC.format(4))
    assert "4×30×30" in cnncalc("diff", "HEAD:a.yaml", "a.yaml").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["alexnet", "alexnett"], "did you mean 'alexnet'?"),
        (["alexnet", "vgg", "--fail-over", "parms=+5%"], "no figure 'parms': did you mean 'params'?"),
        (["alexnet", "vgg", "--set", "width=3"], "no parameter 'width'"),
        (["--exact"], "Missing argument 'A B or REV'"),
        (["alexnet", "vgg", "resnet", "--", "x"], "expected two networks, or a revision and, after '--', paths"),
        (["--", "alexnet"], "expected two networks, or a revision and, after '--', paths"),
        (["HEAD:net.onnx", "alexnet"], "out of git only a spec is read"),
    ],
)
def test_faults_are_sentences(cnncalc, arguments, message):
    done = cnncalc("diff", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
