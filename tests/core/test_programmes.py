"""Programmes as a noun: what it answers, and what it says where it knows nothing."""

from __future__ import annotations

from datetime import date

import pytest

from insight.core.programmes import NO_PROGRAMMES, Programme, Programmes
from insight.errors import PanelError
from tests.making import BRADFORD, LEEDS, made_panel, panel_of

PILOT = Programme("Pilot", LEEDS, "", "2023-07-26", "2023-07", "", "A pilot.", "a paper")
TRIAL = Programme("Trial", LEEDS, "", "", "", "2024-02", "A trial.", "another paper")
ALSO = Programme("Pilot", BRADFORD, "", "2023-07-26", "", "2024-04-10", "A pilot.", "a paper")
SITE = Programme("Sites", LEEDS, "Harehills", "", "", "2024-03", "", "your own file")
KNOWN = Programmes((PILOT, TRIAL, ALSO, SITE))


def test_names_areas_and_rows_of_a_programme() -> None:
    assert KNOWN.names() == ("Pilot", "Sites", "Trial")
    assert KNOWN.areas() == KNOWN.areas("Pilot") == (BRADFORD, LEEDS)
    assert KNOWN.areas("Trial", "Sites") == (LEEDS,)
    assert KNOWN.of("Pilot") == (PILOT, ALSO)
    assert KNOWN.of_area(LEEDS) == (PILOT, TRIAL, SITE)
    assert KNOWN.of_area("E06000001") == ()


def test_a_programme_that_is_not_there_stops_with_the_nearest_name() -> None:
    with pytest.raises(PanelError, match="did you mean Pilot"):
        KNOWN.of("Pilott")
    with pytest.raises(PanelError, match="build the store with a file of programmes"):
        NO_PROGRAMMES.of("Pilot")


def test_a_month_may_mean_any_of_its_days() -> None:
    assert (TRIAL.earliest("live"), TRIAL.latest("live")) == (date(2024, 2, 1), date(2024, 2, 29))
    assert PILOT.earliest("announced") == PILOT.latest("announced") == date(2023, 7, 26)
    assert (PILOT.month_of("announced"), PILOT.month_of("live")) == (202307, None)
    assert PILOT.earliest("live") is None


def test_every_known_date_is_an_event() -> None:
    frame = KNOWN.events().frame
    found = sorted(zip(frame["area"], frame["date"], frame["kind"], frame["value"], strict=True))
    assert found == sorted(
        [
            (LEEDS, date(2023, 7, 26), "announced", "Pilot"),
            (LEEDS, date(2023, 7, 1), "funded", "Pilot"),
            (BRADFORD, date(2023, 7, 26), "announced", "Pilot"),
            (BRADFORD, date(2024, 4, 10), "live", "Pilot"),
            (LEEDS, date(2024, 2, 1), "live", "Trial"),
            (LEEDS, date(2024, 3, 1), "live", "Sites: Harehills"),
        ]
    )
    assert NO_PROGRAMMES.events().frame.empty


def test_the_card_says_which_dates_are_known() -> None:
    facts = dict(KNOWN.describe().facts)
    assert facts["Pilot"] == "2 area(s); announced 2023-07-26, funded 2023-07, live 2024-04-10"
    assert facts["Sites"] == "1 site(s); live 2024-03"
    assert "Pilot" in repr(KNOWN.card())
    assert "SAMPLE DATA" in repr(Programmes((PILOT,), is_sample=True))


def test_a_part_of_a_panel_and_a_join_keep_the_programmes() -> None:
    from dataclasses import replace

    panel = replace(made_panel(), programmes=KNOWN)
    other = panel_of([(LEEDS, 2020, "cases", 1.0, "value")])
    assert panel.select("cases").programmes is KNOWN
    assert panel.lag("cases").programmes is KNOWN
    assert panel.join(other).programmes is KNOWN
    assert made_panel().programmes is NO_PROGRAMMES
