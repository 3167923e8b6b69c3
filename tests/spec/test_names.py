"""What people type, and the area it gives: one table, for the documents as well as for the tests."""

from __future__ import annotations

import pytest

from insight.core.area import normalise
from insight.core.register import Register
from insight.errors import AbolishedArea, AmbiguousArea, UnknownArea

FOUND = [
    # typed, code of the area
    ("Leeds", "E08000035"),
    ("  leeds ", "E08000035"),
    ("LEEDS CITY COUNCIL", "E08000035"),
    ("383", "E08000035"),
    ("e08000035", "E08000035"),
    ("Hull", "E06000010"),
    ("Kingston upon Hull, City of", "E06000010"),
    ("Kingston-upon-Hull UA", "E06000010"),
    ("Kingston Upon Thames", "E09000021"),
    ("Somerset", "E06000066"),
    ("E10000027", "E06000066"),
    ("North Somerset", "E06000024"),
    ("BCP", "E06000058"),
    ("Bournemouth, Christchurch & Poole", "E06000058"),
    ("LBBD", "E09000002"),
    ("RBKC", "E09000020"),
    ("London Borough of Hackney", "E09000012"),
    ("Royal Borough of Windsor & Maidenhead", "E06000040"),
    ("St Helens", "E08000013"),
    ("St. Helens", "E08000013"),
    ("Saint Helens", "E08000013"),
    ("St Helens MBC", "E08000013"),
    ("Telford & Wrekin", "E06000020"),
    ("Telford and Wrekin", "E06000020"),
    ("Telford & the Wrekin UA", "E06000020"),
    ("Herefordshire", "E06000019"),
    ("Herefordshire, County of", "E06000019"),
    ("County of Herefordshire", "E06000019"),
    ("Bristol", "E06000023"),
    ("Bristol, City of", "E06000023"),
    ("Bedford", "E06000055"),
    ("Bedford Borough", "E06000055"),
    ("Durham", "E06000047"),
    ("County Durham", "E06000047"),
    ("Northumberland", "E06000057"),
    ("Dorset", "E06000059"),
    ("Cambridgeshire CC", "E10000003"),
    ("Nottingham City UA", "E06000018"),
    ("Nottinghamshire CC", "E10000024"),
    ("Stoke", "E06000021"),
    ("Newcastle", "E08000021"),
    ("City of London", "E09000001"),
    ("london corporation", "E09000001"),
    ("Worcestershire Children First", "E10000034"),
    ("Birmingham Children\u2019s Trust", "E08000025"),
    ("Doncaster Children's Services Trust", "E08000017"),
    ("Together for Children", "E08000024"),
    ("Slough Children First", "E06000039"),
    ("314 / 318", "E09000021_E09000027"),
    ("E06000061_E06000062", "E06000061_E06000062"),
]

SEVERAL = [
    # typed, the names that the error gives
    ("Kingston", ["Kingston upon Thames", "Kingston upon Hull"]),
    ("Achieving for Children", ["Kingston upon Thames", "Richmond upon Thames", "Windsor and Maidenhead"]),
    ("Northamptonshire Children's Trust", ["North Northamptonshire", "West Northamptonshire"]),
]

GONE = [
    # typed, the successors that the error gives, key of the area
    ("Northamptonshire", ["North Northamptonshire", "West Northamptonshire"], "E10000021"),
    ("Cumbria", ["Cumberland", "Westmorland and Furness"], "E10000006"),
    ("Bournemouth", ["Bournemouth, Christchurch and Poole"], "E06000028"),
    ("Poole (Pre LG)", ["Bournemouth, Christchurch and Poole"], "E06000029"),
    ("835", ["Bournemouth, Christchurch and Poole", "Dorset (E06000059)"], "E10000009"),
    ("Bedfordshire", ["Bedford", "Central Bedfordshire"], "E10000001"),
    ("Cheshire", ["Cheshire East", "Cheshire West and Chester"], "E10000004"),
]

