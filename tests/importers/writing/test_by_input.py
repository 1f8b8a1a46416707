"""Symbolic sizes as expressions of what a layer reads."""

from __future__ import annotations

import pytest

from cnncalc.errors import UsageError
from cnncalc.importers.writing.by_input import spell_by_input
from cnncalc.symbolic import symbol

H, W = symbol("H"), symbol("W")


@pytest.mark.parametrize(
    ("size", "entering", "spelling"),
    [
        (H, (3, H, W), "in_size[0]"),
        (W * H, (3, H, W), "in_size[0] * in_size[1]"),
        (H + 64, (H,), "in_channels + 64"),
        (H - 5, (3, H), "in_size[0] - 5"),
        (H * 6, (3, H), "6 * in_size[0]"),
        (H // 4, (3, H), "in_size[0] // 4"),
        ((H + 320) // 512, (3, H), "(in_size[0] + 320) // 512"),
        ((H + 3) // 4, (3, H), "(in_size[0] + 3) // 4"),
        ((H - 3) // 2, (3, H), "(in_size[0] - 3) // 2"),
    ],
)
def test_sizes_are_spelt_by_the_input(size, entering, spelling):
    assert spell_by_input("one", size, entering) == spelling


def test_what_is_no_expression_names_the_symbols_to_put_numbers_for():
    with pytest.raises(UsageError, match=r"import it with numbers \(--input\) for H or W"):
        spell_by_input("one", W, (3, H * W))
