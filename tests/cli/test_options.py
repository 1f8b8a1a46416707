import pytest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--depth", "0"], "--depth: expected a whole number from 1"),
        (["--depth", "two"], "got 'two'"),
        (["--batch", "-1"], "--batch: expected a whole number"),
        (["--batch", "9" * 30], "--batch: expected a whole number"),
        (["--format", "xml"], "--format: expected one of table, json, csv, markdown, got 'xml'"),
        (["--layout", "nchw"], "--layout: expected one of chw, hwc"),
        (["--input", "3x0x3"], "--input 3x0x3: '0' is no size: write a whole number of at least 1"),
        (["--input", "a=3", "--input", "4"], "name each of several inputs"),
        (["--set", "width"], "--set width: expected name=value"),
        (["--set", "nothing=3"], "no parameter 'nothing'"),
        (["--no-such-option"], "--no-such-option"),
        (["--input"], "requires an argument"),
    ],
)
def test_faults_are_sentences(cnncalc, options, message):
    done = cnncalc("shapes", "alexnet", *options)
    assert done.code == 2
    assert message in done.err
    assert "╭" not in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_inputs_by_name(cnncalc, tmp_path):
    (tmp_path / "two.yaml").write_text(
        "input: {a: 3x8x8, b: 4x8x8}\nlayers:\n  - relu:\n    from: a\n  - concat: b\n"
        "outputs: {joined: concat1, first: relu1}\n"
    )
    done = cnncalc("shapes", "two.yaml", "--input", "a=3x9x9", "--input", "b=4x9x9")
    assert "input   a 3×9×9, b 4×9×9" in done.out
    assert "output  joined 7×9×9, first 3×9×9" in done.out
