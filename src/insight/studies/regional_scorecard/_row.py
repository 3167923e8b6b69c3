"""One aim, held against the figures: what every kind of aim comes to in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from insight.core.aims import Aim
from insight.studies._benchmarks import Line
from insight.studies._words import number

RANK_SEED = 20260618
State = Literal[
    "reached", "not reached", "depends on the reading", "not known", "not as worded", "no public measure", "no figure"
]
Chance = Literal["none", "settled", "open", "not known"]
STATES: Mapping[State, str] = {
    "reached": "reached",
    "not reached": "not reached",
    "depends on the reading": "depends on how the aim is read",
    "not known": "cannot be told while figures are missing",
    "not as worded": "cannot be measured as worded",
    "no public measure": "no public measure",
    "no figure": "no figure in these data",
}


@dataclass(frozen=True)
class Standing:
    """A region's place among the regions: 1 is the best, tied regions share the middle of their places."""

    rank: float
    low: float | None
    high: float | None
    of: int
    is_zero: bool
    method: str

    @property
    def words(self) -> str:
        """As a table shows it."""
        place = f"{self.rank:g} of {self.of}"
        zero = ", a figure of exactly none or all" if self.is_zero else ""
        if self.low is None or self.high is None:
            return f"{place}, no interval{zero}"
        return f"{place} ({self.low:g} to {self.high:g}{zero})"


@dataclass(frozen=True)
class SignTest:
    """Members that changed sides between two days, and how unusual so lopsided a change would be.

    Parameters
    ----------
    better, worse : int
        Members that came to meet the aim, and that ceased to.
    n : int
        Members with a grade on both days.
    p : float or None
        Exact and two-sided; None where nobody changed.
    since, until : str
        Days in words.
    """

    better: int
    worse: int
    n: int
    p: float | None
    since: str
    until: str


@dataclass(frozen=True)
class Member:
    """One authority or joint return of the region: its figure, or why it has none; in words where that is better.

    ``authorities`` is the number that it reports for. ``is_placed`` says whether the row's own figure counts it, where
    it has a figure: one whose return looks partial is in no quarter.
    """

    code: str
    name: str
    value: float | None
    status: str
    words: str = ""
    authorities: int = 1
    is_placed: bool = True


@dataclass(frozen=True)
class Reading:
    """One of several ways to read an aim: what it is called in a key and in words, and how far the target is by it.

    ``away`` says the distance in words, since a figure at a cut is 0 away and not beyond it.
    """

    key: str
    words: str
    short_by: float
    away: str


@dataclass(frozen=True, eq=False)
class Row:
    """One aim of the scorecard.

    Parameters
    ----------
    aim : Aim
    state : State
        By the figures as they are published.
    chance : Chance
        Whether chance could change the state: "none" of a full count, "settled" where an interval lies on one side of
        what the aim needs, "open" where it lies on both, "not known" without an interval.
    stands_for, target, now, when, distance : str
        In words, as tables show them.
    figure : str
        What ``value`` is, in words; "" where ``stands_for`` says it.
    value : float or None
        The region's figure, in ``unit``.
    short_by : float or None
        How far the target is away, in ``short_unit``, by the reading that is farthest from it; 0 where it is reached or
        the figure lies at a cut and not beyond it, None where that is not known.
    short_by_strict : float or None
        The same by the other rule for figures at a cut, where rules differ.
    readings : tuple of Reading
        Where an aim can be read in several ways.
    needed : int or None
        So many authorities must meet the aim.
    standing : Standing or None
        None with ``no_standing``.
    line : Line or None
        The yearly series whose direction is tested.
    line_words, line_note : str
        What the series is; what else to know of it, in a sentence.
    sign_test : SignTest or None
        In the place of a series, where each member is its own.
    members : tuple of Member
    regions : mapping of code to value
    decimals : int
    mark : (words, value) or None
        The target as a line across the strip of members.
    know : tuple of str
        Sentences that a reader must know.
    """

    aim: Aim
    state: State
    stands_for: str
    target: str = ""
    now: str = ""
    when: str = ""
    distance: str = ""
    unit: str = ""
    value: float | None = None
    short_by: float | None = None
    short_unit: str = ""
    short_by_strict: float | None = None
    readings: tuple[Reading, ...] = ()
    needed: int | None = None
    figure: str = ""
    chance: Chance = "not known"
    standing: Standing | None = None
    no_standing: str = ""
    line: Line | None = None
    line_words: str = ""
    line_note: str = ""
    sign_test: SignTest | None = None
    members: tuple[Member, ...] = ()
    regions: Mapping[str, float] = field(default_factory=dict)
    nation: float | None = None
    decimals: int = 1
    interval: tuple[float, float, str] | None = None
    method: str = ""
    mark: tuple[str, float] | None = None
    know: tuple[str, ...] = ()

    @property
    def is_measured(self) -> bool:
        """Whether public figures can say if the aim is reached."""
        return self.state in ("reached", "not reached", "depends on the reading", "not known")

    @property
    def has_figure(self) -> bool:
        """Whether there is a figure, if only of a measure that stands in."""
        return self.value is not None

    @property
    def figure_decimals(self) -> int:
        """Decimals of ``value``: none where authorities are counted, whatever the measure behind them has."""
        return 0 if self.unit == "authorities" else self.decimals

    @property
    def placed(self) -> tuple[Member, ...]:
        """Members that the figure rests on, as far as they are known."""
        return tuple(member for member in self.members if member.value is not None and member.is_placed)


def unmeasured(aim: Aim) -> Row:
    """An aim without a public measure."""
    return Row(aim, "no public measure", f"no public measure: {lowered(aim.reason)}")


def without_figure(aim: Aim, why: str) -> Row:
    """An aim whose measure these data do not have."""
    return Row(aim, "no figure", why, know=(aim.reason,) if aim.reason else ())


def several(count: float, what: str) -> str:
    """A whole number of things, with the thing in the singular for one.

    >>> several(1, "authorities"), several(12, "authorities")
    ('1 authority', '12 authorities')
    """
    if round(count) == 1 and what == "authorities":
        what = "authority"
    return f"{number(count, 0)} {what}"


def lowered(words: str) -> str:
    """A sentence as the end of another one."""
    return words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words


def upper(words: str) -> str:
    """Words as the beginning of a sentence."""
    return words[:1].upper() + words[1:]
