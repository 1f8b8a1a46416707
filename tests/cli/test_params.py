import csv
import io
import re

import pytest

NETWORKS = ["alexnet", "googlenet", "lenet5", "mobilenet_v2", "resnet@18", "resnet@50", "tcn", "unet", "vgg@16"]


def number(text: str) -> int:
    return int(text.replace(",", "")) if text else 0


def sections(out: str) -> list[tuple[list[dict[str, int]], dict[str, int]]]:
    """The rows and the printed total of every section, read by the columns of the heading."""
    lines = out.splitlines()
    (start,) = [i for i, line in enumerate(lines) if re.match(r"layer +what it is", line)]
    heading = lines[start]
    ends = {name: heading.index(name) + len(name) for name in ("weights", "biases", "buffers", "parameters")}
    found, rows = [], []
    for line in lines[start + 1 :]:
        if line.startswith("training heads") or len(line) < ends["parameters"]:
            continue  # a heading, or the header of a block
        cells = {name: re.search(r"[\d,]*$", line[:end])[0] for name, end in ends.items()}
        figures = {name: number(text) for name, text in cells.items()}
        if line.startswith("total"):
            found.append((rows, figures))
            rows = []
        elif cells["parameters"]:
            rows.append(figures)
    return found


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("depth", ["1", "2", "9"])
def test_printed_rows_add_up_to_the_printed_totals(cnncalc, name, depth):
    out = cnncalc("params", name, "--depth", depth).out
    read = sections(out)
    assert len(read) == 1 + (name == "googlenet")
    for rows, total in read:
        assert rows
        for column, expected in total.items():
            assert sum(row[column] for row in rows) == expected
        assert total["weights"] + total["biases"] == total["parameters"]


def test_training_heads_apart(cnncalc):
    out = cnncalc("params", "googlenet").out
    assert "6,624,904 parameters, with training heads 13,004,888" in out


def test_alexnet(cnncalc):
    assert "60,965,224 parameters" in cnncalc("params", "alexnet").out.splitlines()


def test_shared_and_frozen(cnncalc, tmp_path):
    (tmp_path / "shared.yaml").write_text(
        "input: 8\nlayers:\n  - linear: 8\n    name: a\n  - linear:\n    share: a\n  - linear: 8\n    frozen: true\n"
    )
    out = cnncalc("params", "shared.yaml").out
    assert "linear 8, shared with a" in out
    assert "linear 8, frozen" in out
    assert "144 parameters" in out
    assert "72 trainable, 72 frozen" in out
    rows = list(csv.DictReader(io.StringIO(cnncalc("params", "shared.yaml", "-f", "csv").out)))
    assert [row["params"] for row in rows] == ["72", "0", "72"]
    assert [row["shared_with"] for row in rows] == ["", "a", ""]


def test_shares(cnncalc):
    rows = list(csv.DictReader(io.StringIO(cnncalc("params", "vgg@16", "-f", "csv").out)))
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=1e-4)


def test_of_nothing(cnncalc):
    out = cnncalc("params", "relu", "--input", "3x8x8").out
    assert "0 parameters" in out
