"""Pages made from hostile inputs, in a real browser: whatever stands in a text is shown as text, and nothing runs.

The pages are opened twice: with the page's security policy, and with a browser that passes over it, so that escaping
holds by itself. The same attacks in commands, files and messages: ``tests/reporting/test_untrusted.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.untrusted import AROUND, AUTHORITY, CODE, MARK, REGION, RUN, TERMINAL, Poisoned, poisoned_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOOK = """() => {
  for (const part of document.querySelectorAll('details')) part.open = true;
  const all = [...document.querySelectorAll('*')];
  for (const element of all) {
    for (const kind of ['mouseover', 'focus', 'error', 'load', 'toggle']) element.dispatchEvent(new Event(kind));
  }
  return {
    pwned: window.__pwned,
    acting: all.flatMap(e => [...e.attributes].filter(a => /^on|^style$|^srcdoc$|^formaction$/.test(a.name))
      .map(a => `${e.tagName} ${a.name}`)),
    strangers: all.map(e => e.localName).filter(name =>
      /^(iframe|object|embed|foreignObject|form|base|animate|set|use|image|audio|video|textarea|button)$/.test(name)),
    links: [...document.querySelectorAll('a, area, link')].filter(a => !/^(file:|data:text\\/csv|data:,$)/.test(a.href))
      .map(a => a.href),
    pictures: [...document.images].map(i => i.src).filter(src => !src.startsWith('data:image/svg+xml')),
    policy: document.querySelectorAll('meta[http-equiv="Content-Security-Policy"]').length,
    text: document.body.innerText,
  };
}"""
HARMLESS = {"acting": [], "strangers": [], "links": [], "pictures": [], "policy": 1}


@pytest.fixture(scope="session")
def poisoned(chromium: str, together: Path) -> Poisoned:
    """The poisoned project with its site; only looked at."""
    return poisoned_site(together)


def _watched(browser: Browser, *, bypass_csp: bool) -> tuple[Page, list[str]]:
    """A page, and all that it does beside showing itself."""
    page = browser.new_context(bypass_csp=bypass_csp, offline=True).new_page()
    seen: list[str] = []

    def dismiss(dialog: Any) -> None:
        seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("console", lambda line: seen.append(f"console: {line.text}"))
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.on("popup", lambda window: seen.append(f"window: {window.url}"))
    own = ("file:", "data:")
    page.on("request", lambda asked: None if asked.url.startswith(own) else seen.append(f"request: {asked.url}"))
    return page, seen


@pytest.mark.parametrize("bypass_csp", [False, True])
def test_no_page_of_hostile_inputs_does_anything(poisoned: Poisoned, browser: Browser, bypass_csp: bool) -> None:
    page, seen = _watched(browser, bypass_csp=bypass_csp)
    texts: dict[str, str] = {}
    for path in sorted(poisoned.site.rglob("*.html")):
        page.goto(path.as_uri())
        found = page.evaluate(LOOK)
        name = path.relative_to(poisoned.site).as_posix()
        texts[name] = found.pop("text")
        assert found.pop("pwned", None) is None, name
        assert found == HARMLESS, name
        assert seen == [], name
    page.context.close()
    assert len(texts) > 15
    scorecard = texts[f"{REGION}/regional_scorecard.html"]
    for form in ("{{ 7*7 }}", f"<script>{RUN}</script>", f"onerror={RUN}", "{0.__class__} %s", "$\\input{x}$", "=cmd|"):
        assert form in scorecard, form
    assert poisoned.names[AUTHORITY] in texts[f"{CODE}/index.html"]
    assert sum(text.count(MARK) for text in texts.values()) > 500


def test_the_policy_stops_what_escaping_would_not(poisoned: Poisoned, browser: Browser) -> None:
    page, _ = _watched(browser, bypass_csp=False)
    page.goto((poisoned.site / CODE / "getting_to_good.html").as_uri())
    page.evaluate(
        "run => { const d = document.createElement('div'); document.body.append(d);"
        " d.innerHTML = `<img src=x onerror=${run}><svg onload=${run}></svg><iframe src='javascript:${run}'></iframe>`;"
        " const s = document.createElement('script'); s.textContent = run; document.body.append(s); }",
        RUN,
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.__pwned") is None
    page.context.close()


def test_the_search_takes_anything_and_finds_a_hostile_name(poisoned: Poisoned, browser: Browser) -> None:
    page, seen = _watched(browser, bypass_csp=False)
    page.goto((poisoned.site / "index.html").as_uri())
    box = page.get_by_role("searchbox")
    for typed in (*AROUND, TERMINAL, "(.*", "[", "\\", "__proto__", "constructor", "x" * 2000, "\u0300" * 50, "  "):
        box.fill(typed)
        assert page.evaluate("window.__pwned") is None
    box.fill(poisoned.names[AUTHORITY])
    shown = page.locator("li[data-find]:visible").all_inner_texts()
    assert any(poisoned.names[AUTHORITY] in text for text in shown)
    assert seen == []
    page.context.close()
