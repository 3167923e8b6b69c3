"""The project's own cards against the files that they were written for, without leaving this machine."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from insight.fetching import FetchCard, wanted
from insight.store._check import check_file
from tests.fetching.conftest import Fetching
from tests.fetching.server import Server, ranged


def with_an_address(root: Path) -> list[FetchCard]:
    """The cards whose file can be fetched."""
    return [card for card in wanted(sorted((root / "data" / "raw").glob("*.toml"))) if card.origin is not None]


@pytest.mark.published
def test_a_release_gives_the_very_file_that_its_card_describes(
    test_data: Path, root: Path, server: Server, fetching: Fetching
) -> None:
    # Names within an archive: "data/" and the file's own, as the publisher's program writes them (ZipFileEntryName).
    # A card without a checksum is of a file that nobody here has held.
    cards = [card for card in with_an_address(root) if card.sha256]
    assert {card.name for card in cards} >= {"workforce_2025", "referrals_2025"}
    archives: dict[str, dict[str, bytes]] = {}
    for card in cards:
        assert card.origin is not None
        (path,) = (test_data / "published").rglob(card.file)
        archives.setdefault(card.origin.address, {})[card.origin.member] = path.read_bytes()
    served = {}
    for number, (address, members) in enumerate(archives.items()):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("data-guidance/data-guidance.txt", "what the files hold")
            for name, data in members.items():
                packed.writestr(name, data)
        served[address] = server.tell(f"/{number}/files", ranged(made.getvalue()))
    here = [
        replace(card, origin=replace(card.origin, address=served[card.origin.address])) for card in cards if card.origin
    ]
    fetched = fetching.all(*here)
    assert [outcome.status for outcome in fetched.outcomes] == ["fetched"] * len(cards)
    assert len(server.asked) == len(archives)
    name = "csww_indicators_2017_to_2025.csv"
    report = check_file(fetching.folder / name, cards=[root / "data" / "raw" / "workforce_2025.toml"])
    assert report.exit_code == 0
    assert "its card workforce_2025.toml says" in dict(report.facts)["published"]
