"""Text in Markdown is shown as it is, on a code host too."""

import pytest

from cnncalc.render.formats.markdown import escape_markdown

APART = "&#8203;"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b *c* _d_ `e` <b> [x](y) #h ~s~ $m$", r"a\|b \*c\* \_d\_ \`e\` \<b\> \[x\](y) \#h \~s\~ \$m\$"),
        ("&#64;bob &lt;", r"\&\#" + APART + r"64;bob \&lt;"),
        ("@bob", f"@{APART}bob"),
        ("_@bob/team", rf"\_@{APART}bob/team"),
        ("resnet@50", "resnet@50"),
        ("a@b.example", f"a@{APART}b.example"),
        ("http://x.y ftp://z", f"http:{APART}//x.y ftp:{APART}//z"),
        ("www.x.y WWW.x", f"www{APART}.x.y WWW{APART}.x"),
        ("o/r#1 GH-2", rf"o/r\#{APART}1 GH-{APART}2"),
        ("a\nb", r"a\\nb"),
    ],
)
def test_escapes(text, expected):
    assert escape_markdown(text) == expected
