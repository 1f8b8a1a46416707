"""The postponed pattern of PyYAML: which pattern it is, that it works when used, and that `re` is as it was."""

import re
import subprocess
import sys

import pytest

from cnncalc.source.pyyaml import ALLOWED, Postponed, yaml

ISOLATED = """
import re
compile = re.compile
from cnncalc.source.pyyaml import Postponed, yaml
assert re.compile is compile
assert type(yaml.reader.Reader.NON_PRINTABLE) is Postponed, yaml.reader.Reader.NON_PRINTABLE
assert yaml.safe_load("a: [1, x]") == {"a": [1, "x"]}
assert yaml.reader.Reader.NON_PRINTABLE.search("a\\u0007b").start() == 1
try:
    yaml.load("a: \\u0007", Loader=yaml.SafeLoader)
except yaml.reader.ReaderError as error:
    assert error.position == 3, error
else:
    raise AssertionError
"""


def test_it_is_postponed_and_works_in_a_process_of_its_own():
    subprocess.run([sys.executable, "-c", ISOLATED], check=True)


@pytest.mark.parametrize("text", ["a\x07b", "plain", "\ufffe", "\U0001f600", "\x85"])
def test_a_postponed_pattern_finds_what_the_pattern_finds(text):
    pattern = ALLOWED + "\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    found, expected = Postponed(pattern).search(text), re.compile(pattern).search(text)
    assert (found and found.span()) == (expected and expected.span())


def test_it_is_the_library_itself():
    assert yaml is sys.modules["yaml"]
