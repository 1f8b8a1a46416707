import pytest

from ..marked import check, specs

RULE = "dropout-before-norm"


@pytest.mark.parametrize("path", specs(RULE), ids=lambda path: path.stem)
def test_fixtures(path):
    check(RULE, path)
