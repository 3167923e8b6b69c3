"""The committed sample: its bytes, its oddities, its totals, and that none of it is real."""

from __future__ import annotations

import csv
import re
import runpy
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import pytest
from pyarrow import parquet

from insight.core.area import normalise
from insight.core.register import Register
from insight.errors import AbolishedArea, AmbiguousArea, UnknownArea
from insight.sample import places, write_sample
from insight.sample.months import MONTHS

FOLDER = Path(__file__).resolve().parents[2] / "data" / "raw" / "sample"
INDICATORS = "sample_csww_indicators_2017_to_2025.csv"
HEADLINE = "sample_csww_headline_measures_2017_to_2022.csv"
REFERRALS = "sample_c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
REFERRALS_BEFORE = "sample_c1_children_in_need_referrals_and_rereferrals_2013_to_2024.csv"
BY_MONTH = "sample_c6_children_in_need_referrals_by_month_2013_to_2024.csv"
SITES = ("sites.csv", "sites-X06000007.csv", "sites-X06000011.csv")
POPULATION = "sample_mid-year_population_estimates_2012_to_2024.csv"
NEIGHBOURS = "sample_sn_model_2025_wide.csv"
NEIGHBOURS_2021 = "sample_statistical_neighbour_groupings_april_2021.csv"
NEED = "sample_b1_children_in_need_2013_to_2025.csv"
ASSESSMENTS = "sample_c2_children_in_need_assessments_duration_2014_to_2024.csv"
REVIEWS = "sample_d6_cpps_reviewed_within_timescales_2013_to_2024.csv"
LOOKED_AFTER = "sample_cla_number_and_rate_per_10k_children.csv"
ETHNICITY = "sample_csww_workforce_role_by_ethnicity_2019_to_2022.csv"
TOOL = "sample_bds_long.parquet"
WITH_GEOGRAPHY = (
    INDICATORS,
    HEADLINE,
    REFERRALS,
    REFERRALS_BEFORE,
    BY_MONTH,
    POPULATION,
    NEED,
    ASSESSMENTS,
    REVIEWS,
    LOOKED_AFTER,
    ETHNICITY,
)
FILTERS = ("population_type", "OrgRole")
AUTHORITY = "Local authority"
REAL = {
    INDICATORS: "dfe/csww_indicators_2017_to_2025.csv",
    HEADLINE: "dfe/csww_headline_measures_2017_to_2022.csv",
    REFERRALS: "dfe/c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv",
    REFERRALS_BEFORE: "dfe/cin-2024-release/c1_children_in_need_referrals_and_rereferrals_2013_to_2024.csv",
    BY_MONTH: "dfe/cin-2024-release/c6_children_in_need_referrals_by_month_2013_to_2024.csv",
    POPULATION: "ons/ons_mid-year_population_estimates_2012_to_2024.csv",
    NEED: "dfe/b1_children_in_need_2013_to_2025.csv",
    ASSESSMENTS: "dfe/cin-2024-release/c2_children_in_need_assessments_duration_2014_to_2024.csv",
    REVIEWS: "dfe/cin-2024-release/d6_cpps_reviewed_within_timescales_2013_to_2024.csv",
    LOOKED_AFTER: "dfe/cla_number_and_rate_per_10k_children.csv",
    ETHNICITY: "dfe/csww_workforce_role_by_ethnicity_2019_to_2022.csv",
    NEIGHBOURS: "dfe/sn_model_2025_wide.csv",
    NEIGHBOURS_2021: "dfe/New_Statistical_Neighbour_Groupings_April_2021.csv",
}


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


def cells(name: str, column: str, **where: str) -> dict[str, str]:
    """Cells of one column by year, from the rows where every named column holds the given text."""
    chosen = [row for row in table(name) if all(row[key] == text for key, text in where.items())]
    return {row["time_period"]: row[column] for row in chosen}


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.read(FOLDER / "authorities.csv")


def is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d)?", text) is not None


def test_the_program_gives_the_committed_bytes(tmp_path: Path) -> None:
    written = write_sample(tmp_path)
    assert {path.name for path in written} == {path.name for path in FOLDER.iterdir()}
    assert [path.name for path in written if path.read_bytes() != (FOLDER / path.name).read_bytes()] in ([], [TOOL])
    # A Parquet file names the library that wrote it; another version of it writes other bytes and the same rows.
    assert parquet.read_table(tmp_path / TOOL).equals(parquet.read_table(FOLDER / TOOL))


