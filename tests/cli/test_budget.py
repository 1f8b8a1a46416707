"""`--budget`: what a command knows when it is spent, and who has one."""

import pytest

VARIANTS = "input: 3x8x8\nparams: {n: 1}\nlayers: [{sequence: [relu], repeat: n}]\nvariants:\n" + "".join(
    f"  v{number}: {{n: {1000 + number}}}\n" for number in range(20)
)


def test_check_keeps_what_it_found_until_then(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text(VARIANTS)
    done = cnncalc("check", "--budget", "200k", "net.yaml")
    assert done.code == 2
    assert "net.yaml: 5 networks checked: the budget of 200,000 steps is spent" in done.err
    assert "--budget 2M allows more" in done.err
    assert cnncalc("check", "--budget", "2M", "net.yaml").code == 0


def test_every_spec_has_its_own(cnncalc, tmp_path):
    for number in range(4):
        (tmp_path / f"{number}.yaml").write_text("input: 3x8x8\nlayers: [{sequence: [relu], repeat: 1000}]\n")
    (tmp_path / "large.yaml").write_text("input: 3x8x8\nlayers: [{sequence: [relu], repeat: 9000}]\n")
    done = cnncalc("shapes", *sorted(path.name for path in tmp_path.glob("*.yaml")), "--budget", "50k")
    assert done.code == 2
    assert done.out.count("\n") == 2 + 4  # a row for each of the others, below the names of the columns
    assert "large.yaml: the budget of 50,000 steps is spent, 100% of the work was expanding layers" in done.err


SWEPT = "input: 3x8x8\nparams: {n: 1}\nlayers: [{sequence: [relu], repeat: n}]\n"


@pytest.mark.filterwarnings("ignore")  # joblib's, of the machine
@pytest.mark.parametrize("workers", [[], ["-j", "2"], ["-j", "2", "--backend", "threading"]])
def test_every_point_of_a_sweep_has_its_own(cnncalc, tmp_path, workers):
    """Wherever it is computed: each of 20 takes more than half of the budget, and one more than all of it."""
    if workers:
        pytest.importorskip("joblib")
    (tmp_path / "net.yaml").write_text(SWEPT)
    done = cnncalc("sweep", "net.yaml", "--set", "n={9000,1001:1020}", "-f", "csv", "--budget", "30k", *workers)
    assert done.code == 0
    assert [row.count("the budget of 30,000 steps is spent") for row in done.out.splitlines()[1:]] == [1] + [0] * 20


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_what_is_no_number_of_steps(cnncalc, text):
    done = cnncalc("shapes", "lenet5", "--budget", text)
    assert done.code == 2
    assert "--budget" in done.err
