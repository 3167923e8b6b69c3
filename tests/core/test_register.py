"""The register: what it holds, how rows are placed, and what it refuses."""

from __future__ import annotations

import csv
import pickle
import subprocess
import sys
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insight.core.area import normalise
from insight.core.register import Register
from insight.errors import AmbiguousArea, AreaError, GeographyConflict, RegisterError, UnknownArea

HEADER = "code,fact,value,from,to,source,note\n"
SMALL = """\
X92000001,level,nation,,,invented,
X92000001,name,Samplonia,,,invented,
X92000001,sample,yes,,,invented,
X12000001,level,region,,,invented,
X12000001,name,Midmark,,,invented,
X13000001,level,part,,,invented,
X13000001,name,Inner Midmark,,,invented,
X13000001,region,X12000001,,,invented,
X06000001,level,authority,2019-04-01,,invented,
X06000001,name,Ashford Vale,,,invented,
X06000001,old_la_code,901,,,invented,
X06000001,region,X12000001,,,invented,
X06000001,code,X10000007,,2020-03-31,invented order,the boundary stayed
X06000001,joint_return,X06000001_X06000002,2021-09-30,,invented,
X06000002,level,authority,,,invented,
X06000002,name,Birchwick,,,invented,
X06000002,old_la_code,902,,,invented,
X06000002,region,X12000001,,,invented,
X06000002,joint_return,X06000001_X06000002,2021-09-30,,invented,
X06000001_X06000002,level,joint,2021-09-30,,invented,
X06000001_X06000002,name,Ashford Vale / Birchwick,,,invented,
X06000003,level,authority,,2019-03-31,invented,
X06000003,name,Old Ashford,,,invented,
X06000003,old_la_code,903,,,invented,
X06000003,region,X12000001,,,invented,
X06000003,merged_into,X06000001,2019-04-01,,invented order,
"""


@pytest.fixture(scope="module")
def england() -> Register:
    return Register.read()


def register_of(tmp_path: Path, rows: str, header: str = HEADER) -> Register:
    path = tmp_path / "authorities.csv"
    path.write_text(header + rows, encoding="utf-8", newline="\n")
    return Register.read(path)


@pytest.fixture
def small(tmp_path: Path) -> Register:
    return register_of(tmp_path, SMALL)


def test_england_has_153_authorities_in_nine_regions(england: Register) -> None:
    assert len(england.authorities()) == 153
    assert len(england.regions) == 9
    assert sum(len(england.members(region.code)) for region in england.regions) == 153
    assert england.nation.name == "England"
    assert not england.is_sample


def test_seven_authorities_have_been_abolished_since_2009(england: Register) -> None:
    gone = [area.name for area in england.authorities(abolished=True) if area.is_abolished]
    assert sorted(gone) == [
        "Bedfordshire",
        "Bournemouth",
        "Cheshire",
        "Cumbria",
        "Dorset",
        "Northamptonshire",
        "Poole",
    ]


def test_the_west_midlands_has_fourteen_authorities_of_unchanged_code(england: Register) -> None:
    members = england.members("West Midlands")
    assert len(members) == 14
    assert all(area.codes == (area.code,) for area in members)


@pytest.mark.parametrize(
    ("newest", "earlier", "first_day"),
    [
        ("E06000057", "E06000048", date(2013, 4, 1)),  # Northumberland
        ("E08000037", "E08000020", date(2013, 4, 1)),  # Gateshead
        ("E08000038", "E08000016", date(2025, 4, 1)),  # Barnsley
        ("E08000039", "E08000019", date(2025, 4, 1)),  # Sheffield
        ("E06000060", "E10000002", date(2020, 4, 1)),  # Buckinghamshire
        ("E06000065", "E10000023", date(2023, 4, 1)),  # North Yorkshire
        ("E06000066", "E10000027", date(2023, 4, 1)),  # Somerset
    ],
)
def test_a_new_code_continues_the_area(england: Register, newest: str, earlier: str, first_day: date) -> None:
    area = england.get(earlier)
    assert area is england.get(newest)
    assert area.codes == (newest, earlier)
    assert [(fact.kind, fact.date) for fact in area.lineage] == [("reissue", first_day)]
    assert earlier in area.lineage[0].note
    assert (area.start, area.end, area.predecessors, area.successors) == (None, None, (), ())


