"""The workbook of an area: the numbers of its pages and nothing else, accessible, inert, the same bytes every time."""

from __future__ import annotations

import getpass
import io
import json
import re
import socket
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook as Book

from insight.cli import app
from insight.core.fingerprint import Checksums
from insight.core.missing import Status
from insight.core.register import Register
from insight.errors import SiteDamaged, UnknownArea, UsageError
from insight.reporting.downloads import csv_text
from insight.reporting.folder import Known, Site
from insight.reporting.page_tables import page_tables
from insight.reporting.payloads import Cell, ColumnContent, Missing, TableContent
from insight.reporting.record import record_text
from insight.reporting.render import render
from insight.reporting.site import Summary
from insight.reporting.site_files import TakenAway
from insight.reporting.site_publish import Facts, publish
from insight.reporting.site_workbooks import Workbooks, add_workbooks
from insight.reporting.templating import part
from insight.reporting.verify import verify
from insight.reporting.views import table_view
from insight.reporting.workbook import KEPT, OLD, PageNumbers, workbook
from tests.reporting.test_render_injection import EVIL, FORMULAS

CODE, HREF = "E06000051", "E06000051/caseload_turnover.html"
PREFIX = "E06000051-caseload_turnover-"
SUMMARY = Summary(key="ab", area=CODE, is_sample=False, question="How much?", words=("So much.",))
HOSTILE = (*FORMULAS, EVIL, "<r><t>x</t></r>", "_x0041_", "https://example.org", "mailto:a@example.org", "1e5", "007")


def opened(data: bytes) -> Book:
    return load_workbook(io.BytesIO(data), rich_text=False)


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def rows_of(book: Book, sheet: str) -> list[list[Any]]:
    """The cells of a sheet's one table, headings first."""
    page = book[sheet]
    (table,) = page.tables.values()
    return [[cell.value for cell in row] for row in page[table.ref]]


@pytest.fixture
def site(tmp_path: Path, build: Any, context: Any) -> Path:
    """A published site of one page."""
    page = render(build(), context)
    out = tmp_path / "site"
    html = out / HREF
    html.parent.mkdir(parents=True)
    html.write_text(page.html, encoding="utf-8", newline="\n")
    html.with_suffix(".json").write_text(record_text(page.record), encoding="utf-8", newline="\n")
    sums = {"html_sha256": html, "record_sha256": html.with_suffix(".json")}
    entry = {name: sha256(path.read_bytes()).hexdigest() for name, path in sums.items()}
    known = Known(True, {HREF: {**dict.fromkeys(("key", "execution_key", "data_hash", "store_hash"), ""), **entry}})
    place = Site(out)
    place.hidden.mkdir()
    facts = Facts("d1" * 32, True, Register.read)
    publish(place, known, facts, made_in=lambda: place.hidden, checksums=Checksums(place.hidden / "sums.json"))
    return out


@pytest.fixture
def made(site: Path) -> bytes:
    """The workbook of that site."""
    add_workbooks(site)
    return (site / CODE / "numbers.xlsx").read_bytes()


def one_table(table: TableContent, summary: Summary) -> bytes:
    """A workbook of a page that holds this table alone."""
    view = table_view(table, number=1, file_parts=(CODE, "caseload_turnover"))
    html = str(part("table", view))
    (found,) = page_tables(html, prefix=PREFIX)
    return workbook("Wellmoor", [PageNumbers(HREF, "", summary, (found,))], is_sample=False)


def test_each_download_of_the_page_is_a_sheet_with_the_same_cells(
    site: Path, made: bytes, look: Callable[[str], Any]
) -> None:
    seen = look((site / HREF).read_text(encoding="utf-8"))
    names, downloads = [link["download"] for link in seen.all("a") if "download" in link], seen.downloads()
    book = opened(made)
    assert len(downloads) >= 5
    for name, sheet in zip(names, book.sheetnames[3:], strict=True):
        assert sheet.split(" ", 1)[1] == name.removeprefix(PREFIX).removesuffix(".csv").replace("_", " ")
        heads, *rows = rows_of(book, sheet)
        assert heads == downloads[name][0]
        for cells, texts in zip(rows, downloads[name][1:], strict=True):
            for cell, text in zip(cells, texts, strict=True):
                written = f"{cell:.10g}" if isinstance(cell, int | float) else cell or ""
                assert written == text


def test_numbers_are_numbers_in_the_form_of_the_page(made: bytes) -> None:
    book = opened(made)
    page = book["1.1 paths"]
    assert [cell.value for cell in page["B"]][-8:] == [14.25, 15.5, "c", 16.0, 17.25, 15.5, 13.0, 12.5]
    assert page.cell(page.max_row, 2).number_format == "#,##0.00"
    assert (page.cell(page.max_row, 1).value, page.cell(page.max_row, 1).number_format) == (2025, "0")


