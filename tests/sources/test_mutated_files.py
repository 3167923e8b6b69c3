"""Row 88 of the contract, for the readers: any change to a real file gives a Reading or a refusal in words."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from insight.core.register import Register
from insight.errors import InsightError
from insight.sources import Reading, source_of
from tests.sources.made_sites import PROGRAMMES, SITES
from tests.sources.published_rows import (
    ENGLAND,
    HEADLINE,
    KINGSTON,
    LEEDS,
    LONDON,
    MONTHS,
    POPULATION,
    REFERRALS,
    WORKFORCE,
    month_row,
    row,
    text_of,
)

LAYOUTS = (WORKFORCE, HEADLINE, REFERRALS, POPULATION)
PLACES = (ENGLAND, LONDON, LEEDS, KINGSTON)
FILES = [text_of(layout.columns, [row(layout, place, 2022) for place in PLACES]).encode() for layout in LAYOUTS]
FILES.append(text_of(MONTHS.columns, [month_row(place, 2022) for place in PLACES]).encode())
FILES.append(
    ",".join(PROGRAMMES).encode() + b"\nPilot,Leeds,2023-07-26,2023-07,,A pilot.,a paper\nPilot,Bradford,,,2024-01,,b\n"
)
FILES.append(
    ",".join(SITES).encode() + b"\nNorth,2023-04,31,5400,2023-05\nSouth,Apr 2023,c,,\nNorth,01/05/2023,8,5400,\n"
)
BITS = st.sampled_from(
    [
        b"",
        b",",
        b"\n",
        b"\r",
        b'"',
        b"\0",
        b"\xff",
        b"\x81",
        b"c",
        b"-",
        b"1e9",
        b";",
        b"<html>",
        b"\xe2\x80\x99",
        b"u,u",
    ]
)
CHANGES = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 40), BITS | st.binary(max_size=6)), max_size=4)


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FILES), CHANGES, st.sampled_from(["file.csv", "file.txt", "file.xlsx"]))
@example(FILES[0], [], "file.csv")
def test_a_mutated_file_gives_a_reading_or_a_refusal_and_nothing_else(
    content: bytes, changes: list[tuple[int, int, bytes]], name: str
) -> None:
    for start, length, instead in changes:
        content = content[:start] + instead + content[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            module = source_of(path)
            reading = module.read(path, Register.read()) if module else None
        except InsightError as refusal:
            assert refusal.found
            assert refusal.todo
            return
    if isinstance(reading, Reading):
        assert reading.rows_read == reading.rows_kept + sum(each.count for each in reading.set_aside)
        assert ((reading.rows["status"] == "value") == reading.rows["value"].notna()).all()