def test_the_command_writes_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["insight.sample", str(tmp_path)])
    runpy.run_module("insight.sample", run_name="__main__")
    assert capsys.readouterr().out.splitlines() == [path.as_posix() for path in write_sample(tmp_path)]
    assert (tmp_path / INDICATORS).read_bytes() == (FOLDER / INDICATORS).read_bytes()


def test_another_seed_gives_other_numbers_and_the_same_places(tmp_path: Path) -> None:
    write_sample(tmp_path, seed=1)
    assert (tmp_path / INDICATORS).read_bytes() != (FOLDER / INDICATORS).read_bytes()
    assert (tmp_path / "authorities.csv").read_bytes() == (FOLDER / "authorities.csv").read_bytes()


def test_the_sample_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000


def test_the_note_says_that_it_is_invented() -> None:
    assert "INVENTED" in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.published
@pytest.mark.parametrize("name", REAL)
def test_header_mark_and_line_ends_are_those_of_the_published_file(name: str, test_data: Path) -> None:
    ours, theirs = (FOLDER / name).read_bytes(), (test_data / "published" / REAL[name]).read_bytes()
    assert ours.split(b"\n")[0] == theirs.split(b"\n")[0]
    assert ours.endswith(b"\n") and theirs.endswith(b"\n")
    assert (b"\r\n" in ours) == (b"\r\n" in theirs)
    assert ours.count(b"\r\n") in (0, ours.count(b"\n"))


@pytest.mark.published
@pytest.mark.parametrize("name", WITH_GEOGRAPHY)
def test_every_symbol_stands_where_the_published_file_has_it_too(name: str, test_data: Path) -> None:
    with (test_data / "published" / REAL[name]).open(encoding="utf-8-sig", newline="") as file:
        real = list(csv.DictReader(file))

    def symbols(rows: list[dict[str, str]], column: str) -> set[str]:
        return {row[column] for row in rows if len(row[column]) < 4 and row[column].isalpha()}

    measured = list(real[0])[10:]
    for column in measured:
        extra = symbols(list(table(name)), column) - symbols(real, column)
        # A whole return that is lost or withheld puts x or u into every column of its row.
        assert extra <= {"x", "u"}, column


def test_every_symbol_of_these_layouts_occurs() -> None:
    seen = {cell for name in WITH_GEOGRAPHY for row in table(name) for cell in list(row.values())[10:]}
    assert {text for text in seen if text.isalpha() and len(text) < 4} == {"c", "x", "z", "u", "low"}


def test_the_real_register_refuses_every_code_and_name() -> None:
    real = Register.read()
    for place in (*places.PLACES, places.ABOLISHED, places.joint_place()):
        for text in (place.code, place.old_la_code, place.name):
            with pytest.raises(UnknownArea):
                real.authority(text)
    with pytest.raises(UnknownArea):
        real.area("X12000001")
    with pytest.raises(UnknownArea):
        real.resolve(new_la_code="X06000001", old_la_code="501", la_name="Ashquarry")


def test_no_real_name_occurs(register: Register) -> None:
    real = Register.read()
    taken = {form for form, _ in real.names}
    assert taken.isdisjoint(form for form, _ in register.names)
    for area in real.authorities(abolished=True):
        assert not any(normalise(area.name) == normalise(row["la_name"]) for row in table(INDICATORS))


def test_the_register_says_that_it_is_a_sample(register: Register) -> None:
    assert register.is_sample
    assert register.nation.name == "Albion"
    assert len(register.regions) == 5
    assert len(register.authorities()) == 60
    assert len(register.members(places.HOME_REGION)) == 14


@pytest.mark.parametrize("name", WITH_GEOGRAPHY)
def test_the_register_places_every_row(name: str, register: Register) -> None:
    for row in table(name):
        if row["geographic_level"] == "National":
            assert (row["country_code"], row["country_name"]) == (register.nation.code, register.nation.name)
            continue
        region = register.resolve_region(row["region_code"], row["region_name"])
        assert region is not None or row["region_code"].startswith("X13")
        if row["geographic_level"] == AUTHORITY:
            register.resolve(new_la_code=row["new_la_code"], old_la_code=row["old_la_code"], la_name=row["la_name"])


