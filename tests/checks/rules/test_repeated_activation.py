import pytest

from ..marked import check, specs

RULE = "repeated-activation"


@pytest.mark.parametrize("path", specs(RULE), ids=lambda path: path.stem)
def test_fixtures(path):
    check(RULE, path)
