"""The page of a sweep: its document, and its picture in a real browser."""

import json
import random
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.page.page import SweepPage
from cnncalc.page.points import points_document
from cnncalc.sweeps.grid import NetworkText
from cnncalc.sweeps.pareto import Front
from cnncalc.sweeps.sweep import Sweep
from cnncalc.sweeps.where import objectives

PAGE = Path(cnncalc.__file__).parent / "page"
NODE = shutil.which("node")
NET = """
name: small
input: 3x32x32
params: {width: 8, k: 3, act: relu}
layers:
  - conv: {out_channels: 48 * width, kernel_size: k}
  - relu
  - maxpool: 2
  - conv: {out_channels: 24 * width, kernel_size: k}
"""


def sweep(settings=(), inputs=(), figures=("params", "macs"), *nets):
    return Sweep([NetworkText.of(cnncalc.parse(net)) for net in nets or (NET,)], settings, inputs, figures)


def document_of(swept, best=""):
    wanted = objectives(best) if best else []
    for each in wanted:
        each.bind(swept.names)
    return points_document(swept.names, list(swept.rows()), ["a note"], wanted)


def column(document, name):
    return next(each for each in document["columns"] if each["name"] == name)


def test_columns_hold_what_the_sweep_yields():
    swept = sweep(["width={1/2,1/3,2}"], ["3x{16,32}x{20,24}"], ("params", "macs", "peak_memory", "fits"))
    document = document_of(swept)
    points = list(swept)
    assert document["points"] == len(points) == 12
    assert [column(document, "width")["values"][place] for place in (0, 4, 8)] == [0.5, "1/3", 2]
    for name, unit in (("params", "count"), ("macs", "amount"), ("peak_memory", "bytes")):
        assert column(document, name)["unit"] == unit
        assert column(document, name)["values"] == [point[name] for point in points]
    fits = column(document, "fits")
    assert [fits["texts"][place] for place in fits["values"]] == ["yes" if point["fits"] else "no" for point in points]
    shapes = column(document, "input")
    assert shapes["texts"][shapes["values"][1]] == "3×16×24"
    assert column(document, "input height")["values"] == [point["input"][1] for point in points]
    assert column(document, "input width")["values"] == [point["input"][2] for point in points]
    assert column(document, "network")["texts"] == ["small"]
    assert document["title"] == "small"


def test_sizes_that_move_together_are_one_axis():
    names = [each["name"] for each in document_of(sweep((), ["3x{16,32}"]))["columns"]]
    assert "input height = width" in names
    assert "output height = width" in names
    assert not any("channels" in name for name in names)


def test_large_numbers_keep_their_digits():
    document = points_document(("network", "width", "error"), [("net", 2**60, None), ("net", Fraction(1, 3), None)])
    assert column(document, "width")["values"] == [str(2**60), "1/3"]


def test_the_front_is_that_of_pareto():
    swept = sweep(["width=1:12"], ["3x{16:40:8}"])
    best = "-params,macs"
    kept = Sweep([NetworkText.of(cnncalc.parse(NET))], ["width=1:12"], ["3x{16:40:8}"], ("params", "macs"), None, best)
    document = document_of(swept, best)
    rows = list(swept.rows())
    assert document["objectives"] == ["-params", "macs"]
    assert sorted(map(repr, (rows[place] for place in document["front"]))) == sorted(map(repr, kept.rows()))


def test_invalid_points_have_no_place_on_the_front():
    document = document_of(sweep(["k={3,99}"]), "macs")
    assert document["front"] == [0]
    assert column(document, "macs")["values"][1] is None
    assert "99" in column(document, "error")["texts"][0]


