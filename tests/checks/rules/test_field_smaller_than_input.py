import pytest

from ..marked import check, specs

RULE = "field-smaller-than-input"


@pytest.mark.parametrize("path", specs(RULE), ids=lambda path: path.stem)
def test_fixtures(path):
    check(RULE, path)
