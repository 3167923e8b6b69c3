"""Workbooks as bytes that never vary: ODS and XLSX with fixed days inside, and nothing compressed.

Programs that compress differ between computers; a reader of the files sees no difference.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | float | date
Sheets = Mapping[str, Sequence[Sequence[Cell]]]

_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FIXED_DAY = (2000, 1, 1, 0, 0, 0)


def ods_bytes(sheets: Sheets) -> bytes:
    """An OpenDocument spreadsheet.

    Parameters
    ----------
    sheets : mapping of name to rows of cells
        "" is a blank cell; numbers and days are cells of their own kinds.
    """
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>{''.join(map(_ods_row, rows))}</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(f'xmlns:{name}="{_OPEN}:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'{_XML}<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
        f"{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'{_XML}<manifest:manifest xmlns:manifest="{_OPEN}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return _packed({"mimetype": _ODS, "META-INF/manifest.xml": manifest, "content.xml": content})


def xlsx_bytes(sheets: Sheets) -> bytes:
    """An Excel workbook; days are written as text.

    Parameters
    ----------
    sheets : mapping of name to rows of cells
        "" is a blank cell.
    """
    numbered = list(enumerate(sheets, start=1))
    entries = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered)
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in numbered
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_EXCEL}.worksheet+xml"/>' for n, _ in numbered
    )
    parts = {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_EXCEL}.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_SHEET}" xmlns:r="{_RELATIONS}"><sheets>{entries}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        "</Relationships>",
    }
    for n, name in numbered:
        rows = "".join(_xlsx_row(number, row) for number, row in enumerate(sheets[name], start=1))
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'{_XML}<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData></worksheet>'
        )
    return _packed(parts)


def _ods_row(cells: Sequence[Cell]) -> str:
    return f"<table:table-row>{''.join(_ods_cells(cells)) or '<table:table-cell/>'}</table:table-row>"


def _ods_cells(cells: Sequence[Cell]) -> Iterator[str]:
    """Cells of a row; blank ones in a row are one with a count."""
    for is_blank, several in groupby(cells, key=lambda cell: cell == ""):
        if is_blank:
            count = len(list(several))
            repeated = f' table:number-columns-repeated="{count}"' if count > 1 else ""
            yield f"<table:table-cell{repeated}/>"
            continue
        for cell in several:
            text = f"<text:p>{escape(str(cell))}</text:p>"
            if isinstance(cell, date):
                kind = f'"date" office:date-value="{cell.isoformat()}"'
            elif isinstance(cell, str):
                kind = '"string"'
            else:
                kind = f'"float" office:value="{cell!r}"'
            yield f"<table:table-cell office:value-type={kind}>{text}</table:table-cell>"


def _xlsx_row(number: int, cells: Sequence[Cell]) -> str:
    made = "".join(_xlsx_cell(f"{_column(place)}{number}", cell) for place, cell in enumerate(cells) if cell != "")
    return f'<row r="{number}">{made}</row>'


def _xlsx_cell(where: str, cell: Cell) -> str:
    if isinstance(cell, int | float):
        return f'<c r="{where}"><v>{cell!r}</v></c>'
    return f'<c r="{where}" t="inlineStr"><is><t xml:space="preserve">{escape(str(cell))}</t></is></c>'


def _column(place: int) -> str:
    """The letters of a column, 0 for the first.

    >>> _column(0), _column(25), _column(26), _column(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    first, second = divmod(place, 26)
    return (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + second)


def _packed(parts: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _FIXED_DAY)
            entry.create_system = 3  # or it would say on which kind of computer it was made
            archive.writestr(entry, text.encode("utf-8"))
    return packed.getvalue()