@pytest.mark.parametrize("name", WITH_GEOGRAPHY)
def test_no_row_is_there_twice(name: str) -> None:
    names = [each for each in ("time_period", "region_code", "new_la_code", *FILTERS) if each in table(name)[0]]
    keys = [tuple(row[each] for each in names) for row in table(name)]
    assert len(keys) == len(set(keys))


def test_names_have_the_quirks_of_real_ones(register: Register) -> None:
    for asked in ("Dunmarrow and Wick", "St Orwin", "Fenbury", "County of Galmere", "kings tarrow"):
        assert register.authority(asked).is_sample
    with pytest.raises(AmbiguousArea):
        register.authority("Marr")


def test_the_joint_return_is_one_row_of_the_workforce_file_and_two_of_the_others(register: Register) -> None:
    joint = places.joint_place()
    assert len(cells(INDICATORS, "cases", new_la_code=joint.code)) == 9
    assert register.resolve(new_la_code=joint.code, old_la_code=joint.old_la_code, la_name=joint.name).members == tuple(
        one.code for one in places.JOINT_MEMBERS
    )
    first, second = places.JOINT_MEMBERS
    assert len(cells(REFERRALS, "referral_count", new_la_code=second.code)) == 13
    # The earlier release carried the return under its first member, and the second without figures from 2021.
    assert set(cells(HEADLINE, "cases", new_la_code=second.code).items()) == {("2021", "z"), ("2022", "z")}
    assert is_number(cells(HEADLINE, "cases", new_la_code=first.code)["2022"])


def test_the_abolished_authority_ends_where_its_successors_begin(register: Register) -> None:
    gone, heirs = places.ABOLISHED.code, [one.code for one in places.SUCCESSORS]
    for name, column, last in (
        (INDICATORS, "cases", 2020),
        (REFERRALS, "referral_count", 2021),
        (POPULATION, "population_estimate", 2020),
    ):
        assert max(cells(name, column, new_la_code=gone)) == str(last)
        for heir in heirs:
            assert min(cells(name, column, new_la_code=heir)) == str(last + 1)
    assert cells(REFERRALS, "rereferral_percent", new_la_code=heirs[0])["2022"] == "x"
    with pytest.raises(AbolishedArea):
        register.authority("Wessenshire")
    assert register.authority("Wessenshire", abolished=True).successors == tuple(heirs)


def test_the_reissued_code_is_one_area(register: Register) -> None:
    old, new = places.REISSUED.code, places.REISSUED_CODE
    assert max(cells(INDICATORS, "cases", new_la_code=old)) == "2024"
    assert set(cells(INDICATORS, "cases", new_la_code=new)) == {"2025"}
    assert max(cells(REFERRALS, "referral_count", new_la_code=old)) == "2025"
    assert register.get(old).code == new


def test_every_oddity_is_where_the_note_says() -> None:
    def row(place: places.Place, column: str, name: str = INDICATORS) -> dict[str, str]:
        return cells(name, column, new_la_code=place.code)

    assert row(places.CASELOAD_WITHHELD, "caseload_fte")["2025"] == "u"
    assert is_number(row(places.CASELOAD_WITHHELD, "caseload_fte")["2024"])
    assert row(places.CASELOAD_GAP, "caseload_fte")["2024"] == "u"
    assert row(places.LEAVERS_WITHHELD, "turnover_rate_fte")["2024"] == "u"
    assert row(places.RETURN_LOST, "inpost_headcount")["2025"] == "x"
    assert row(places.ZERO_AGENCY, "agency_rate_fte")["2025"] == "0"
    assert row(places.LOW_AGENCY, "agency_rate_fte")["2025"] == "low"
    assert row(places.ABSENCE_SUPPRESSED, "absence_rate_fte")["2017"] == "c"
    assert set(row(places.NOBODY_EMPLOYED, "turnover_rate_fte").values()) == {"z"}
    assert row(places.TINY, "turnover_rate_fte")["2025"] == "0"
    assert row(places.MORE_COVER_THAN_VACANCIES, "vacancy_agency_cover_rate_fte")["2019"] == "u"
    earlier = row(places.MORE_COVER_THAN_VACANCIES, "vacancy_agency_cover_rate_fte_%", HEADLINE)["2019"]
    assert float(earlier) > 100
    referrals = row(places.REFERRALS_WITHHELD, "referral_count", REFERRALS)
    assert referrals["2024"] == "u"
    assert int(referrals["2023"]) < 0.6 * int(referrals["2022"])
    lost = row(places.REFERRALS_LOST, "referral_count", REFERRALS)
    assert (lost["2021"], lost["2022"]) == ("x", "x")
    assert "c" in row(places.NOBODY_EMPLOYED, "rereferral_count", REFERRALS).values()
    hidden = [m for m in MONTHS if row(places.MONTHS_HIDDEN, m, BY_MONTH)[str(places.MONTHS_HIDDEN_YEAR)] == "c"]
    assert len(hidden) == 2


