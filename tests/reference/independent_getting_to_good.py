"""Spells from Inadequate to Good by another route: a second computation that shares no code with the package.

Reads a table of judgements that was put together apart from the package (``derived/ofsted_la_judgement_history.csv`` of
the test data), finds every spell with plain loops, fits the curves with lifelines, and writes JSON to standard output::

    python tests/reference/independent_getting_to_good.py > tests/reference/data/getting_to_good_2026.json

Made with lifelines 0.30.3, pandas and numpy. ``RULES`` states the choices that honest programs could make otherwise.
lifelines is not in the project's environment, so it is imported only where a curve is fitted.
"""

import json
import os
import sys
import warnings
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Interval = dict[str, float | None]

# Last days of authorities that ended with an open spell.
LAST_DAYS = {"E10000006": date(2023, 3, 31), "E10000021": date(2021, 3, 31)}
WHOLE = ("SIF", "SIF re-inspection", "ILACS")
BEFORE = ("SLAC safeguarding", "SLAC re-inspection safeguarding", "CPI", "CPRI")
# Times that lie in no stretch of the curves of unseen changes.
OUTSIDE = (2.5, 3.5, 5.0, 6.5, 7.0, 7.8, 10.0)
RULES = {
    "spell": "begins with an Inadequate while none is open; ends with the first later Good or Outstanding",
    "censoring": "newest graded publication of the file; last day of an abolished authority",
    "year": "365.25 days",
    "interval": "lifelines' log-log band of Greenwood's error, and where it crosses one half",
    "share_3_to_5": "AalenJohansenFitter(calculate_variance=True), events in (3, 5] against those before 3",
    "changed": "KaplanMeierFitter.fit_interval_censoring(tol=1e-9): heights of the curve outside its stretches; "
    "the two ends of its median are the right end of the stretch, and the next time of its grid",
    "already": "first report with a grade is the Inadequate, and the same rule over safeguarding and child protection "
    "reports before it leaves a spell open: the clock starts there, entry at the Inadequate",
    "official": "the same rules over the rows whose source is the inspectorate's own, to the newest grade among them",
    "good_as_soon": "KaplanMeierFitter.predict at each spell's own years",
    "pause": "longest stretch between two days with a graded publication is taken out of every clock",
}


@dataclass
class Spell:
    area: str
    steps: list[tuple[date, str]]
    end: date
    good: bool
    kind: str
    first: bool

    @property
    def start(self) -> date:
        return self.steps[0][0]


def years(start: date, end: date) -> float:
    return (end - start).days / 365.25


