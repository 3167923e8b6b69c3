"""Programmes: which area took part in what, and when it was announced, funded and live."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Literal

import pandas as pd

from insight.core.described import Described, Description
from insight.core.display import Display
from insight.core.events import COLUMNS, Events
from insight.core.gate import release
from insight.core.html import SAMPLE_BANNER
from insight.core.results import CardResult
from insight.errors import PanelError

Milestone = Literal["announced", "funded", "live"]
MILESTONES: tuple[Milestone, ...] = ("announced", "funded", "live")


@dataclass(frozen=True, slots=True)
class Programme:
    """One area, or one site within it, in one programme.

    ``announced``, ``funded`` and ``live`` are a day ("2023-07-26"), a month ("2023-07") or "" where no source is known.
    ``area`` is the register's code; ``site`` is "" where the whole area takes part. ``source`` says in words where the
    facts come from, with an address where there is one.
    """

    programme: str
    area: str
    site: str
    announced: str
    funded: str
    live: str
    what_it_is: str
    source: str

    def earliest(self, milestone: Milestone) -> date | None:
        """The first day that a milestone can mean: of a month, its first day; None where it is not known."""
        said: str = getattr(self, milestone)
        return date.fromisoformat(said if len(said) > len("2023-07") else f"{said}-01") if said else None

    def latest(self, milestone: Milestone) -> date | None:
        """The last day that a milestone can mean: of a month, its last day; None where it is not known."""
        said, first = getattr(self, milestone), self.earliest(milestone)
        is_month = first is not None and len(said) == len("2023-07")
        return first.replace(day=monthrange(first.year, first.month)[1]) if first is not None and is_month else first

    def month_of(self, milestone: Milestone) -> int | None:
        """The month of a milestone as monthly rows label it (202307); None where it is not known."""
        first = self.earliest(milestone)
        return None if first is None else 100 * first.year + first.month


@dataclass(frozen=True, repr=False)
class Programmes(Described):
    """Every area and site in a programme that the store knows of.

    Examples
    --------
    >>> pilot = Programme("Pilot", "E08000035", "", "2023-07-26", "2023-07", "", "A pilot.", "made for this example")
    >>> known = Programmes((pilot,))
    >>> known.names(), known.areas("Pilot"), known.of("Pilot")[0].month_of("announced")
    (('Pilot',), ('E08000035',), 202307)
    """

    all: tuple[Programme, ...]
    is_sample: bool = False

    def names(self) -> tuple[str, ...]:
        """The programmes, each once, in order of name."""
        return tuple(sorted({each.programme for each in self.all}))

    def of(self, programme: str) -> tuple[Programme, ...]:
        """The areas and sites of one programme, by its exact name.

        Raises
        ------
        PanelError
            If there is no programme of this name, naming those there are.
        """
        found = tuple(each for each in self.all if each.programme == programme)
        if not found:
            names = self.names()
            near = get_close_matches(programme, names, n=1)
            todo = "use one of these names" if names else "build the store with a file of programmes"
            raise PanelError(
                f"looking for the programme {programme[:80]!r}",
                found=f"programmes called {'; '.join(names)}" if names else "no programmes at all",
                todo=f"did you mean {near[0]}?" if near else todo,
            )
        return found

    def areas(self, *programmes: str) -> tuple[str, ...]:
        """Codes of the areas in any of these programmes, in order; without a name, of those in any at all.

        Raises
        ------
        PanelError
            If there is no programme of a name.
        """
        chosen = [each for name in programmes for each in self.of(name)] if programmes else self.all
        return tuple(sorted({each.area for each in chosen}))

    def of_area(self, code: str) -> tuple[Programme, ...]:
        """What an area, or a site within it, takes part in; empty where nothing is known."""
        return tuple(each for each in self.all if each.area == code)

    def events(self) -> Events:
        """Every known date as an event of the kind announced, funded or live.

        A month stands for its first day. The value is the programme, with the site where there is one; the source is
        what the row gives for it.
        """
        rows = [
            (each.area, day, milestone, f"{each.programme}: {each.site}" if each.site else each.programme, each.source)
            for each in self.all
            for milestone in MILESTONES
            if (day := each.earliest(milestone)) is not None
        ]
        return Events(pd.DataFrame(rows, columns=list(COLUMNS)))

    def describe(self) -> Description:
        """Each programme: how many areas or sites, and which of its dates are known."""
        facts = [(name, self._in_words(name)) for name in self.names()]
        return Description("Programmes", tuple(facts), banner=SAMPLE_BANNER if self.is_sample else None)

    def card(self) -> Display:
        """The description as a display object."""
        description = self.describe()
        return release(CardResult(description.title, description.facts, is_sample=self.is_sample))

    def _in_words(self, name: str) -> str:
        rows = self.of(name)
        sites = sum(bool(each.site) for each in rows)
        what = f"{sites} site(s)" if sites else f"{len(rows)} area(s)"
        dates = []
        for milestone in MILESTONES:
            said = sorted({getattr(each, milestone) for each in rows} - {""})
            dates.append(f"{milestone} {' to '.join(dict.fromkeys((said[0], said[-1])))}" if said else "")
        known = ", ".join(each for each in dates if each)
        return f"{what}; {known or 'no dates known'}"


NO_PROGRAMMES = Programmes(())
