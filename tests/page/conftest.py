"""A real browser for the tests of the page: Debian's or any other Chromium, one for the whole session."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.page.page import HtmlFile

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the extra `browser`")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Opened:
    """A page in the browser; `complaints` holds what its console said, and every request that left the disk."""

    def __init__(self, chromium: Any, path: Path, width: int, height: int, **context: Any) -> None:
        self.complaints: list[str] = []
        self.tab = chromium.new_page(viewport={"width": width, "height": height}, **context)
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("request", self._request)
        self.tab.goto(path.as_uri())
        self.tab.locator(".view-table .note", has_text=re.compile("layer|point")).wait_for(
            state="attached"
        )  # drawn last

    def _request(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.complaints.append(request.url)

    def ask(self, code: str) -> Any:
        """The value of an expression; `store` is that of the page."""
        return self.tab.evaluate(f"() => {{ const {{ store }} = cnncalc; return {code}; }}")

    def text(self, selector: str) -> str:
        return self.tab.locator(selector).first.inner_text()

    def click(self, selector: str) -> None:
        self.tab.locator(selector).first.click()


@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    opened: list[Opened] = []

    def open_spec(spec: Any, width: int = 1280, height: int = 900, **context: Any) -> Opened:
        page = spec
        if not isinstance(spec, HtmlFile):
            page = (cnncalc.load(spec) if isinstance(spec, str) else spec).view()
        path = tmp_path / f"{len(opened)}.html"
        page.save(path)
        opened.append(Opened(chromium, path, width, height, **context))
        return opened[-1]

    yield open_spec
    for page in opened:
        page.tab.close()