def read(path: Path, *, official: bool = False) -> list[tuple[str, date, str, str]]:
    """Area, day, framework and grade ("" for none), in order of area and day."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if official:
        table = table[table["source"].str.startswith("Ofsted")]
    columns = ("new_la_code", "publication_date", "framework", "overall")
    rows = [tuple(map(str, row)) for row in table[list(columns)].itertuples(index=False)]
    return sorted((area, date.fromisoformat(day), kind, grade.strip(" -")) for area, day, kind, grade in rows if day)


def spells(rows: list[tuple[str, date, str, str]], newest: date) -> list[Spell]:
    found: list[Spell] = []
    for area in dict.fromkeys(row[0] for row in rows):
        own = [row for row in rows if row[0] == area and row[3]]
        steps: list[tuple[date, str]] = []
        for place, (_, day, kind, grade) in enumerate(own):
            if not steps and grade == "Inadequate":
                steps, began, first = [(day, grade)], kind, place == 0
            elif steps:
                steps.append((day, grade))
                if grade in ("Good", "Outstanding"):
                    found.append(Spell(area, steps, day, True, began, first))
                    steps = []
        if steps:
            end = LAST_DAYS.get(area, newest)
            found.append(Spell(area, steps, end, False, began, first))
    return found


def curve(times: list[float], events: list[bool], entry: list[float] | None = None) -> Any:
    from lifelines import KaplanMeierFitter  # type: ignore[import-not-found]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return KaplanMeierFitter().fit(times, events, entry=entry)


def median(times: list[float], events: list[bool], entry: list[float] | None = None) -> Interval:
    from lifelines.utils import median_survival_times  # type: ignore[import-not-found]

    fitted = curve(times, events, entry)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        low, high = median_survival_times(fitted.confidence_interval_).to_numpy()[0]
    return {"value": finite(fitted.median_survival_time_), "low": finite(low), "high": finite(high), "rows": len(times)}


def share(times: list[float], events: list[bool], at: float) -> Interval:
    fitted = curve(times, events)
    low, high = fitted.confidence_interval_.loc[:at].to_numpy()[-1]
    height = float(fitted.predict(at))
    return {"value": 100 * (1 - height), "low": 100 * (1 - high), "high": 100 * (1 - low), "rows": len(times)}


def share_between(times: list[float], events: list[bool]) -> Interval:
    from lifelines import AalenJohansenFitter

    kinds = [0 if not event else 2 if 3 < time <= 5 else 1 for time, event in zip(times, events, strict=True)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = AalenJohansenFitter(seed=1).fit(times, kinds, event_of_interest=2)
    low, high = sorted(fitted.confidence_interval_.loc[:5.0].to_numpy()[-1])
    value = float(fitted.cumulative_density_.loc[:5.0].to_numpy()[-1][0])
    return {"value": 100 * value, "low": 100 * low, "high": 100 * high, "rows": len(times)}


def changed(left: list[float], right: list[float]) -> dict[str, object]:
    from lifelines import KaplanMeierFitter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = KaplanMeierFitter().fit_interval_censoring(np.array(left), np.array(right), tol=1e-9)
    lower = fitted.survival_function_["NPMLE_estimate_lower"]
    ends = fitted.median_survival_time_.to_numpy()[0]
    return {
        "median_ends": sorted(float(end) for end in ends),
        "heights": {f"{at:g}": float(lower.loc[:at].to_numpy()[-1]) for at in OUTSIDE},
    }


def finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def columns(several: list[Spell]) -> tuple[list[float], list[bool]]:
    return [years(each.start, each.end) for each in several], [bool(each.good) for each in several]


def main(path: Path) -> dict[str, object]:
    import lifelines

    rows = read(path)
    whole = [row for row in rows if row[2] in WHOLE]
    graded_days = sorted({row[1] for row in whole if row[3]})
    newest = graded_days[-1]
    several = spells(whole, newest)
    times, events = columns(several)

    last_not = [each.steps[-2 if each.good else -1][0] for each in several]
    left = [years(each.start, day) for each, day in zip(several, last_not, strict=True)]
    right = [time if event else np.inf for time, event in zip(times, events, strict=True)]

    better = [next((day for day, grade in each.steps if grade != "Inadequate"), None) for each in several]
    better_times = [years(each.start, day or each.end) for each, day in zip(several, better, strict=True)]
    worse = [
        [day for day, grade in each.steps if grade == "Inadequate" and (first is None or day < first)][-1]
        for each, first in zip(several, better, strict=True)
    ]
    better_left = [years(each.start, day) for each, day in zip(several, worse, strict=True)]
    better_right = [time if day else np.inf for time, day in zip(better_times, better, strict=True)]

    middle = [next((day for day, grade in each.steps if grade.startswith("Req")), None) for each in several]
    from_middle = [(years(day, each.end), each.good) for each, day in zip(several, middle, strict=True) if day]

    ilacs = columns(spells([row for row in whole if row[2] == "ILACS"], newest))
    began = columns([each for each in several if each.kind == "ILACS"])
    own = [row for row in read(path, official=True) if row[2] in WHOLE]
    own_newest = max(row[1] for row in own if row[3])
    official = columns(spells(own, own_newest))

    entries, long_times = [], []
    for each, time in zip(several, times, strict=True):
        start = each.start
        before = [row for row in rows if row[0] == each.area and row[2] in BEFORE and row[1] < start]
        opened = [old for old in spells(before, start) if not old.good]
        earlier = years(opened[-1].start, start) if opened and each.first else 0.0
        entries.append(earlier)
        long_times.append(time + earlier)

    gaps = [(after - before, before, after) for before, after in pairwise(graded_days)]
    _, begin, end = max(gaps)
    inside = [max(0, (min(each.end, end) - max(each.start, begin)).days) / 365.25 for each in several]
    worked = [time - gap for time, gap in zip(times, inside, strict=True)]

    ended = [each.area in LAST_DAYS and not each.good for each in several]
    as_good = [event or over for event, over in zip(events, ended, strict=True)]
    for_ever = [max(times) if over else time for time, over in zip(times, ended, strict=True)]

    finished = [time for time, event in zip(times, events, strict=True) if event]
    return {
        "made_with": f"lifelines {lifelines.__version__}",
        "rules": RULES,
        "newest": newest.isoformat(),
        "pause": [begin.isoformat(), end.isoformat()],
        "already_inadequate": sum(entry > 0 for entry in entries),
        "spells": len(several),
        "events": sum(events),
        "naive_mean_years": sum(finished) / len(finished),
        "estimates": {
            "median_years_to_good": median(times, events),
            "share_good_3_years": share(times, events, 3.0),
            "share_good_5_years": share(times, events, 5.0),
            "share_3_to_5_years": share_between(times, events),
            "median_years_to_better": median(better_times, [day is not None for day in better]),
            "share_better_3_years": share(better_times, [day is not None for day in better], 3.0),
            "share_better_5_years": share(better_times, [day is not None for day in better], 5.0),
            "median_years_from_ri": median([time for time, _ in from_middle], [bool(good) for _, good in from_middle]),
            "median_ilacs_only": median(*ilacs),
            "median_began_under_ilacs": median(*began),
            "median_official_files": median(*official),
            "median_already_inadequate": median(long_times, events, entries),
            "median_without_pause": median(worked, events),
            "median_good_at_abolition": median(times, as_good),
            "median_never_after_abolition": median(for_ever, events),
        },
        "official_until": own_newest.isoformat(),
        "good_as_soon": {
            each.area: share(times, events, time)["value"] for each, time in zip(several, times, strict=True)
        },
        "changed": {"good": changed(left, right), "better": changed(better_left, better_right)},
    }


if __name__ == "__main__":
    folder = Path(os.environ.get("INSIGHT_TEST_DATA", "../shared/data"))
    json.dump(main(folder / "derived" / "ofsted_la_judgement_history.csv"), sys.stdout, indent=1)
    sys.stdout.write("\n")
