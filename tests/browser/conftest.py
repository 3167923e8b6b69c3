"""A real browser over a small site: Debian's Chromium driven by playwright, and axe-core in the page.

Everything skips, and says why, where one of the three is absent. The site is made once for all workers of a session.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from insight import studies
from insight.reporting.notice import failed_page, with_notice

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OWN_SCHEMES = ("file:", "data:", "blob:", "about:")
OpenPage = Callable[..., "Page"]
# Through the object model, which the page's security policy does not govern.
RESIZE = "size => { document.documentElement.style.fontSize = size }"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
# A page of every study and of every other template that stands alone.
STUDIES = studies.names()
PAGES = (*STUDIES, "index", "failed", "notice")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser's program, or a skip."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("no Chromium on this machine (apt-get install chromium): the page is not tried in a browser")
    return found


# Of the package and not of the session: playwright's event loop runs in the test's own thread, and no other test that
# needs one could start while it does.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the tests of this folder."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, or a skip."""
    if not AXE.is_file():
        pytest.skip("axe-core is not in tests/browser/node_modules (npm ci --prefix tests/browser, as make test does)")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def sample_site(chromium: str, sample_pages: Path) -> Path:
    """A site of the sample data; asked for after the browser, so that nothing is made where there is none."""
    return sample_pages


@pytest.fixture(scope="session")
def find_page(sample_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of a page by its name in ``PAGES``: of the first area that has it, or made here."""
    made = tmp_path_factory.mktemp("apart") / "X06000001"

    def find(name: str) -> Path:
        if name == "index":
            return sample_site / "index.html"
        if name in STUDIES:
            found = sorted(sample_site.glob(f"[EX]*/{name}.html"))
            assert found, f"the sample site has no page of {name}"
            return found[0]
        made.mkdir(exist_ok=True)
        page = made / f"{name}.html"
        if name == "notice":
            good = sorted(sample_site.glob("[EX]*/regional_scorecard.html"))[-1]
            html = with_notice(good.read_bytes(), ("Children's social work workforce, release 2025",))
            assert html is not None
            page.write_bytes(html)
        else:
            reason = "E300 reading a file\nfound: no column of that name\nnext: build again"
            page.write_bytes(
                failed_page(area_name="Ashquarry", title="Caseloads and turnover", reason=reason, is_sample=True)
            )
        return page

    return find


@pytest.fixture
def broken_rules(axe: str) -> Callable[..., list[str]]:
    """Runs axe-core over a page with everything unfolded: each broken rule, with the elements that break it.

    ``colours=True`` runs the rules of colour alone, for a page whose other rules were run already.
    """

    def run(page: Page, *, colours: bool = False) -> list[str]:
        unfold(page)
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe)
        only = {"type": "rule", "values": COLOURS} if colours else {"type": "tag", "values": RULES}
        found = page.evaluate("only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only)
        assert len(found["passes"]) > (0 if colours else 10), "axe-core looked at nothing"
        return [f"{rule['id']}: {[node['target'] for node in rule['nodes']][:5]}" for rule in found["violations"]]

    return run


def unfold(page: Page) -> None:
    """Open every part that a reader may open."""
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")


@dataclass
class Seen:
    """What a page did while it was open."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def strangers(self) -> list[str]:
        """Addresses that are not of the site's own files."""
        return [address for address in self.requests if not address.startswith(OWN_SCHEMES)]


SEEN: dict[int, Seen] = {}


def seen_by(page: Page) -> Seen:
    """Errors and requests of a page since it was opened."""
    return SEEN[id(page)]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a file in a new window: ``open_page(path, width, text="200%", color_scheme="dark", ...)``.

    ``text`` is the size of the root's letters. Everything else is an option of playwright's ``new_context``:
    ``color_scheme``, ``forced_colors``, ``java_script_enabled``, ``viewport``. At the end of the test every page must
    have been without errors, and must have asked for nothing but files of the site.
    """
    opened: list[Page] = []

    def go(path: Path | str, width: int = 1280, *, text: str | None = None, **emulation: Any) -> Page:
        options = {
            "viewport": {"width": width, "height": 900},
            "reduced_motion": "reduce",
            "offline": True,
            **emulation,
        }
        page = browser.new_context(**options).new_page()
        seen = SEEN[id(page)] = Seen()
        page.on("console", lambda line: seen.errors.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.goto(path.as_uri() if isinstance(path, Path) else path)
        if text:
            page.evaluate(RESIZE, text)
        opened.append(page)
        return page

    yield go
    told = [(page.url.rpartition("/")[2], SEEN.pop(id(page))) for page in opened]
    for page in opened:
        page.context.close()
    assert not [(name, seen.errors, seen.strangers) for name, seen in told if seen.errors or seen.strangers]
