"""The page that `view --watch` makes, of specs that are whole and of those that are not."""

import json
import re

from cnncalc.cli.options import request
from cnncalc.cli.watching import live_page
from tests.page.values import opened

PLAIN = request(None, None, None, "table", "1", "chw")
BIASED = "input: 3x32x32\nlayers:\n  - conv: {out_channels: 8, kernel_size: 3}\n  - batchnorm\n"


def document_of(page):
    return opened(
        json.loads(re.search(r'<script type="application/json" id="document">(.*?)</script>', page, re.DOTALL)[1])
    )


def test_shows_the_findings_of_check(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(BIASED)
    page = live_page(path, PLAIN)
    assert "data-live" in page
    assert "connect-src 'self'" in page
    (finding,) = document_of(page)["findings"]
    assert (finding["rule"], finding["line"], finding["layer"]) == ("bias-before-norm", 3, "conv1")


def test_shows_the_faults_and_the_network_up_to_them(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(BIASED + "  - conv: {out_channels: 8, kernel_size: 40}\n  - relu\n")
    document = document_of(live_page(path, PLAIN))
    assert [layer["name"] for layer in document["layers"]] == ["conv1", "batchnorm1"]
    assert document["broken"].startswith("the spec is broken")
    assert [(each["level"], each["line"]) for each in document["findings"]] == [("error", 5)]


def test_shows_the_faults_alone(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("layers: <script>alert(1)</script>\n")
    page = live_page(path, PLAIN)
    assert "<script" not in page
    assert "&lt;script" in page
    assert "no such file" in live_page(tmp_path / "nothing.yaml", PLAIN)
