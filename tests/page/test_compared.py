"""The page of two networks in a real browser: what it marks, what follows the sizes, and what it must withstand."""

import pytest

import cnncalc
from cnncalc.page.page import ComparedPage
from cnncalc.page.union import Side

NET = """
name: small
input: 3x64x64
blocks:
  double(width):
    - conv: {out_channels: width, kernel_size: 3, padding: 1}
    - relu
    - conv: {out_channels: width, kernel_size: 3, padding: 1}
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
    name: stem
  - batchnorm
  - relu
  - double: 16
    name: block1
  - conv: {out_channels: 32, kernel_size: 3, stride: 2}
    name: down
  - double: 32
    name: block2
"""
OTHER = NET.replace("  - batchnorm\n", "").replace("kernel_size: 3, stride: 2", "kernel_size: 5, stride: 2")
OTHER += "  - double: 32\n    name: block3\n"


def compared(before, after, names=("", "")):
    specs = [each if isinstance(each, cnncalc.Spec) else cnncalc.parse(each) for each in (before, after)]
    one, other = (Side(spec.analyze(), spec, None, name) for spec, name in zip(specs, names, strict=True))
    return ComparedPage(one, other)


@pytest.fixture
def page(open_page):
    return open_page(compared(NET, OTHER, ("old.yaml", "new.yaml")))


def cell(page, figure, place):
    return page.tab.locator(f".view-totals tr[data-figure='{figure}'] td").nth(place).inner_text()


def test_totals_and_counts(page):
    before, after = (cnncalc.parse(each).analyze() for each in (NET, OTHER))
    assert page.text("h1") == "old.yaml → new.yaml"
    assert page.tab.title() == "old.yaml → new.yaml"
    assert cell(page, "parameters", 0) == f"{before.params:,}"
    assert cell(page, "parameters", 1) == f"{after.params:,}"
    assert cell(page, "parameters", 2).startswith(f"+{after.params - before.params:,}")
    title = page.tab.locator(".view-totals tr[data-figure=MACs]").get_attribute("title")
    assert title == f"{before.macs:,} → {after.macs:,}"
    counts = [each.inner_text() for each in page.tab.locator("[data-count]").all()]
    assert counts[:3] == ["+ 3 layers added", "− 1 layer removed", "~ 1 layer changed"]
    assert page.complaints == []


def test_marks_by_a_sign_and_by_colour(page):
    assert page.tab.locator(".node[data-name=block3] .badge").text_content() == "+"
    assert page.tab.locator(".node[data-name=batchnorm1] .badge").text_content() == "−"
    assert page.tab.locator(".node[data-name=down] .badge").text_content() == "~"
    assert page.tab.locator(".node[data-name=down] .words").text_content() == "kernel_size 3×3 → 5×5"
    assert page.tab.locator(".node[data-name=stem] .badge").count() == 0
    assert page.tab.locator(".edge.removed").count() == 2, "into the removed layer and out of it"
    assert page.tab.locator(".edge.inserted").count() == 1
    boxes = [page.tab.locator(f".node[data-name={name}] .box") for name in ("block3", "batchnorm1", "down", "stem")]
    fills = [each.evaluate("(box) => getComputedStyle(box).fill") for each in boxes]
    assert len(set(fills)) == 4
    assert "removed" in page.tab.locator(".node[data-name=batchnorm1]").get_attribute("aria-label")
    page.click("button[data-name=rows]")
    assert page.tab.locator(".row[data-name=block3] .sign").text_content() == "+ "
    page.click("button[data-name=params]")
    assert page.tab.locator(".ramp").inner_text().endswith("of the parameters")
    assert page.complaints == []


