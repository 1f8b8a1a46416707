import json

from cnncalc.document.schema import spec_schema


def test_prints_the_schema(cnncalc):
    done = cnncalc("schema")
    assert done.code == 0
    assert json.loads(done.out) == spec_schema()
