"""Markdown as text: wrapped, but for code."""

from cnncalc.render.prose import Look, render_prose

PAGE = """\
# word: what it is

A paragraph that is longer than a line, with a [link](other.md) and `code that is kept in one piece`.

- `first`: an item that
  goes on.
- `second`: another.

```yaml
# a.yaml
input: 3x32x32  # a comment that is longer than a line of forty columns
```

```console
$ cnncalc shapes a.yaml

a line
```
"""


def test_layout():
    assert render_prose(PAGE, 40) == (
        "word: what it is\n"
        "\n"
        "A paragraph that is longer than a line,\n"
        "with a link and\n"
        "`code that is kept in one piece`.\n"
        "\n"
        "- `first`: an item that goes on.\n"
        "- `second`: another.\n"
        "\n"
        "  # a.yaml\n"
        "  input: 3x32x32  # a comment that is longer than a line of forty columns\n"
        "\n"
        "  $ cnncalc shapes a.yaml\n"
        "\n"
        "  a line\n"
    )


def test_a_link_to_a_topic_is_code():
    assert render_prose("[when](when.md), [conventions](../conventions.md)\n", 80) == "`when`, conventions\n"


def test_an_item_hangs():
    assert render_prose("- an item of two lines\n", 14) == "- an item of\n  two lines\n"


def test_each_kind_of_text_has_its_look():
    look = Look(heading=str.upper, prose=lambda text: f"<{text}>", yaml=lambda text: text.replace("input", "INPUT"))
    text = render_prose(PAGE, 80, look)
    assert text.startswith("WORD: WHAT IT IS\n")
    assert "<- `second`: another.>\n" in text
    assert "  INPUT: 3x32x32" in text
    assert "  $ cnncalc shapes a.yaml\n" in text