def test_dorset_of_2019_is_a_new_area(england: Register) -> None:
    old, new = england.get("E10000009"), england.get("E06000059")
    assert (old.old_la_code, new.old_la_code) == ("835", "838")
    assert old.end == date(2019, 3, 31)
    assert new.start == date(2019, 4, 1)
    assert old.successors == ("E06000058", "E06000059")
    assert england.get("E06000058").predecessors == ("E06000028", "E06000029", "E10000009")


def test_every_change_of_areas_meets_at_midnight(england: Register) -> None:
    for area in england.authorities(abolished=True):
        for fact in area.lineage:
            if fact.kind in ("merger", "split"):
                assert all(england.get(code).end == fact.date - timedelta(days=1) for code in fact.predecessors)
                assert all(england.get(code).start == fact.date for code in fact.successors)
            assert fact.source


def test_two_returns_are_joint_and_sit_in_the_region_of_their_members(england: Register) -> None:
    northants, thames = england.joints
    assert thames.members == ("E09000021", "E09000027")
    assert (thames.code, thames.region_name) == ("E09000021_E09000027", "London")
    assert northants.name == "North Northamptonshire / West Northamptonshire"
    assert (northants.level, northants.codes, northants.old_la_code) == ("joint", (), None)
    assert england.joint_of("E06000061") is northants
    assert england.joint_of("E06000061", on=date(2021, 6, 30)) is None
    assert england.joint_of("E09000027", on=date(2017, 9, 30)) is thames
    assert england.joint_of("E08000025") is None


def test_a_joint_return_takes_the_place_of_its_members(england: Register) -> None:
    london = england.authorities(region="London", joint=True)
    assert len(england.authorities(region="London")) == 33
    assert len(london) == 32
    assert "E09000021_E09000027" in {unit.code for unit in london}


def test_the_packaged_file_is_plain_ascii_with_unix_line_ends() -> None:
    text = Path(sys.modules["insight.core.register"].__file__ or "").with_name("authorities.csv").read_bytes()
    assert b"\r" not in text
    assert text.isascii()
    assert text.endswith(b"\n")


def test_reading_the_register_loads_neither_pandas_nor_rapidfuzz() -> None:
    script = (
        "import sys; from insight.core.register import Register; Register.read().authority('Leeds');"
        "print({'pandas', 'numpy', 'rapidfuzz'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_packaged_register_is_read_once_and_survives_a_journey(england: Register) -> None:
    assert Register.read() is england
    assert pickle.loads(pickle.dumps(england)) == england  # noqa: S301  # our own bytes, for workers on other machines


def test_the_register_says_how_many_areas_it_has(england: Register) -> None:
    assert "153 today, 7 abolished" in repr(england)
    assert "153 today, 7 abolished" in england._repr_html_()


COUNCIL_WORDS = set(normalise("london borough of royal metropolitan district city county council").split()) | set(
    normalise("unitary authority ua cc bc lb rb mbc mdc").split()
)
NAMES = sorted({name for area in Register.read().areas for name in (area.name, *area.aliases, *area.trusts)})


@st.composite
def mutated_names(draw: st.DrawFn) -> str:
    """A real name with one to three letters changed, lost, doubled or added."""
    name = draw(st.sampled_from(NAMES))
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.integers(0, len(name)))
        added = draw(st.text(max_size=1) | st.sampled_from("aeiourstn -'.,&/\\"))
        name = name[:where] + added + name[where + draw(st.integers(0, 1)) :]
    return name


