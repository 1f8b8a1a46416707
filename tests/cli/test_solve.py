import json

import pytest

from ..solutions.test_products import TOKENS


def test_the_inputs_at_which_alexnet_fits(cnncalc):
    done = cnncalc("solve", "alexnet", "--near", "224")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert "last map  256×(⌊(H+29)/32⌋ − 2)×(⌊(W+29)/32⌋ − 2), of maxpool3" in lines
    assert sum("H ≡ 3 (mod 32), H ≥ 67" in line for line in lines) == 1
    assert [line.split()[0] for line in lines if line.startswith("3×")] == ["3×195×195", "3×227×227"]


@pytest.mark.parametrize(
    ("network", "fit", "answer"),
    [
        ("resnet@50", "exact", "H ≡ 1 (mod 32)"),
        ("resnet@50", "pixels", "every H ≥ 1"),
        ("unet", "exact", "H ≡ 12 (mod 16), H ≥ 188"),
        ("unet@padded", "exact", "H ≡ 0 (mod 16)"),
        ("alexnet@torchvision", "pixels", "H ≡ 0, 1 or 31 (mod 32), H ≥ 63"),
    ],
)
def test_what_fits(cnncalc, network, fit, answer):
    done = cnncalc("solve", network, "--fit", fit, "--format", "csv")
    (row,) = [line for line in done.out.splitlines() if line.startswith("H,")]
    assert answer in row


def test_json_has_the_residues(cnncalc):
    document = json.loads(cnncalc("solve", "unet", "--near", "572", "--format", "json").out)
    found = document["solution"]["symbols"]["H"]["fits"]
    assert (found["modulus"], found["residues"], found["smallest"]) == (16, [12], 188)
    assert document["solution"]["near"][0]["outputs"] == {"output": [2, 388, 388]}


def test_one_size_per_axis(cnncalc):
    done = cnncalc("solve", "alexnet", "--near", "224x300")
    assert "3×195×291" in done.out
    assert "3×227×323" in done.out


def test_a_layer_solved_for_its_output(cnncalc):
    done = cnncalc("solve", "alexnet", "--layer", "conv1", "--output", "54")
    assert done.code == 0
    assert "kernel_size: 12 to 14  leaves rows unread" in done.out
    assert "kernel_size: 15        fits exactly" in done.out


def test_a_network_that_fits_nowhere_names_the_layers(cnncalc, tmp_path):
    path = tmp_path / "never.yaml"
    path.write_text(
        "input: 1x9\nlayers:\n"
        "  - conv: {out_channels: 4, kernel_size: 2, stride: 2}\n    name: even\n"
        "  - conv: {out_channels: 4, kernel_size: 1, stride: 2}\n    from: input\n    name: odd\n"
        "outputs: [even, odd]\n",
        "utf-8",
    )
    done = cnncalc("solve", str(path))
    assert done.code == 0
    assert "no size" in done.out
    assert "even needs" in done.out
    assert "odd needs" in done.out
    assert "they contradict each other" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["solve", "alexnet", "--layer", "conv1"], "--layer and --output must be used together"),
        (["solve", "alexnet", "--near", "x"], "--near: expected a size of at least 1"),
        (["solve", "alexnet", "--near", "1x2x3"], "--near: expected 1 or 2 sizes (H, W), got 3"),
        (["solve", "alexnet", "--fit", "loose"], "--fit: expected one of exact, pixels"),
        (["solve", "alexnet", "--layer", "conv9", "--output", "3"], "no layer named 'conv9'"),
        (["solve", "linear: 3", "--input", "7"], "nothing to solve for"),
    ],
)
def test_what_is_at_fault(cnncalc, arguments, message):
    done = cnncalc(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert message in done.err


def test_a_fixed_number_of_tokens_is_said_as_the_condition_and_the_sizes(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text(TOKENS)
    out = cnncalc("solve", "net.yaml", "--near", "300").out
    rows = {line.split()[0]: line.split(maxsplit=1)[1] for line in out.splitlines() if line[:2] in ("H ", "W ")}
    for name, row in rows.items():
        sizes = f"{name} ∈ {{16, 32, 64, 112, 224, 448, 784, 1568, …}}"
        assert " ".join(row.split()) == f"⌊H/16⌋·⌊W/16⌋ = 196 {sizes}"
    assert [line.split()[0] for line in out.splitlines() if line.startswith("3×")] == ["3×224×224", "3×112×448"]
    assert "H ≥ 16" not in cnncalc("shapes", "net.yaml", "--input", "3xHxW").out
    found = json.loads(cnncalc("solve", "net.yaml", "--format", "json").out)["solution"]["symbols"]["W"]
    assert found["fits"]["scattered"] == [16, 32, 64, 112, 224, 448, 784, 1568, 3136]
    assert (found["valid"]["smallest"], found["valid"]["largest"]) == (16, 3151)
    for form in ("csv", "markdown"):
        assert "H ≥ 16" not in cnncalc("solve", "net.yaml", "--format", form).out


def test_any_condition_that_couples_symbols_is_said_beside_their_bounds(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text(
        """
input: {a: 3xHx9, b: 3xLx9}
layers:
  - conv: {out_channels: 4, kernel_size: 3, stride: 2}
    from: a
    name: first
  - conv: {out_channels: 4, kernel_size: 3, stride: [3, 2]}
    from: b
  - add: first
"""
    )
    assert "H ≥ 3, ⌊(H+1)/2⌋ − 1 = ⌊L/3⌋" in cnncalc("solve", "net.yaml").out
