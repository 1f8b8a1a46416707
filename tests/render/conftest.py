import pytest

import cnncalc


@pytest.fixture
def report():
    """The report on a text, or on a shipped network."""

    def of(spec: str, **request):
        return (cnncalc.parse(spec) if "\n" in spec else cnncalc.load(spec)).analyze(**request)

    return of