@settings(derandomize=True, deadline=None, max_examples=500)
@given(mutated_names())
@example("Leads")
@example("Derbys")
@example("Kent/")
def test_a_mutated_name_finds_nothing_that_does_not_bear_it(typed: str) -> None:
    register = Register.read()
    try:
        found = register.area(typed, abolished=True)
    except AreaError:
        return
    words = normalise(typed).split()
    borne = [normalise(name).split() for name in (found.name, *found.aliases, *found.trusts)]
    # Beside a name that the area bears, in its order and letter by letter, only words for a council may stand.
    assert any(
        words[i : i + len(name)] == name and set(words[:i] + words[i + len(name) :]) <= COUNCIL_WORDS
        for name in borne
        for i in range(len(words) - len(name) + 1)
    ), f"{typed!r} found {found.name}"


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(max_size=200))
def test_any_text_gives_an_area_or_a_plain_refusal(typed: str) -> None:
    register = Register.read()
    try:
        register.area(typed)
    except AreaError as stop:
        assert str(stop).replace("\n", "").isprintable()
        assert len(register.suggest(typed)) <= 3


def test_a_joint_row_of_the_workforce_file_is_one_unit(england: Register) -> None:
    unit = england.resolve(
        new_la_code="E09000021 / E09000027",
        old_la_code="314 / 318",
        la_name="Kingston upon Thames / Richmond upon Thames",
        period_end=date(2017, 9, 30),
    )
    assert unit.code == "E09000021_E09000027"


def test_an_earlier_code_places_the_row_in_any_year(england: Register) -> None:
    # The section 47 file still used the codes of before April 2013 in 2019.
    unit = england.resolve(
        new_la_code="E08000020", old_la_code="390", la_name="Gateshead", period_end=date(2019, 3, 31)
    )
    assert unit.code == "E08000037"


def test_a_file_with_only_three_digits_is_placed_by_them(england: Register) -> None:
    assert england.resolve(new_la_code="", old_la_code="822", la_name="Bedford Borough").code == "E06000055"
    assert england.resolve(new_la_code="E06000055", old_la_code="", la_name="").code == "E06000055"


@pytest.mark.parametrize(
    ("new", "old", "name", "told"),
    [
        ("E06000010", "330", "Birmingham", ["Kingston upon Hull", "Birmingham"]),
        ("E06000010", "810", "Birmingham", ["Kingston upon Hull", "Birmingham"]),
        ("E06000010", "810", "Hul", ["Kingston upon Hull", "no name of it"]),
        ("E06000059", "835", "Dorset", ["E06000059", "E10000009"]),
        ("E09000021 / E09000027", "314 / 318", "Kingston upon Thames", ["Richmond upon Thames"]),
        ("E09000021", "314 / 318", "Kingston upon Thames", ["E09000021_E09000027"]),
        ("", "", "Leeds", ["a name alone places nothing"]),
    ],
)
def test_a_row_that_contradicts_itself_is_refused_with_both_sides(
    england: Register, new: str, old: str, name: str, told: list[str]
) -> None:
    with pytest.raises(GeographyConflict) as stop:
        england.resolve(new_la_code=new, old_la_code=old, la_name=name)
    assert all(word in stop.value.found for word in told)


@pytest.mark.parametrize(
    ("code", "old", "name", "day"),
    [
        ("E10000021", "928", "Northamptonshire", date(2022, 3, 31)),
        ("E06000061", "940", "North Northamptonshire", date(2021, 3, 31)),
        ("E06000061 / E06000062", "940 / 941", "", date(2020, 9, 30)),
    ],
)
def test_a_row_of_a_day_on_which_the_unit_did_not_exist_is_refused(
    england: Register, code: str, old: str, name: str, day: date
) -> None:
    with pytest.raises(GeographyConflict, match="existed from"):
        england.resolve(new_la_code=code, old_la_code=old, la_name=name, period_end=day)


@pytest.mark.parametrize(
    ("new", "old"), [("E06000099", "383"), ("X06000001", ""), ("", "999"), ("E08000035 / E08000025", "")]
)
def test_an_unknown_code_is_refused_with_suggestions(england: Register, new: str, old: str) -> None:
    with pytest.raises(UnknownArea, match="did you mean Leeds") as stop:
        england.resolve(new_la_code=new, old_la_code=old, la_name="Leeds\x1b")
    assert (new or old) in stop.value.asked
    assert "\x1b" not in str(stop.value)


