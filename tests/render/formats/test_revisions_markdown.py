import pytest

from cnncalc.errors import Source
from cnncalc.render.formats import revisions_markdown as module
from cnncalc.render.formats.revisions_markdown import revisions_markdown
from cnncalc.revisions.networks import Asked, compare_pair
from cnncalc.revisions.pairs import Pair
from cnncalc.revisions.sides import File, Side, Sides
from cnncalc.source.repository import Repository

SPEC = "input: 3x8x8\nlayers:\n  - conv: {out_channels: 4, kernel_size: 1}\n"
SIDES = Sides(*(Side(label, Repository("/", "", False), {}) for label in ("main", "HEAD")), "from main to HEAD")


def changes(number, new):
    files = [File(Source("net.yaml", text), is_spec=True) for text in (SPEC, new)]
    pairs = [Pair(f"net{index}.yaml", f"net{index}.yaml", *files) for index in range(number)]
    return [change for pair in pairs for change in compare_pair(pair, Asked())]


@pytest.mark.parametrize("number", [1, 10, 200, 3000])
def test_a_comment_has_room_for_what_is_said(number):
    text = revisions_markdown(SIDES, changes(1, SPEC.replace("4", "8")) * number)
    assert len(text) < 65_536
    details = text.count("<details>")
    assert details == number if number <= 10 else details > 10 or number == 3000
    left_out = number - details
    assert (f"the details of {left_out:,} more do not fit into a comment" in text) is bool(left_out)
    assert ("more networks do not fit into a comment" in text) is (number == 3000)
    assert f"{number:,} network{'s' * (number > 1)} of 1 changed spec\n" in text


def test_many_faults_and_a_fence_that_a_text_cannot_close():
    broken = "input: 3x8x8\nlayers:\n" + "".join(f"  - '````x{index}'\n" for index in range(50))
    text = revisions_markdown(SIDES, changes(1, broken))
    assert text.count("unknown layer") == 1 + module.MOST_FAULTS
    assert "\n`````text\n" in text