UNKNOWN = [
    "",
    "Leads",
    "Leed",
    "Leeds Leeds",
    "West Yorkshire",
    "Leicester County Council",  # the city is not the county
    "Nottingham CC",
    "Durham City Council",  # a district, abolished in 2009
    "London",  # a region
    "Inner London",
    "E07000008",  # a district
    "E0800003",
    "X06000001",  # an invented area of the sample
    "999",
    "../Leeds",
    "Leeds/..",
    "C:\\Leeds",
    "\\\\server\\Leeds",
    "Leeds\x00",
    "Le\x1b[31meds",
    "\u202eLeeds",
    "Lee\u200bds",
    "Leeds.",
    "con",
    "aux.",
    "a" * 300,
    "Leeds" + " " * 300 + "Leeds",
    "<b>Leeds</b>",
    "Leeds; DROP TABLE areas",
]


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.read()


@pytest.mark.parametrize(("typed", "code"), FOUND)
def test_a_name_or_code_gives_the_area(register: Register, typed: str, code: str) -> None:
    assert register.authority(typed).code == code
    assert register.area(typed).code == code


@pytest.mark.parametrize(("typed", "names"), SEVERAL)
def test_a_name_of_several_areas_stops_and_gives_them_all(register: Register, typed: str, names: list[str]) -> None:
    with pytest.raises(AmbiguousArea) as stop:
        register.authority(typed)
    assert all(name in stop.value.found for name in names)


@pytest.mark.parametrize(("typed", "successors", "code"), GONE)
def test_an_abolished_area_stops_and_gives_its_successors(
    register: Register, typed: str, successors: list[str], code: str
) -> None:
    with pytest.raises(AbolishedArea) as stop:
        register.authority(typed)
    assert all(name in stop.value.found for name in successors)
    assert "abolished=True" in stop.value.todo
    assert register.authority(typed, abolished=True).code == code


@pytest.mark.parametrize("typed", UNKNOWN)
def test_anything_else_stops_with_at_most_three_suggestions(register: Register, typed: str) -> None:
    with pytest.raises(UnknownArea) as stop:
        register.authority(typed, abolished=True)
    assert str(stop.value).replace("\n", "").isprintable()
    assert len(str(stop.value)) < 400
    assert len(register.suggest(typed)) <= 3


def test_a_slip_of_the_pen_is_offered_the_right_name(register: Register) -> None:
    with pytest.raises(UnknownArea, match="did you mean Leeds"):
        register.authority("Leads")
    assert register.suggest("Birmigham")[0] == "Birmingham"


def test_northamptonshire_says_how_its_successors_are_combined(register: Register) -> None:
    with pytest.raises(AbolishedArea) as stop:
        register.authority("Northamptonshire")
    assert "E06000061_E06000062" in stop.value.todo
    assert "add up the successors' counts" in stop.value.todo


def test_old_dorset_is_not_the_sum_of_what_replaced_it(register: Register) -> None:
    # Bournemouth, Christchurch and Poole holds two towns that were never in Dorset's figures.
    with pytest.raises(AbolishedArea) as stop:
        register.authority("E10000009")
    assert "add up" not in stop.value.todo


def test_a_region_is_named_as_a_region(register: Register) -> None:
    assert register.region("yorkshire & the humber").code == "E12000003"
    assert register.area("London").level == "region"
    with pytest.raises(UnknownArea, match="region"):
        register.authority("West Midlands")
    with pytest.raises(UnknownArea):
        register.region("Leeds")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St. Helens", "ST HELENS"),
        ("Stoke-on-Trent", "stoke on trent"),
        ("Herefordshire, County of", "County of Herefordshire"),
        ("Brighton & Hove", "brighton  and hove"),
        ("The Isles of Scilly", "isles of scilly"),
        ("Children\u2019s", "Children's"),
    ],
)
def test_two_ways_of_writing_have_one_form(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Derby", "Derbyshire"), ("Leeds", "Leeds."), ("Leeds", "/Leeds"), ("Leeds", "Leads")]
)
def test_two_names_have_two_forms(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)
