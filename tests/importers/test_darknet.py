"""Public cfgs beside Darknet's own figures, and the BFLOPs that AlexeyAB's README publishes."""

import csv
import json
import random
import warnings
from contextlib import suppress
from pathlib import Path

import pytest

import cnncalc
from cnncalc.conventions import convention
from cnncalc.errors import CnncalcError, Source
from cnncalc.importers.darknet.recurrent import RECURRENT
from cnncalc.importers.darknet.trace import trace

from ..examples import examples

DATA = Path(__file__).parents[3] / "shared" / "data" / "darknet"
ROWS = list(csv.DictReader((DATA / "truth.csv").read_text("utf-8").splitlines())) if DATA.exists() else []
LOADED = [row for row in ROWS if row["width"] and (row["loads_in_darknet"] == "yes" or row["trainable"])]
EVERY = examples(1) > 1  # CNNCALC_EXAMPLES: all of them
TAKEN = LOADED if EVERY else LOADED[::5]
RECURRENT_FILES = ("AlexeyAB_crnn.train.cfg", "AlexeyAB_gru.cfg", "AlexeyAB_rnn.train.cfg")
OF_STEPS = [row for row in ROWS if row["file"] in (*RECURRENT_FILES, "AlexeyAB_yolov3-tiny_occlusion_track.cfg")]

# Two figures of the README whose files have other names here: yolov3.cfg, and yolov4-csp-x-mish.cfg at 640.
ELSEWHERE = [
    {"cfg": "AlexeyAB_yolov3_2.cfg", "size": "416", "published_bflops": "65.9"},
    {"cfg": "AlexeyAB_yolov4-csp-x-mish.cfg", "size": "640", "published_bflops": "221"},
]


@pytest.mark.parametrize("row", [*TAKEN, *OF_STEPS], ids=lambda row: row["file"])
def test_counts_are_darknets(row):
    """Floats of the weights file; PyTorch's count of batches is ours alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = cnncalc.import_network(DATA / "files" / row["file"], flat=True).analyze()
    kinds = [layer.kind for layer in report.layers]
    if row["trainable"]:
        assert report.params == int(row["trainable"])
    if row["darknet_weights_floats"] and not any(layer.kind == "unknown" for layer in report.layers):
        assert report.params + report.totals.buffers - kinds.count("batchnorm") == int(row["darknet_weights_floats"])
    if row["darknet_bflops"] and "xnor" not in row["note"] and "unknown" not in kinds:
        total = convention("darknet").tally(report.graph).total
        within = 2e-4 if "constant" in kinds else 1e-6  # Darknet does not count the sums within recurrent layers
        assert total == pytest.approx(float(row["darknet_bflops"]) * 1e9, rel=within, abs=2e4)


@pytest.mark.skipif(not ROWS, reason="the public files are not there")
def test_every_public_file_is_read():
    """Two do not say how large their input is: `--input` does."""
    refused = {}
    for row in ROWS:
        path = DATA / "files" / row["file"]
        try:
            trace(Source(str(path), path.read_text("utf-8", "replace")))
        except CnncalcError as error:
            refused[row["file"]] = str(error).partition(": ")[2]
    assert [*refused] == ["user_05.cfg", "user_06.cfg"]
    for name, reason in refused.items():
        assert "[net] has no width" in reason
        path = DATA / "files" / name
        assert trace(Source(str(path), path.read_text("utf-8", "replace")), (3, 416, 416)).nodes


@pytest.mark.parametrize("row", TAKEN, ids=[row["file"] for row in TAKEN])
def test_every_layer_has_darknets_size(row):
    lines = map(json.loads, (DATA / "layers.jsonl").read_text("utf-8").splitlines())
    listed = next((line["layers"] for line in lines if line.get("file") == row["file"]), [])
    path = DATA / "files" / row["file"]
    traced = trace(Source(str(path), path.read_text("utf-8", "replace")))
    sizes = {}
    for node in traced.nodes:
        sizes[int(node.name.partition(".")[0].removeprefix("layer"))] = node.output
    for index, kind, *_, out_w, out_h, out_c in (entry[:8] for entry in listed):
        if index in sizes and kind not in RECURRENT and out_w and len(sizes[index]) == 3:
            assert sizes[index] == (out_c, out_h, out_w), (index, kind)


@pytest.mark.skipif(not ROWS, reason="the public files are not there")
def test_the_published_bflops():
    rows = [*csv.DictReader((DATA / "published.csv").read_text("utf-8").splitlines()), *ELSEWHERE]
    for row in rows:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            size = int(row["size"])
            report = cnncalc.import_network(DATA / "files" / row["cfg"], (3, size, size), flat=True).analyze()
        total = convention("darknet").tally(report.graph).total
        digits = len(row["published_bflops"].partition(".")[2])
        printed = {round(total / 1e9, digits), int(total / 1e9 * 10**digits) / 10**digits}  # some are cut
        published = float(row["published_bflops"])
        assert published in printed or total == pytest.approx(published * 1e9, rel=0.003), row
    assert len(rows) == 14


@pytest.mark.skipif(not ROWS, reason="the public files are not there")
def test_mutated_files_are_a_sentence():
    """Cut, doubled and changed lines; `CNNCALC_EXAMPLES=500` tries 100,000."""
    rng = random.Random(5)
    texts = [(DATA / "files" / row["file"]).read_text("utf-8", "replace") for row in LOADED[:12]]
    texts = [text[:2500] for text in texts]
    for _ in range(examples(200)):
        lines = rng.choice(texts).split("\n")
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(lines))
            line = lines[place]
            cut = rng.randrange(len(line) + 1)
            lines[place] = rng.choice(
                [line[:cut], line[:cut] + rng.choice("=[]#-9,x\0é") + line[cut:], f"{line}\n{line}", ""]
            )
        with suppress(CnncalcError):
            trace(Source("net.cfg", "\n".join(lines)))