@pytest.mark.parametrize(
    ("name", "columns", "within"),
    [
        (INDICATORS, ("inpost_fte", "inpost_headcount", "leavers_headcount", "cases", "case_holders_fte"), "0"),
        (HEADLINE, ("social_worker_fte", "leaver_headcount", "cases"), "0"),
        (REFERRALS, ("referral_count", "rereferral_count", "no_further_action_count"), "5"),
        (REFERRALS_BEFORE, ("Referrals", "Referrals_child"), "5"),
        (BY_MONTH, ("Referrals", *MONTHS), "5"),
        (POPULATION, ("population_estimate",), "0"),
    ],
)
def test_totals_are_the_sums_where_no_member_is_hidden(name: str, columns: tuple[str, ...], within: str) -> None:
    compared = 0
    years = sorted({row["time_period"] for row in table(name)})
    for column in columns:
        for year in years:
            rows = [row for row in table(name) if row["time_period"] == year]
            for above in (row for row in rows if row["geographic_level"] != AUTHORITY):
                members = [
                    row[column]
                    for row in rows
                    if row["geographic_level"] == AUTHORITY and belongs(row["region_code"], above)
                ]
                known = [text for text in members if text != "z"]
                if all(is_number(text) for text in known):
                    compared += 1
                    gap = sum(Decimal(text) for text in known) - Decimal(above[column])
                    assert abs(gap) <= Decimal(within), (column, year, above["region_name"])
    assert compared > 3 * len(columns) * len(years)


def belongs(area: str, above: dict[str, str]) -> bool:
    region = places.PARTS[area][2] if area in places.PARTS else area
    return above["geographic_level"] == "National" or above["region_code"] in (area, region)


def test_printed_rates_follow_from_printed_amounts() -> None:
    for row in table(INDICATORS):
        for rate, part, whole, times in (
            ("caseload_fte", "cases", "case_holders_fte", 1),
            ("turnover_rate_headcount", "leavers_headcount", "inpost_headcount", 100),
        ):
            withheld = part == "leavers_headcount" and row["time_period"] == "2024" and row["la_name"] == ""
            if is_number(row[rate]) and not withheld:
                exact = times * Decimal(row[part]) / Decimal(row[whole])
                assert Decimal(row[rate]) == exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def test_withheld_leavers_leave_the_rate_above_them_but_their_stock_stays() -> None:
    above = {"region_code": places.LEAVERS_WITHHELD.region, "geographic_level": "Regional"}
    leavers, staff, rate = (
        float(cells(INDICATORS, column, **above)["2024"])
        for column in ("leavers_headcount", "inpost_headcount", "turnover_rate_headcount")
    )
    assert rate > 100 * leavers / staff + 0.1


def test_the_earlier_release_was_revised_in_a_few_cells_of_early_years() -> None:
    now = {(r["time_period"], r["new_la_code"]): r["leavers_headcount"] for r in table(INDICATORS)}
    changed = {
        (row["time_period"], row["new_la_code"])
        for row in table(HEADLINE)
        if row["geographic_level"] == AUTHORITY
        and now.get((row["time_period"], row["new_la_code"]), row["leaver_headcount"]) != row["leaver_headcount"]
        and is_number(row["leaver_headcount"])
    }
    assert 5 <= len(changed) <= 9
    assert {year for year, _ in changed} <= {"2017", "2018", "2019"}


