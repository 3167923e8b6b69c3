"""Files of aims: what a region has set itself, and the measure that stands for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insight.core.aims import RULES, Aim
from insight.core.register import Register
from insight.errors import DuplicateKey, GeographyConflict, RuleBroken, SourceRefused
from insight.sources import regional_aims, source_of
from insight.store import build, load_panel, raw_id

HEAD = 'kind = "regional aims"\nregion = "{region}"\nwhose = "its directors"\nsource = "a page"\nas_of = "{as_of}"\n'
AIM = '[[aim]]\nkey = "lowest_turnover"\nwords = "the lowest"\nmeasure = "turnover_rate_fte"\ntest = "best_region"\n'
NONE = '[[aim]]\nkey = "innovation"\nwords = "to innovate"\ntest = "none"\nreason = "Nothing is published."\n'
GRADES = '[[aim]]\nkey = "grades"\nwords = "85% good"\nmeasure = "judgements"\ntest = "share_at_least"\ntarget = "85"\n'


def text(*aims: str, region: str = "West Midlands", as_of: str = "2026-06") -> str:
    return HEAD.format(region=region, as_of=as_of) + "".join(aims)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def written(content: str) -> Path:
        path = tmp_path / "what we want.toml"
        path.write_text(content, encoding="utf-8")
        return path

    return written


def test_an_aim_is_its_words_its_measure_and_its_test(write: Callable[[str], Path]) -> None:
    reading = regional_aims.read(write(text(AIM, NONE)), Register.read())
    first, second = reading.aims
    assert first == Aim(
        "lowest_turnover", "E12000005", "Lowest turnover", "the lowest", "turnover_rate_fte", "best_region",
        "", "", "", "its directors", "a page",
    )  # fmt: skip
    assert (second.measure, second.reason) == ("", "Nothing is published.")
    assert (reading.series, reading.release, reading.rows_kept, len(reading.rows)) == ("E12000005", "2026-06", 2, 0)


def test_a_file_is_known_by_what_it_says_and_not_by_its_name(write: Callable[[str], Path], tmp_path: Path) -> None:
    module = source_of(write(text(AIM)))
    assert module is not None and module.SOURCE.key == "regional_aims"
    other = tmp_path / "card.toml"
    other.write_text('sha256 = "ab"\nsource = "regional aims"\n', encoding="utf-8")
    assert not regional_aims.claims(other)


def test_a_file_without_a_region_stands_for_regions_without_a_list(write: Callable[[str], Path]) -> None:
    reading = regional_aims.read(write(text(GRADES, region="", as_of="")), Register.read())
    assert (reading.aims[0].region, reading.series, reading.release) == ("", "", "undated")


@pytest.mark.parametrize("before", ["# why we want it\n" * 500, "\n" * 20_000, "\ufeff"])
def test_a_file_is_known_however_much_stands_above_its_kind(write: Callable[[str], Path], before: str) -> None:
    path = write(before + text(AIM))
    assert regional_aims.claims(path)
    assert len(regional_aims.read(path, Register.read()).aims) == 1


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("1234567", "1234567"),
        ("1234567.25", "1234567.25"),
        ("85", "85"),
        ("85.0", "85"),
        ("0.1", "0.1"),
        ('"1234567.890"', "1234567.890"),
    ],
)
def test_a_target_is_kept_to_its_last_digit(write: Callable[[str], Path], target: str, kept: str) -> None:
    made = GRADES.replace('measure = "judgements"', 'measure = "turnover_rate_fte"')
    (aim,) = regional_aims.read(write(text(made.replace('"85"', target))), Register.read()).aims
    assert aim.target == kept


@pytest.mark.parametrize("target", ["1" + "0" * 15, "0x" + "f" * 5000, "9" * 5000, "inf", "nan", "true"])
def test_a_target_that_is_no_plain_number_is_refused(write: Callable[[str], Path], target: str) -> None:
    with pytest.raises(SourceRefused):
        regional_aims.read(write(text(GRADES.replace('"85"', target))), Register.read())


def test_values_in_values_without_end_are_refused_in_words(write: Callable[[str], Path]) -> None:
    with pytest.raises(SourceRefused, match="values in values"):
        regional_aims.read(write(f"{text(AIM)}deep = {'[' * 5000}{']' * 5000}\n"), Register.read())


def test_a_target_may_be_a_number_without_quotation_marks(write: Callable[[str], Path]) -> None:
    assert regional_aims.read(write(text(GRADES.replace('"85"', "85"))), Register.read()).aims[0].target == "85"


def test_an_unknown_region_is_refused_with_a_suggestion(write: Callable[[str], Path]) -> None:
    with pytest.raises(GeographyConflict, match="West Midlands"):
        regional_aims.read(write(text(AIM, region="West Midland")), Register.read())


def test_two_aims_may_not_bear_one_key(write: Callable[[str], Path]) -> None:
    with pytest.raises(DuplicateKey, match="lowest_turnover"):
        regional_aims.read(write(text(AIM, AIM)), Register.read())


def test_a_file_that_is_no_toml_is_refused_and_not_left_alone(write: Callable[[str], Path]) -> None:
    path = write(text(AIM) + "[[aim]\n")
    assert source_of(path) is not None
    with pytest.raises(SourceRefused, match="TOML"):
        regional_aims.read(path, Register.read())


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (text(AIM.replace("best_region", "the_best")), "test"),
        (text(AIM.replace("turnover_rate_fte", "")), "measure"),
        (text(AIM.replace('key = "lowest_turnover"', 'key = "Lowest turnover"')), "key"),
        (text(AIM.replace("the lowest", "")), "words"),
        (text(AIM + 'target = "3"\n'), "target"),
        (text(AIM + 'colour = "red"\n'), "colour"),
        (text(AIM + 'title = """two\nlines"""\n'), "title"),
        (text(NONE.replace("Nothing is published.", "")), "reason"),
        (text(GRADES.replace('"85"', '"most"')), "target"),
        (text(GRADES.replace('target = "85"\n', "")), "target"),
        (text(GRADES.replace("share_at_least", "best_region")), "test"),
        (text(AIM, as_of="June"), "as_of"),
        (text(AIM).replace("its directors", ""), "whose"),
        (text(), "aims"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(write: Callable[[str], Path], broken: str, said: str) -> None:
    with pytest.raises(RuleBroken, match=said):
        regional_aims.read(write(broken), Register.read())


def test_every_test_that_is_described_can_be_written(write: Callable[[str], Path]) -> None:
    for test in RULES:
        row = {"none": NONE, "share_at_least": GRADES}.get(test, AIM.replace("best_region", test))
        row += 'target = "85"\n' if test == "stands_in_at_least" else ""
        assert regional_aims.read(write(text(row)), Register.read()).aims[0].rule == test


def test_every_region_keeps_a_list_of_its_own_in_the_store(root: Path, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "one.toml").write_text(text(AIM), encoding="utf-8")
    (raw / "two.toml").write_text(text(NONE, region="London"), encoding="utf-8")
    (raw / "rest.toml").write_text(text(GRADES, region=""), encoding="utf-8")
    build(raw, tmp_path / "processed")
    panel = load_panel(tmp_path / "processed" / raw_id(raw), indicators=["aims"])
    assert sorted((aim.region, aim.key) for aim in panel.aims) == [
        ("", "grades"),
        ("E12000005", "lowest_turnover"),
        ("E12000007", "innovation"),
    ]
    assert load_panel(tmp_path / "processed" / raw_id(raw), needs=["turnover_rate_fte"]).aims == ()


def test_the_lists_of_this_project_can_be_read_and_share_their_measured_aims(root: Path) -> None:
    folder = root / "data" / "raw" / "aims"
    own, rest = (
        regional_aims.read(folder / name, Register.read()).aims for name in ("west_midlands.toml", "default.toml")
    )
    assert len(own) == 12 and {aim.region for aim in own} == {"E12000005"}
    assert {aim.region for aim in rest} == {""} and "not of this region" in rest[0].whose
    measured = {aim.key: (aim.words, aim.measure, aim.rule, aim.target) for aim in own if aim.measure}
    assert {aim.key: (aim.words, aim.measure, aim.rule, aim.target) for aim in rest if aim.measure} == measured
    # A chart has room for so many letters beside a row.
    assert all(len(aim.title) <= 27 for aim in (*own, *rest))