def test_inner_london_is_no_region(england: Register) -> None:
    assert england.resolve_region("E13000001", "Inner London") is None
    assert england.resolve_region("E13000002", "London (Outer)") is None
    region = england.resolve_region("E12000003", "Yorkshire and the Humber")
    assert region is not None
    assert region.name == "Yorkshire and The Humber"
    with pytest.raises(GeographyConflict):
        england.resolve_region("E13000001", "Outer London")
    with pytest.raises(GeographyConflict):
        england.resolve_region("E12000003", "London")
    with pytest.raises(GeographyConflict):
        england.resolve_region("E08000035", "Leeds")
    with pytest.raises(UnknownArea):
        england.resolve_region("E12000099", "London")


def test_a_sample_file_gives_invented_areas(small: Register) -> None:
    assert small.is_sample
    assert all(area.is_sample for area in small.areas)
    assert repr(small).startswith("SAMPLE DATA")
    assert [area.name for area in small.authorities()] == ["Ashford Vale", "Birchwick"]
    assert [area.code for area in small.authorities(joint=True)] == ["X06000001_X06000002"]
    assert [area.name for area in small.authorities(on=date(2018, 1, 1))] == ["Birchwick", "Old Ashford"]
    assert small.authority("Old Ashford", abolished=True).successors == ("X06000001",)
    assert small.get("X10000007").code == "X06000001"
    assert small.resolve_region("X13000001", "Inner Midmark") is None
    with pytest.raises(UnknownArea, match="invented areas of the sample"):
        small.authority("Leeds")


def test_a_file_saved_by_excel_is_read_the_same(tmp_path: Path, small: Register) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (HEADER + SMALL).replace("\n", "\r\n").encode())
    assert Register.read(path) == small


def test_notes_may_be_left_out(tmp_path: Path) -> None:
    rows = [line.rsplit(",", 1)[0] for line in SMALL.splitlines()]
    assert len(register_of(tmp_path, "\n".join(rows) + "\n", "code,fact,value,from,to,source\n").authorities()) == 2


def test_the_same_alias_on_two_areas_is_ambiguous(tmp_path: Path) -> None:
    rows = SMALL + "X06000001,alias,The Vale,,,invented,\nX06000002,alias,Vale,,,invented,\n"
    with pytest.raises(AmbiguousArea):
        register_of(tmp_path, rows).authority("vale")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("X06000002,colour,blue,,,invented,\n", "no kind of fact"),
        ("X06000002,alias,Birch,,,,\n", "without code, value or source"),
        ("X06000002,alias,Birch,,,invented,,,\n", "more cells than columns"),
        ("X06000002,alias,Birch,01/04/2019,,invented,\n", "days written like"),
        ("X06000002,name,Birch,,,invented,\n", "2 facts of the kind name"),
        ("X06000009,alias,Nobody,,,invented,\n", "0 facts of the kind level"),
        ("X06000002,style,baronial,,,invented,\n", "does not exist"),
        ("X06000002,merged_into,X06000099,2020-04-01,,invented,\n", "no authority of this file"),
        ("X06000002,merged_into,X06000001,,,invented,\n", "without its first day"),
        ("X06000002,code,X10000008,,,invented,\n", "has no last day"),
        ("X06000002,code,X10000007,,2015-03-31,invented,\n", "is claimed by"),
        ("X06000003,joint_return,X06000001_X06000002,2021-09-30,,invented,\n", "has the members"),
        ("X92000002,level,nation,,,invented,\nX92000002,name,Twonia,,,invented,\n", "exactly one nation"),
        ("X06000008,level,hamlet,,,invented,\nX06000008,name,Ham,,,invented,\n", "does not exist"),
        ("X06000008,level,authority,,,invented,\nX06000008,name,Ham,,,invented,\n", "has no region"),
        (
            "X06000008,level,authority,,,invented,\nX06000008,name,Birchwick,,,invented,\n"
            "X06000008,region,X12000001,,,invented,\n",
            "birchwick is claimed by",
        ),
        (
            "X06000008,level,authority,2020-01-01,2019-01-01,invented,\nX06000008,name,Ham,,,invented,\n"
            "X06000008,region,X12000001,,,invented,\n",
            "ends before it begins",
        ),
    ],
)
def test_a_register_that_contradicts_itself_is_refused(tmp_path: Path, rows: str, told: str) -> None:
    with pytest.raises(RegisterError, match=r"authorities\.csv") as stop:
        register_of(tmp_path, SMALL + rows)
    assert told in stop.value.found