def test_a_withheld_cell_is_its_symbol_with_nothing_behind_it(made: bytes) -> None:
    page = opened(made)["1.1 paths"]
    (cell,) = (cell for cell in page["B"] if cell.value == "c")
    assert cell.data_type == "s"
    assert "Signs in place of a number: c: withheld to protect people." in [cell.value for cell in page["A"]]
    # What was withheld, as the chart's fixture knows it.
    assert not any("13.75" in text for text in parts(made).values())
    assert not [name for name in parts(made) if re.search("comment|pivot|calc|drawing|external", name)]
    assert not any("conditionalFormatting" in text or "definedName" in text for text in parts(made).values())


def test_the_first_sheets_say_what_was_asked_and_found_and_where_from(made: bytes) -> None:
    book = opened(made)
    assert book.sheetnames[:3] == ["Contents", "Sources", "Tables"]
    heads, row = rows_of(book, "Contents")
    said = dict(zip(heads, row, strict=True))
    assert said["Question"] == "How do caseloads relate to social worker turnover?"
    assert said["Finding"].endswith("0.42 percentage points higher.")
    assert (said["Number"], said["Verdict"]) == (0.42, "Higher")
    assert "Why people leave" in said["What it does not show"]
    assert said["Sources and releases"] == "Children's social work workforce, release 2025"
    assert rows_of(book, "Sources")[1][:3] == ["Children's social work workforce", "Department for Education", "2025"]
    listed = [row[0] for row in rows_of(book, "Tables")[1:]]
    assert listed == book.sheetnames[3:]


def test_every_sheet_keeps_to_the_guidance_on_accessible_spreadsheets(made: bytes) -> None:
    book = opened(made)
    for page in book.worksheets:
        assert page["A1"].value and page["A1"].font.b
        assert page["A2"].value.startswith("SAMPLE DATA")
        (table,) = page.tables.values()
        top, bottom = (int(number) for number in re.findall(r"\d+", table.ref))
        assert bottom == page.max_row
        assert not page.merged_cells.ranges
        assert all(any(cell.value not in (None, "") for cell in row) for row in page.iter_rows())
        assert all(page.cell(top, place).value for place in range(1, page.max_column + 1))
        assert page.sheet_state == "visible"
        assert page.freeze_panes in (None, f"A{top + 1}")
        assert not any(
            dimension.hidden for dimension in (*page.row_dimensions.values(), *page.column_dimensions.values())
        )
        assert {cell.font.name for row in page.iter_rows() for cell in row} == {"Arial"}
        assert min(cell.font.sz for row in page.iter_rows() for cell in row) >= 12
        assert len(page.title) <= 31


def test_nothing_tells_who_made_it_or_when(made: bytes, site: Path) -> None:
    book = opened(made)
    core = book.properties
    assert (core.creator, core.lastModifiedBy, core.created.year) == ("insight", "insight", 2000)
    assert core.title == "Shropshire: the numbers behind its pages"
    assert {each.name: each.value for each in book.custom_doc_props.props} == {"Language": "en-GB"}
    text = "".join(parts(made).values())
    for private in (getpass.getuser(), socket.gethostname(), str(site), str(Path.home())):
        assert f">{private}<" not in text and f'"{private}"' not in text


def test_the_same_site_gives_the_same_bytes(made: bytes, site: Path) -> None:
    add_workbooks(site, authorities=["Shropshire"])
    assert (site / CODE / "numbers.xlsx").read_bytes() == made


@pytest.mark.parametrize("evil", HOSTILE)
def test_a_hostile_text_stays_text(evil: str) -> None:
    columns = (
        ColumnContent(key="a", label=f"{evil} ", kind="text", decimals=0),
        ColumnContent(key="b", label=f"{evil} ", kind="number", decimals=1),
    )
    table = TableContent(name="t", caption=evil, columns=columns, rows=((evil, 1.0),), notes=(evil,))
    data = one_table(table, SUMMARY.model_copy(update={"question": evil, "words": (evil,), "does_not_show": (evil,)}))
    texts = parts(data)
    assert not any("<f>" in text or "<f " in text or "hyperlink" in text for text in texts.values())
    assert not any("<t>x</t></r>" in text for text in texts.values())
    book = opened(data)
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    heads, row = rows_of(book, "1.1 t")
    # Of line ends there is one kind; a bell is written as its code, which this reader leaves to us.
    given = str(row[0])
    assert evil.replace("\r", "\n").strip() in {given.strip(), unescape(given).strip()}
    assert row[1] == 1.0
    assert len({head.casefold() for head in heads}) == 2
    if evil.lstrip().startswith(("=", "+", "-", "@", "＝")):
        (cell,) = (cell for cell in cells if cell.coordinate == "A5" and cell.parent.title == "1.1 t")
        assert cell.quotePrefix


