"""The map of hexagons: everybody once, regions in one piece, neighbours beside each other."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from insight.charts import GRADE_CLASSES, QUARTER_CLASSES, HexClass, palette
from insight.charts.hexagons import Cell, beside, borders, cells, centre, corners
from insight.core.register import Register
from insight.core.results import Drawing
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData, UnknownArea
from insight.sample.register import register_rows

TEXT = "{http://www.w3.org/2000/svg}text"
# Facts of geography: authorities that share a border, from the ends of the country and from within London.
TOUCHING = [
    ("Leeds", "Bradford"), ("Leeds", "Wakefield"), ("Manchester", "Salford"), ("Manchester", "Stockport"),
    ("Liverpool", "Knowsley"), ("Birmingham", "Solihull"), ("Birmingham", "Sandwell"), ("Wolverhampton", "Walsall"),
    ("Coventry", "Solihull"), ("Norfolk", "Suffolk"), ("Suffolk", "Essex"), ("Kent", "Medway"), ("Kent", "East Sussex"),
    ("Cornwall", "Devon"), ("Devon", "Plymouth"), ("Devon", "Torbay"), ("Northumberland", "North Tyneside"),
    ("County Durham", "Sunderland"), ("County Durham", "Darlington"), ("Middlesbrough", "Redcar and Cleveland"),
    ("Sheffield", "Rotherham"), ("Doncaster", "North Lincolnshire"), ("Hackney", "Islington"), ("Camden", "Brent"),
    ("Camden", "Westminster"), ("City of London", "Tower Hamlets"), ("City of London", "Southwark"),
    ("Lambeth", "Southwark"), ("Lambeth", "Wandsworth"), ("Croydon", "Sutton"), ("Croydon", "Bromley"),
    ("Havering", "Barking and Dagenham"), ("Newham", "Tower Hamlets"), ("Nottingham", "Nottinghamshire"),
    ("Oxfordshire", "Buckinghamshire"), ("Hertfordshire", "Harrow"), ("Gloucestershire", "South Gloucestershire"),
    ("Cumberland", "Westmorland and Furness"), ("Lancashire", "Blackpool"), ("Surrey", "Kingston upon Thames"),
]  # fmt: skip


@pytest.fixture(scope="module")
def england() -> dict[str, Cell]:
    return cells(Register.read())


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Register:
    path: Path = tmp_path_factory.mktemp("register") / "authorities.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(register_rows())
    return Register.read(path)


def _words(drawing: Drawing) -> list[str]:
    return [node.text or "" for node in ET.fromstring(drawing.svg).iter(TEXT)]


def _at(name: str) -> tuple[float, float]:
    return centre(cells(Register.read())[Register.read().authority(name).code])


def test_every_authority_of_today_has_one_hexagon_and_nobody_else_has(england: dict[str, Cell]) -> None:
    today = {area.code for area in Register.read().authorities()}
    assert set(england) == today and len(today) == 153
    assert len(set(england.values())) == 153


def test_names_in_the_layout_are_those_of_the_register(root: Path) -> None:
    text = (root / "src" / "insight" / "charts" / "hexagons.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["code"] for row in rows] == sorted(row["code"] for row in rows)
    assert all(Register.read().get(row["code"]).name == row["name"] for row in rows)


@pytest.mark.parametrize("which", ["england", "invented"])
def test_every_region_is_one_piece(which: str, invented: Register) -> None:
    register = Register.read() if which == "england" else invented
    layout = cells(register)
    assert len(set(layout.values())) == len(layout) == len(register.authorities())
    for region in register.regions:
        own = {layout[area.code] for area in register.members(region.code)}
        reached = {min(own)}
        for _ in own:
            reached |= {cell for here in reached for cell in beside(here)} & own
        assert reached == own, region.name


def test_authorities_that_touch_on_the_ground_touch_on_the_map(england: dict[str, Cell]) -> None:
    register = Register.read()
    apart = [
        (one, other)
        for one, other in TOUCHING
        if england[register.authority(other).code] not in beside(england[register.authority(one).code])
    ]
    assert apart == []


@pytest.mark.parametrize(
    ("west", "east"),
    [("Cornwall", "Kent"), ("Liverpool", "Kingston upon Hull, City of"), ("Herefordshire, County of", "Norfolk"),
     ("Hillingdon", "Havering"), ("Bristol, City of", "Reading"), ("Shropshire", "Lincolnshire")],
)  # fmt: skip
def test_west_is_left_of_east(west: str, east: str) -> None:
    assert _at(west)[0] < _at(east)[0] - 1


@pytest.mark.parametrize(
    ("north", "south"),
    [("Northumberland", "County Durham"), ("Cumberland", "Lancashire"), ("North Yorkshire", "Sheffield"),
     ("Derbyshire", "West Northamptonshire"), ("Norfolk", "Essex"), ("Enfield", "Croydon"), ("Surrey", "West Sussex"),
     ("Gloucestershire", "Dorset"), ("Staffordshire", "Worcestershire"), ("Milton Keynes", "Isle of Wight")],
)  # fmt: skip
def test_north_is_above_south(north: str, south: str) -> None:
    assert _at(north)[1] < _at(south)[1]


def test_a_side_is_shared_with_the_hexagon_it_faces() -> None:
    for cell in ((3, 4), (3, 5)):
        for place, other in enumerate(beside(cell)):
            side = np.array([corners(cell)[place], corners(cell)[(place + 1) % 6]])
            opposite = np.array([corners(other)[(place + 4) % 6], corners(other)[(place + 3) % 6]])
            np.testing.assert_allclose(side, opposite, atol=1e-9)


def test_borders_run_around_regions_and_not_within() -> None:
    where = {"a": (0, 0), "b": (1, 0), "c": (2, 0)}
    alone = borders({"a": (0, 0)}, {"a": "R"})
    assert len(alone) == 6 * 3
    # Three in a row have 14 outer sides; one more where the regions meet.
    assert len(borders(where, {"a": "R", "b": "R", "c": "R"})) == 14 * 3
    assert len(borders(where, {"a": "R", "b": "R", "c": "S"})) == 15 * 3


def test_each_hexagon_has_the_letter_of_its_class(drawn: ModuleType) -> None:
    drawing = drawn.hexagons()
    letters = [word for word in _words(drawing) if re.fullmatch("[1-4]", word)]
    rows = drawn.map_rows()
    assert sorted(letters) == sorted(rows.loc[rows["group"] != "", "group"])
    for each in QUARTER_CLASSES:
        assert f"{each.letter}: {each.words} ({letters.count(each.letter)})" in _words(drawing)


def test_letters_can_be_read_on_every_shade_and_shades_differ() -> None:
    for shade in palette.RAMP:
        assert max(palette.contrast(ink, shade) for ink in (palette.INK, palette.WHITE)) >= 4.5
    for one, other in zip(palette.RAMP, palette.RAMP[1:], strict=False):
        assert palette.contrast(one, other) >= 2


def test_reasons_and_zero_have_their_marks(drawn: ModuleType) -> None:
    words = _words(drawn.hexagons())
    assert {"withheld to protect people", "not available", "no row published", "zero"} <= set(words)


def test_regions_are_named_on_the_map(drawn: ModuleType) -> None:
    words = _words(drawn.hexagons())
    assert all(region.name in words for region in Register.read().regions)


def test_the_words_give_counts_ends_reasons_and_the_highlight(drawn: ModuleType) -> None:
    alt = drawn.hexagons().alt
    assert "a hexagon for each of 153 authorities" in alt
    assert "Leavers per 100 workers: from 0.0 (Hartlepool) to 151.0 (West Sussex)." in alt
    assert "1 without a figure: withheld to protect people." in alt
    assert "Leeds: " in alt and "Leeds: " in " ".join(_words(drawn.hexagons()))


def test_the_table_has_everybody_with_region_and_class(drawn: ModuleType) -> None:
    frame = drawn.hexagons().table.frame
    assert len(frame) == 153 and frame["value"].isna().sum() == 3
    assert set(frame["group"]) == {
        *(each.words for each in QUARTER_CLASSES),
        "withheld to protect people", "not available", "no row published",
    }  # fmt: skip
    assert frame.loc[frame["area"] == "Leeds", "region"].iloc[0] == "Yorkshire and The Humber"


def test_grades_need_no_number(drawn: ModuleType) -> None:
    rows = drawn.map_rows().drop(columns="value")
    rows["group"] = rows["group"].map({str(place): each.key for place, each in enumerate(GRADE_CLASSES, 1)} | {"": ""})
    drawing = drawn.hexagons(rows, classes=GRADE_CLASSES, group_label="Grade", highlight=None)
    assert [column.key for column in drawing.table.columns] == ["area", "region", "group"]
    assert "Requires improvement to be good" in drawing.alt and {"O", "G", "R", "I"} <= set(_words(drawing))


def test_a_joint_return_colours_each_of_its_members(drawn: ModuleType) -> None:
    rows = pd.DataFrame({"code": ["E06000061_E06000062"], "group": ["4"], "value": [12.0], "status": ["value"]})
    frame = drawn.hexagons(rows).table.frame.set_index("area")
    for member in ("North Northamptonshire", "West Northamptonshire"):
        assert frame.loc[member, "value"] == 12.0


def test_an_invented_register_has_a_map_too(drawn: ModuleType, invented: Register) -> None:
    rows = drawn.map_rows(invented)
    drawing = drawn.hexagons(rows, register=invented, highlight=None, is_sample=True)
    assert drawing.is_sample and "Map of Albion with a hexagon for each of 60 authorities" in drawing.alt
    assert all(region.name in _words(drawing) for region in invented.regions)


def test_what_cannot_be_drawn_is_refused_in_words(drawn: ModuleType) -> None:
    rows = drawn.map_rows()
    with pytest.raises(NotEnoughData, match="no authority"):
        drawn.hexagons(rows[:0])
    with pytest.raises(NotDisplayable, match="1 authorities with two rows"):
        drawn.hexagons(pd.concat([rows, rows[:1]]))
    with pytest.raises(NotDisplayable, match="no class called 9"):
        drawn.hexagons(rows.replace({"group": {"4": "9"}}))
    with pytest.raises(NotDisplayable, match="no hexagon for E10000021"):
        drawn.hexagons(pd.concat([rows, rows[:1].assign(code="E10000021")]))
    with pytest.raises(NotDisplayable, match="5 classes"):
        drawn.hexagons(classes=[*QUARTER_CLASSES, HexClass("5", "5", "fifth")])
    with pytest.raises(NotDisplayable, match="with neither"):
        drawn.hexagons(rows.assign(group=""))
    with pytest.raises(UnknownArea):
        drawn.hexagons(rows.assign(code="E99999999"))
    with pytest.raises(DisclosureBlocked, match="hides"):
        drawn.hexagons(rows.assign(status="suppressed"))
