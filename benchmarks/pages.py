"""What the pages of a site weigh and whether they break a rule: ``python benchmarks/pages.py SITE`` writes results.md.

Every page of the site is opened in Debian's Chromium at 1280 and 320 px and axe-core looks at it with every part
unfolded. Counted: broken rules, requests that leave the site's own files, errors in the console, and pages that can be
scrolled sideways. Sizes are without the CSV that a page carries, and of that CSV.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
RESULTS = Path(__file__).with_name("results.md")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1280, 320)
CSV = re.compile(r'href="data:text/csv[^"]*"')
START, END = "<!-- site -->\n", "<!-- end site -->\n"


def kind(page: Path, site: Path) -> str:
    """The study of a page, or what it is in the site around them."""
    parts = page.relative_to(site).parts
    if len(parts) == 1:
        return f"site: {parts[0].removesuffix('.html')}"
    if parts[0] in ("questions", "methods"):
        return f"site: {parts[0]}"
    return "site: an area" if parts[1] == "index.html" else parts[1].removesuffix(".html").partition("--")[0]


def main(site: Path) -> None:
    """Look at every page, and replace the part of results.md."""
    rows: dict[str, list[tuple[float, float, int, int, int, int]]] = {}
    axe = AXE.read_text(encoding="utf-8")
    with sync_playwright() as driver:
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        for path in sorted(site.glob("**/*.html")):
            if any(part.startswith(".") for part in path.relative_to(site).parts):
                continue
            html = path.read_text(encoding="utf-8")
            carried = sum(map(len, CSV.findall(html)))
            broken = strangers = errors = sideways = 0
            for width in WIDTHS:
                page = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
                requests: list[str] = []
                faults: list[str] = []
                page.on("request", lambda each, seen=requests: seen.append(each.url))
                page.on("console", lambda each, seen=faults: seen.append(each.text) if each.type == "error" else None)
                page.on("pageerror", lambda each, seen=faults: seen.append(str(each)))
                page.goto(path.as_uri())
                sideways += page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
                page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
                page.evaluate(axe)
                found = page.evaluate(
                    "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
                    RULES,
                )
                for rule in found["violations"]:
                    print(path.relative_to(site), width, rule["id"], [node["target"] for node in rule["nodes"]][:3])
                broken += len(found["violations"])
                strangers += sum(not address.startswith(("file:", "data:")) for address in requests)
                errors += len(faults)
                page.close()
            row = ((len(html.encode()) - carried) / 1000, carried / 1000, broken, strangers, errors, sideways)
            rows.setdefault(kind(path, site), []).append(row)
        browser.close()
    head = "| page | pages | kB, median | kB, largest | CSV kB, largest | rules broken | requests | errors | sideways |"
    lines = [head, "| --- |" + " --- |" * 8]
    for name, of in sorted(rows.items()):
        sizes = [each[0] for each in of]
        most = max(each[1] for each in of)
        sums = " | ".join(str(sum(each[place] for each in of)) for place in range(2, 6))
        lines.append(
            f"| {name} | {len(of)} | {statistics.median(sizes):.0f} | {max(sizes):.0f} | {most:.0f} | {sums} |"
        )
    count = sum(map(len, rows.values()))
    told = json.loads((site / "manifest.json").read_bytes())
    areas = len({href.partition("/")[0] for href in told["pages"]})
    figures = "the sample" if told["is_sample"] else "published figures"
    text = (
        f"{START}## Pages in a browser\n\n{count} pages of a site of {figures}, {areas} areas, each at "
        f"{' and '.join(map(str, WIDTHS))} px, by `python benchmarks/pages.py SITE`.\n"
        "Sizes are without the CSV that a page carries.\n\n" + "\n".join(lines) + f"\n{END}"
    )
    old = RESULTS.read_text(encoding="utf-8")
    before, _, rest = old.partition(START)
    after = rest.partition(END)[2]
    RESULTS.write_text(f"{before.rstrip()}\n\n{text}{after}", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