def test_every_authority_has_ten_neighbours_and_none_is_itself() -> None:
    known = {place.old_la_code for place in places.PLACES}
    for name, mark in ((NEIGHBOURS, "SN_{}"), (NEIGHBOURS_2021, "SN{}")):
        code = "old_la_code" if name == NEIGHBOURS else "LA number"
        rows = [row for row in table(name) if row[code]]
        assert {row[code] for row in rows} >= known
        for row in rows:
            near = [row[mark.format(rank)] for rank in range(1, 11)]
            assert len(set(near)) == 10
            assert set(near) <= known - {row[code]}


def test_twelve_months_add_up_to_the_year_of_the_yearly_table() -> None:
    compared = 0
    for row in table(BY_MONTH):
        months = [row[month] for month in MONTHS]
        if row["geographic_level"] == AUTHORITY:
            year = cells(REFERRALS, "referral_count", new_la_code=row["new_la_code"])[row["time_period"]]
            assert row["Referrals"] == year, (row["la_name"], row["time_period"])
            if all(map(is_number, months)):
                compared += 1
                assert sum(map(int, months)) == int(year)
        else:
            assert abs(sum(map(int, months)) - int(row["Referrals"])) <= 65  # each of thirteen is rounded to ten
    assert compared > 650


def test_a_lost_and_a_withheld_return_have_no_month() -> None:
    for place, years, symbol in (
        (places.REFERRALS_LOST, ("2021", "2022"), "x"),
        (places.REFERRALS_WITHHELD, ("2024",), "u"),
    ):
        for month in ("Referrals", *MONTHS):
            found = cells(BY_MONTH, month, new_la_code=place.code)
            assert [year for year, text in found.items() if text == symbol] == sorted(years, reverse=True)


def test_months_are_low_in_august_and_in_the_spring_of_2020() -> None:
    nation = {month: cells(BY_MONTH, month, geographic_level="National") for month in MONTHS}
    for year in map(str, range(2013, 2025)):
        assert int(nation["August"][year]) < 0.9 * int(nation["July"][year])
    assert int(nation["April"]["2021"]) < 0.8 * int(nation["April"]["2020"])


def test_programmes_name_areas_of_the_register_and_known_months(register: Register) -> None:
    rows = table("programmes.csv")
    assert list(rows[0]) == ["programme", "area", "announced", "funded", "live", "what_it_is", "source"]
    assert len({register.authority(row["area"]).code for row in rows}) == len(rows) == 10
    assert {row["source"] for row in rows} == {"invented"}
    assert all(re.fullmatch(r"20\d\d-\d\d", row[name]) for row in rows for name in ("announced", "funded", "live"))
    home = [one.name for one in register.members(places.HOME_REGION)]
    assert [row["area"] for row in rows if row["area"] in home] == ["Netherglade", "Oxenlea"]


@pytest.mark.parametrize("name", SITES)
def test_each_site_has_every_month_once_and_one_start(name: str, register: Register) -> None:
    rows = table(name)
    assert list(rows[0]) == ["site", "month", "referrals", "children", "start", "authority"]
    months = sorted({row["month"] for row in rows})
    assert (months[0], months[-1], len(months)) == ("2019-04", "2024-03", 60)
    sites = {row["site"] for row in rows}
    assert len({(row["site"], row["month"]) for row in rows}) == len(rows) == len(sites) * 60
    starts = {(row["site"], row["start"]) for row in rows}
    assert len(starts) == len(sites)
    assert {start for _, start in starts} <= {"", *months}
    (authority,) = {row["authority"] for row in rows}
    assert register.authority(authority) in register.members(places.HOME_REGION)


def test_starts_are_staggered_and_there_are_as_many_as_the_note_says() -> None:
    counted = {
        name: [s for _, s in sorted({(row["site"], row["start"]) for row in table(name)}) if s] for name in SITES
    }
    assert [len(starts) for starts in counted.values()] == [3, 2, 3]
    assert [len(set(starts)) for starts in counted.values()] == [3, 2, 1]