def test_an_objective_must_be_a_number():
    with pytest.raises(UsageError, match="expected numbers"):
        document_of(sweep(), "params > 3")


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_front_of_the_axes_is_the_front_of_python():
    """On random points with many equal ones."""
    source = random.Random(7)
    cases = [[[source.randrange(12), source.randrange(12)] for _ in range(40)] for _ in range(200)]
    code = f"import {{ bestOf }} from {json.dumps((PAGE / 'points/best.js').as_uri())};"
    code += "import { readFileSync } from 'node:fs'; const cases = JSON.parse(readFileSync(0));"
    code += "const front = (points) => bestOf([...points.keys()], (i) => points[i][0], (i) => points[i][1]);"
    code += "console.log(JSON.stringify(cases.map(front)));"
    command = [NODE, "--input-type=module", "-e", code]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, check=True)
    for points, found in zip(cases, json.loads(done.stdout), strict=True):
        front = Front(2)
        for place, point in enumerate(points):
            front.add(tuple(point), (place,))
        assert sorted(found) == sorted(place for (place,) in front.rows())


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.parametrize(
    ("values", "log", "unit", "ticks"),
    [
        ([0, 10], "false", 1000, [0, 2, 4, 6, 8, 10]),
        ([0.25, 1.25], "false", 1000, [0.2, 0.4, 0.6, 0.8, 1, 1.2]),
        ([5, 5], "false", 1000, [4.8, 4.9, 5, 5.1, 5.2]),
        ([], "false", 1000, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ([0, 4096], "false", 1024, [0, 1024, 2048, 3072, 4096]),
        ([1, 1000], "true", 1000, [1, 3, 10, 30, 100, 300, 1000]),
        ([3, 3], "true", 1000, [3]),
        ([-3, 3], "false", 1000, [-2, 0, 2]),
    ],
)
def test_ticks_are_round_numbers(values, log, unit, ticks):
    code = f"import {{ scaleOf }} from {json.dumps((PAGE / 'points/scale.js').as_uri())};"
    code += f"console.log(JSON.stringify(scaleOf({values}, {log}, 6, {unit}).ticks));"
    done = subprocess.run([NODE, "--input-type=module", "-e", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == pytest.approx(ticks)


def page_of(swept, best=""):
    wanted = objectives(best) if best else []
    for each in wanted:
        each.bind(swept.names)
    return SweepPage(swept.names, list(swept.rows()), ["a note"], wanted)


@pytest.fixture
def page(open_page):
    return open_page(page_of(sweep(["width=1:12"], ["3x{16:40:8}"]), "-params,macs"))


def ask(page, code):
    return page.tab.evaluate(f"() => {{ const {{ points }} = cnncalc; return {code}; }}")


def test_opens_on_the_objectives(page):
    assert page.text("h1") == "small"
    assert page.text("header .source") == "a note"
    assert ask(page, "[points.now.x, points.now.y, points.now.front, points.now.colour]") == [
        "macs",
        "params",
        "given",
        "width",
    ]
    assert page.tab.locator(".axis .line").count() == 1
    assert page.text(".legend-of").endswith("12 on the Pareto front")
    assert ask(page, "document.querySelectorAll('.points-of').length") == 6, "a shade each"
    assert page.complaints == []


def test_axes_of_choice(page):
    page.tab.select_option("[data-setting=x]", "input height = width")
    page.tab.select_option("[data-setting=front]", "axes")
    page.tab.select_option("[data-setting=y]", "macs")
    page.tab.select_option("[data-setting=bestX]", "more")
    assert page.tab.locator("[data-setting=bestY]").input_value() == "less"
    assert page.text(".legend-of").endswith("4 on the Pareto front"), "the narrowest network at each size"
    assert page.tab.locator(".stairs").count() == 1
    page.tab.select_option("[data-setting=colour]", "")
    assert ask(page, "document.querySelectorAll('.points-of').length") == 1
    ticks = page.tab.locator(".axis text").all_text_contents()
    page.tab.locator("[data-setting=logY]").click()
    assert page.tab.locator(".axis text").all_text_contents() != ticks
    page.tab.wait_for_timeout(400)
    page.tab.reload()
    assert ask(page, "[points.now.x, points.now.y, points.now.bestX]") == ["input height = width", "macs", "more"]
    assert page.complaints == []


def test_the_pointer_finds_a_point(page):
    box = page.tab.locator(".stage").bounding_box()
    place = page.tab.locator(".points-of").first.get_attribute("d").removeprefix("M").split("m")[0].split()
    spot = [box["x"] + float(place[0]), box["y"] + float(place[1])]
    page.tab.mouse.move(spot[0] + 4, spot[1] + 4)
    found = ask(page, "points.pointed")
    assert found is not None
    assert page.text("#point h2") == f"Point {found + 1}"
    assert page.text("#point .facts").startswith("network\nsmall\nwidth\n")
    page.tab.mouse.click(spot[0] + 4, spot[1] + 4)
    page.tab.mouse.move(5, 5)
    assert page.text("#point h2") == f"Point {found + 1}"
    assert page.tab.locator(".view-points tr.chosen").count() == 1


def test_arrows_walk_from_point_to_point(page):
    page.tab.locator(".stage").focus()
    page.tab.keyboard.press("Home")
    least = ask(page, "points.byName.get('macs').numbers[points.pointed]")
    assert least == min(ask(page, "points.byName.get('macs').numbers"))
    page.tab.keyboard.press("ArrowRight")
    assert ask(page, "points.byName.get('macs').numbers[points.pointed]") >= least
    page.tab.keyboard.press("End")
    assert ask(page, "points.byName.get('macs').numbers[points.pointed]") == max(
        ask(page, "points.byName.get('macs').numbers")
    )
    page.tab.keyboard.press("f")
    assert ask(page, "points.front().includes(points.pointed)")
    assert "◆ on the Pareto front" in page.text("#point")
    page.tab.keyboard.press("Enter")
    assert ask(page, "points.chosen === points.pointed")
    page.tab.keyboard.press("Escape")
    assert ask(page, "points.chosen") is None
    assert page.tab.locator("#point").get_attribute("aria-live") == "polite"


def test_the_table_is_the_alternative(page):
    rows = page.tab.locator(".view-points tbody tr")
    assert rows.count() == 48
    page.tab.locator(".view-points .find").fill("◆")
    assert rows.count() == 12
    page.tab.locator(".view-points [data-column=macs] button").click()
    rows.first.click()
    assert page.text("#point h2") == "Point " + rows.first.locator("td").first.inner_text()
    csv = page.tab.evaluate("document.querySelector('.view-points').csv()").splitlines()
    assert csv[0] == "#,front,width,input,parameters,MACs,output"
    assert len(csv) == 13
    assert page.complaints == []


def test_invalid_points_are_listed_and_not_drawn(open_page):
    page = open_page(page_of(sweep(["k={3,5,99}"])))
    assert "1 without a place" in page.text(".legend-of")
    assert ask(page, "points.drawn()") == [0, 1]
    assert "99" in page.text(".view-points tr.invalid")
    assert page.complaints == []


def test_texts_are_axes_too(open_page):
    page = open_page(page_of(sweep(["width={1,2,4}"], (), ("params", "macs"), NET, NET.replace("small", "other"))))
    page.tab.select_option("[data-setting=x]", "network")
    assert {"small", "other"} <= set(page.tab.locator(".axis text").all_text_contents())
    assert page.tab.locator("[data-setting=logX]").is_disabled()
    assert page.tab.locator("[data-setting=bestX]").is_hidden()
    page.tab.select_option("[data-setting=colour]", "network")
    paths = page.tab.locator(".points-of").all()
    shapes = [path.get_attribute("d").split("m")[1][:6] for path in paths]
    assert len(set(shapes)) == 2, "a sign each, for whoever sees no colours"
    assert page.complaints == []


def test_one_point_is_drawn(open_page):
    page = open_page(page_of(sweep()))
    assert ask(page, "points.drawn()") == [0]
    assert page.complaints == []


def test_ten_thousand_points(open_page):
    rows = [("net", width, macs, None) for width in range(100) for macs in range(1, 101)]
    page = open_page(SweepPage(("network", "width", "macs", "error"), rows))
    assert ask(page, "points.drawn().length") == 10_000
    page.tab.select_option("[data-setting=colour]", "width")
    assert page.tab.locator(".points-of").count() == 6, "a path for each shade, and no element for each point"
    assert page.tab.locator(".view-points tbody tr").count() == 400
    assert page.tab.evaluate("document.querySelectorAll('*').length") < 6_000
    page.tab.locator(".view-points .link", has_text="show 1,000 more").click()
    assert page.tab.locator(".view-points tbody tr").count() == 1_400
    assert page.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_fits_the_screen(open_page, width):
    page = open_page(page_of(sweep(["width=1:12"], ["3x{16:40:8}"])), width, 800)
    assert page.tab.evaluate("document.documentElement.scrollWidth") == width
    page.tab.emulate_media(media="print")
    assert page.tab.locator(".controls").is_hidden()


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>document.title='owned'</script>",
        "\u202egnp\u2066 ]]>",
        "w" * 10_000,
        "\" onclick='x' <img src=x>",
    ],
)
def test_no_text_becomes_markup(open_page, text):
    """In the name of a network, in a parameter's value, in a reason why a point is invalid, and in an objective."""
    rows = [(text, text, 1, None), ("net", "b", 2, None), ("net", "c", None, text)]
    page = open_page(SweepPage(("network", "mode", "macs", "error"), rows, [text]))
    for setting in ("x", "colour"):
        page.tab.select_option(f"[data-setting={setting}]", "mode")
    page.tab.locator(".view-points tbody tr").first.click()
    assert page.tab.locator("#point dd").first.text_content() == text
    assert page.tab.title() != "owned"
    assert page.tab.locator("script").count() == 2
    assert page.tab.locator("img").count() == 0
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.complaints == []
