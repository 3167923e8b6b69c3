"""What a person and a program are told."""

from __future__ import annotations

from dataclasses import replace

from insight.fetching import Fetched, as_objects, closing_words
from tests.fetching.conftest import SMALL, Fetching, made_card
from tests.fetching.server import Server, status, whole


def told(fetched: Fetched) -> str:
    return "\n".join(closing_words(fetched, folder="data/raw/published", resume="RESUME", build="BUILD"))


def test_what_came_and_what_did_not_is_told_with_what_to_do(server: Server, fetching: Fetching) -> None:
    by_hand = replace(
        made_card("", file="earlier.csv", title="Cases, 2024", release="2024"), origin=None, missing="the page lists it"
    )
    cards = [
        made_card(server.tell("/a.csv", whole(SMALL)), file="a.csv"),
        made_card(server.tell("/b.csv", status(404)), file="b.csv"),
        by_hand,
    ]
    fetched = fetching.all(*cards)
    assert fetched.exit_code == 1
    said = told(fetched)
    assert said.startswith("1 fetched, 1 failed, 1 to take by hand\n  a.csv: 44 bytes\n")
    assert 'the card has no checksum yet: sha256 = "' in said
    assert "\nb:\n  E804 fetching b.csv\n" in said
    assert "To take by hand, into data/raw/published:\n  Cases, 2024\n    the page lists it\n    page: https://" in said
    assert "    save as: earlier.csv (release 2024)\n" in said
    assert "To try again:\n  RESUME\n" in said
    assert said.endswith("next: BUILD")
    again = told(fetching.all(*cards))
    assert again == told(fetching.all(*cards)), "no time of day"
    assert again.startswith("1 here already, 1 failed, 1 to take by hand\n")


def test_a_program_hears_the_same(server: Server, fetching: Fetching) -> None:
    cards = [
        made_card(server.tell("/a.csv", whole(SMALL)), file="a.csv", data=SMALL),
        made_card(server.tell("/b.csv", status(404)), file="b.csv"),
    ]
    first, second, summary = as_objects(fetching.all(*cards))
    assert (first["event"], first["card"], first["status"], first["bytes"]) == ("file", "a", "fetched", len(SMALL))
    assert first["sha256"] == cards[0].sha256
    assert (second["status"], second["code"]) == ("failed", "E804")
    assert "404" in str(second["found"])
    assert summary == {
        "event": "summary",
        "fetched": 1,
        "here": 0,
        "failed": 1,
        "refused": 0,
        "stopped": 0,
        "not_tried": 0,
        "by_hand": 0,
        "interrupted": False,
        "exit_code": 1,
    }


def test_where_all_is_there_nothing_more_is_said(server: Server, fetching: Fetching) -> None:
    card = made_card(server.tell("/a.csv", whole(SMALL)), file="a.csv", data=SMALL)
    fetching.all(card)
    fetched = fetching.all(card)
    assert (told(fetched), fetched.exit_code) == ("1 here already", 0)
    assert len(server.asked) == 1


def test_a_stopped_fetch_says_what_is_kept() -> None:
    from insight.fetching import Outcome

    outcomes = (Outcome(made_card("x"), "stopped", bytes=1200), Outcome(made_card("y"), "not tried"))
    said = told(Fetched(outcomes, interrupted=True))
    assert said.endswith("stopped; 1,200 bytes of it are kept; go on with: RESUME")