def test_the_panel_says_what_changed(page):
    page.ask("store.select(store.byName.get('down').id)")
    assert page.text(".change-head") == "~ changed"
    assert page.text(".view-change .edits") == "kernel_size 3×3 → 5×5"
    row = page.tab.locator(".view-change tr[data-figure=parameters]").inner_text().split()
    assert row == ["parameters", f"{16 * 9 * 32 + 32:,}", f"{16 * 25 * 32 + 32:,}", f"+{16 * 16 * 32:,}+176.6%"]
    assert page.tab.locator(".view-change tr[data-figure=output]").inner_text().split() == [
        "output",
        "32×31×31",
        "32×30×30",
    ]
    assert page.tab.locator(".view-window .window-formula").count() == 1
    page.ask("store.select(store.byName.get('stem').id)")
    assert page.text(".change-head") == "the same in both networks"
    page.ask("store.select(store.byName.get('− batchnorm1').id)")
    assert page.text(".change-head") == "− removed: only in old.yaml"
    assert "- batchnorm" in page.text(".source-lines")
    assert page.tab.locator(".view-field").inner_text() == ""
    page.ask("store.select(store.byName.get('block2.conv1').id)")
    assert page.text(".change-head").startswith("· written the same")
    assert page.complaints == []


def test_sizes_move_in_both(page):
    page.tab.locator("input[data-symbol=H]").fill("50")
    before, after = (cnncalc.parse(each).analyze((3, 50, 50)) for each in (NET, OTHER))
    title = page.tab.locator(".view-totals tr[data-figure=MACs]").get_attribute("title")
    assert title == f"{before.macs:,} → {after.macs:,}"
    page.tab.locator("input[data-symbol=H]").fill("2")
    assert "refuses this size" in page.text(".verdict")
    assert page.complaints == []


def test_the_table_lists_what_differs(page):
    rows = page.tab.locator(".view-both tbody tr")
    page.tab.locator(".view-both tbody tr").first.wait_for()
    assert rows.count() == 8, "three added, one removed, one changed, and three behind it"
    page.tab.locator("button", has_text="every layer").click()
    assert rows.count() == 13
    page.tab.locator(".view-both .find").fill("removed")
    assert [each.inner_text() for each in page.tab.locator(".view-both tbody td:nth-child(3)").all()] == ["batchnorm1"]
    csv = page.tab.evaluate("document.querySelector('.view-both').csv()").splitlines()
    assert csv[1] == "2,−,batchnorm1,removed: batchnorm,16×64×64,32,,−32,0,,,256 KiB"
    assert page.complaints == []


def test_networks_that_are_equal(open_page):
    page = open_page(compared(NET, NET))
    assert page.text(".counts") == "no layer differs"
    assert page.tab.locator(".badge").count() == 0
    assert page.text("h1") == "before → after"
    assert page.complaints == []


def test_a_reload_finds_a_removed_layer(page):
    page.click(".node[data-name=down]")
    page.click(".node[data-name=batchnorm1]")
    page.tab.wait_for_timeout(400)
    page.tab.reload()
    assert page.text(".view-layer h2") == "batchnorm1"


def test_fits_a_phone_and_a_sheet_of_paper(open_page):
    page = open_page(compared(NET, OTHER), 390, 800)
    assert page.tab.evaluate("document.documentElement.scrollWidth") == 390
    page.tab.emulate_media(media="print")
    page.tab.set_viewport_size({"width": 900, "height": 1200})
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 900


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>document.title='owned'</script>",
        "\u202egnp\u2066 ]]>",
        "w" * 10_000,
        "\" onclick='x' <img src=x>",
    ],
)
def test_no_name_becomes_markup(open_page, text):
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    one, other = (each.replace("name: small", f"name: {quoted}") for each in (NET, OTHER))
    page = open_page(compared(one, other.replace('name: "', 'name: "x'), (text, text)))
    shown = page.tab.locator("h1").text_content()
    assert shown == f"{text} → x{text}"
    assert page.tab.title() != "owned"
    assert page.tab.locator("script").count() == 2
    assert page.tab.locator("img").count() == 0
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signs_stand_out(open_page, scheme):
    """The contrast that WCAG 2 asks of text, AA: of every mark on paper and on its wash."""
    page = open_page(compared(NET, OTHER), color_scheme=scheme)
    for pair in [(mark, ground) for mark in ("added", "removed", "changed") for ground in ("paper", f"{mark}-wash")]:
        one, other = (luminance(page, name) for name in pair)
        assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 4.5, pair


def luminance(page, name):
    text = page.tab.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()").lstrip(
        "#"
    )
    text = "".join(sign * 2 for sign in text) if len(text) == 3 else text
    channels = [int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