def test_hidden_cells_of_every_kind_are_words_or_symbols() -> None:
    reasons = ((Status.SUPPRESSED, "c"), (Status.NO_ROW, ""), (Status.LOW_RELIABILITY, "u"))
    missing = (Missing(status=status, symbol=symbol) for status, symbol in reasons)
    columns = (
        ColumnContent(key="a", label="Year", kind="period", decimals=0),
        ColumnContent(key="b", label="Rate", kind="number", decimals=1),
    )
    cells: tuple[Cell, ...] = (*missing, -1234.5)
    rows = tuple((2020 + place, cell) for place, cell in enumerate(cells))
    table = TableContent(name="t", caption="Rates", columns=columns, rows=rows, notes=())
    book = opened(one_table(table, SUMMARY))
    assert [row[1] for row in rows_of(book, "1.1 t")[1:]] == ["c", "no row published", "u", -1234.5]
    assert csv_text(table).splitlines()[1:] == ["2020,c", "2021,no row published", "2022,u", "2023,-1234.5"]


def test_a_table_without_rows_says_so() -> None:
    columns = (ColumnContent(key="a", label="Name", kind="text", decimals=0),)
    table = TableContent(name="t", caption="Nothing", columns=columns, rows=(), notes=())
    assert rows_of(opened(one_table(table, SUMMARY)), "1.1 t") == [["Name"], ["No rows."]]


def test_the_site_lists_the_workbook_and_is_whole(site: Path) -> None:
    made = add_workbooks(site, regions=["West Midlands"])
    assert [address for address, _, _ in made.made] == [f"{CODE}/numbers.xlsx"]
    assert f"{CODE}/numbers.xlsx" in json.loads((site / "manifest.json").read_bytes())["extra"]
    assert verify(site).is_whole
    assert "numbers.xlsx" in (site / CODE / "index.html").read_text(encoding="utf-8")


def test_the_manifest_names_the_pages_that_it_was_made_of(site: Path, made: bytes) -> None:
    manifest = json.loads((site / "manifest.json").read_bytes())
    assert manifest["extra_of"] == {f"{CODE}/numbers.xlsx": {HREF: manifest["pages"][HREF]["html_sha256"]}}


def test_an_ordinary_page_is_as_last_made(made: bytes) -> None:
    heads, row = rows_of(opened(made), "Contents")
    assert row[heads.index("Status")] == "As last made."


@pytest.mark.parametrize(
    ("notices", "said"),
    [({"notice": True}, KEPT), ({"stale": True}, OLD), ({"notice": True, "stale": True}, f"{KEPT} {OLD}")],
)
def test_a_page_with_a_notice_says_so_in_its_row_and_on_each_of_its_sheets(
    site: Path, notices: dict[str, bool], said: str
) -> None:
    manifest = json.loads((site / "manifest.json").read_bytes())
    manifest["pages"][HREF] |= notices
    (site / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    add_workbooks(site)
    book = opened((site / CODE / "numbers.xlsx").read_bytes())
    heads, row = rows_of(book, "Contents")
    assert row[heads.index("Status")] == said
    for sheet in book.sheetnames[3:]:
        above = [cell.value for cell in book[sheet]["A"]]
        assert (KEPT in above, OLD in above) == (KEPT in said, OLD in said)


def test_numbers_of_a_page_that_was_changed_afterwards_are_not_passed_on(site: Path) -> None:
    page = site / HREF
    page.write_text(page.read_text(encoding="utf-8").replace("14.25", "15.25"), encoding="utf-8")
    with pytest.raises(SiteDamaged, match="caseload_turnover"):
        add_workbooks(site)
    assert not (site / CODE / "numbers.xlsx").exists()


def test_what_cannot_be_made_is_refused_in_words(site: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="insight run"):
        add_workbooks(tmp_path)
    with pytest.raises(UsageError, match="no page"):
        add_workbooks(site, authorities=["Leeds"])
    with pytest.raises(UnknownArea):
        add_workbooks(site, authorities=["Nowhere"])
    with pytest.raises(UsageError, match="not both"):
        add_workbooks(site, authorities=["Shropshire"], regions=["West Midlands"])


def test_the_command_says_what_it_wrote(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["insight", "workbook", "--authority", "Shropshire", "--out", str(site)])
    with pytest.raises(SystemExit) as ended:
        app(standalone_mode=True)
    assert ended.value.code == 0
    size = (site / CODE / "numbers.xlsx").stat().st_size
    made = f"{CODE}/numbers.xlsx: Shropshire, {size:,} bytes"
    assert capsys.readouterr().out == f"{made}\n"
    away = Workbooks(site, ((f"{CODE}/numbers.xlsx", "Shropshire", size),), TakenAway(("x/page.pdf",)))
    said = "1 PDF was of earlier pages and was taken away; make it again with: insight pdf"
    assert away.lines == (made, said) and said in repr(away)
