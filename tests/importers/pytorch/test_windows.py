"""Groups of positions against windows cut by hand, as Swin, MaxViT and MobileViT cut them."""

import pytest

np = pytest.importorskip("numpy")

from cnncalc.importers.pytorch.windows import Local, match, rows_of  # noqa: E402

SIZES = (6, 8)
PLACES = np.arange(48).reshape(SIZES)


def cut(places, high, wide):
    """Windows in rows, as torchvision's Swin cuts them."""
    windows = places.reshape(6 // high, high, 8 // wide, wide).transpose(0, 2, 1, 3)
    return windows.reshape(-1, high * wide)


def spaced(high, wide):
    """Every (6 / high)-th row and (8 / wide)-th column, as MaxViT's grid."""
    groups = [PLACES[i :: 6 // high, j :: 8 // wide].flatten() for i in range(6 // high) for j in range(8 // wide)]
    return np.stack(groups)


CASES = {
    "windows": (cut(PLACES, 3, 4), Local("window", (3, 4), (0, 0))),
    "shifted": (cut(np.roll(PLACES, (-1, -2), (0, 1)), 3, 4), Local("window", (3, 4), (1, 2))),
    "rows": (cut(PLACES, 1, 8), Local("window", (1, 8), (0, 0))),
    "grid": (spaced(3, 2), Local("dilation", (3, 2), (0, 0))),
}


@pytest.mark.parametrize("name", CASES)
def test_groups_are_recognised(name):
    rows, expected = CASES[name]
    assert match(rows, SIZES) == expected
    assert np.array_equal(rows_of(SIZES, expected), rows)


def test_other_groups_are_not():
    assert match(cut(PLACES, 3, 4)[:, ::-1], SIZES) is None
    assert match(np.random.default_rng(0).permutation(48).reshape(4, 12), SIZES) is None


def test_a_window_that_covers_the_map_is_one_where_asked():
    whole = np.arange(48).reshape(1, 48)
    assert match(whole, SIZES) is None
    assert match(whole, SIZES, "grid") == Local("grid", SIZES, (0, 0))


def test_the_fields_of_a_spec():
    assert Local("window", (3, 4), (1, 2)).arguments(SIZES) == {"window": [3, 4], "shift": [1, 2]}
    assert Local("grid", (3, 2), (0, 0)).arguments(SIZES) == {"grid": [3, 2]}
    assert Local("dilation", (3, 2), (0, 0)).arguments(SIZES) == {"dilation": [2, 4]}