def test_members_of_two_regions_make_no_joint_return(tmp_path: Path) -> None:
    rows = SMALL.replace("X06000002,region,X12000001", "X06000002,region,X12000002")
    rows += "X12000002,level,region,,,invented,\nX12000002,name,Northmark,,,invented,\n"
    with pytest.raises(RegisterError, match="not of one region"):
        register_of(tmp_path, rows)


def test_a_file_that_is_no_register_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="the columns"):
        register_of(tmp_path, "", "code,name\n")
    with pytest.raises(RegisterError, match="no readable UTF-8 text"):
        Register.read(tmp_path / "absent.csv")
    latin = tmp_path / "latin.csv"
    latin.write_bytes((HEADER + SMALL).replace("Birchwick", "Birchwïck").encode("cp1252"))
    with pytest.raises(RegisterError, match="no readable UTF-8 text"):
        Register.read(latin)


YEAR_END = {"cin": (3, 31), "population": (6, 30), "workforce": (9, 30)}
CIN = dict.fromkeys(range(2013, 2026), 152) | {2020: 151, 2021: 151, 2024: 153, 2025: 153}
FILES = [
    ("dfe/c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv", "cin", CIN),
    (
        "dfe/cin-2024-release/c1_children_in_need_referrals_and_rereferrals_2013_to_2024.csv",
        "cin",
        {year: count for year, count in CIN.items() if year < 2025},
    ),
    (
        "ons/ons_mid-year_population_estimates_2012_to_2024.csv",
        "population",
        {year - 1: count for year, count in CIN.items()},  # the same boundaries, a year before
    ),
    (
        "dfe/csww_indicators_2017_to_2025.csv",
        "workforce",
        dict.fromkeys((2017, 2018, 2023, 2024, 2025), 151) | dict.fromkeys(range(2019, 2023), 150),
    ),
    # The earlier release lists each member of a joint return from 2021, the second one without figures.
    (
        "dfe/csww_headline_measures_2017_to_2022.csv",
        "workforce",
        {2017: 151, 2018: 151, 2019: 150, 2020: 150, 2021: 152, 2022: 152},
    ),
]


@pytest.mark.published
@pytest.mark.parametrize(("file", "kind", "expected"), FILES)
def test_every_row_of_the_published_files_is_placed(
    england: Register, test_data: Path, file: str, kind: str, expected: dict[int, int]
) -> None:
    units: dict[int, list[str]] = defaultdict(list)
    with (test_data / "published" / file).open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["geographic_level"] == "Regional":
                england.resolve_region(row["region_code"], row["region_name"])
            if row["geographic_level"] != "Local authority":
                continue
            year = int(row["time_period"])
            unit = england.resolve(
                new_la_code=row["new_la_code"],
                old_la_code=row["old_la_code"],
                la_name=row["la_name"],
                period_end=date(year, *YEAR_END[kind]),
            )
            region = england.resolve_region(row["region_code"], row["region_name"]) or england.region("London")
            assert unit.region_code == region.code
            units[year].append(unit.code)
    assert {year: len(codes) for year, codes in units.items()} == expected
    assert all(len(codes) == len(set(codes)) for codes in units.values()), "a unit stands twice in one year"


@pytest.mark.parametrize(("file", "kind", "expected"), FILES[:4])
def test_the_register_counts_the_units_of_a_day_as_the_files_do(
    england: Register, file: str, kind: str, expected: dict[int, int]
) -> None:
    month, day = YEAR_END[kind]
    counts = {year: len(england.authorities(on=date(year, month, day), joint=kind == "workforce")) for year in expected}
    assert counts == expected
