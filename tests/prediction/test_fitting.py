import pytest

numpy = pytest.importorskip("numpy")

from cnncalc.prediction.fitting import fit, held_out, nnls  # noqa: E402

TRUE = numpy.array([2e-12, 0.0, 3e-10])


def runs(count=30, seed=0):
    random = numpy.random.default_rng(seed)
    amounts = random.uniform(0.1, 1, (count, 3)) * [1e9, 1e8, 1e7]
    return amounts, amounts @ TRUE


def test_what_made_the_times_is_found_again():
    amounts, seconds = runs()
    assert fit(amounts, seconds) == pytest.approx(TRUE, rel=1e-6, abs=1e-15)


def test_one_run_that_is_far_off_hardly_matters():
    amounts, seconds = runs()
    seconds[3] *= 10
    assert fit(amounts, seconds)[[0, 2]] == pytest.approx(TRUE[[0, 2]], rel=0.02)


def test_a_term_that_no_run_has_costs_nothing():
    amounts, seconds = runs()
    amounts[:, 1] = 0
    assert fit(amounts, seconds)[1] == 0


@pytest.mark.parametrize("seed", range(20))
def test_non_negative_least_squares_meets_its_conditions(seed):
    """Karush, Kuhn and Tucker: no solution is negative, no gradient of a zero would lower the sum of squares."""
    random = numpy.random.default_rng(seed)
    left, right = random.normal(size=(12, 5)), random.normal(size=12)
    found = nnls(left, right)
    for guess in (found > 0, found == 0, random.random(5) < 0.5):
        assert nnls(left, right, guess) == pytest.approx(found)
    gradient = left.T @ (left @ found - right)
    assert (found >= 0).all()
    assert (gradient >= -1e-8).all()
    assert gradient[found > 0] == pytest.approx(0, abs=1e-8)


def test_a_group_has_no_part_in_its_own_prediction():
    amounts, seconds = runs()
    groups = [place // 3 for place in range(len(seconds))]
    true = seconds.copy()
    seconds[:3] *= 5
    assert held_out(amounts, seconds, groups)[:3] == pytest.approx(true[:3], rel=1e-6)
