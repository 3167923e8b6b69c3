"""The aims of the invented home region, and the shorter list that stands for every region without one of its own."""

from __future__ import annotations

from insight.sample.places import HOME_REGION, REGIONS

_SOURCE = "Invented for the sample; nobody has these aims."
_FIELDS = ("key", "title", "words", "measure", "test", "target", "counts", "reason")
Row = tuple[str, ...]
_COMMON: tuple[Row, ...] = (
    (
        "authorities_good_or_outstanding",
        "Authorities Good or Outstanding",
        "four in five of our authorities to be Good or better",
        "judgements",
        "share_at_least",
        "80",
        "authorities",
        "Counts each authority's latest overall grade, whenever it was given.",
    ),
    (
        "lowest_turnover",
        "Lowest social worker turnover",
        "nobody to keep more of its social workers than we do",
        "turnover_rate_fte",
        "best_region",
        "",
        "leavers a year, full-time equivalent",
        "Published turnover divides leavers by the workers in post at the end of the year.",
    ),
    (
        "education_top_quarter",
        "Education in the top quarter",
        "our children's results among the best quarter",
        "lait_ks2rwm_expected_std",
        "best_quarter",
        "",
        "",
        "The end of primary school alone. Published in whole percent, so many tie.",
    ),
)
_HOME: tuple[Row, ...] = (
    *_COMMON,
    (
        "no_authority_bottom_quarter_ks2",
        "No authority in the bottom quarter",
        "no authority of ours left behind at the end of primary school",
        "lait_ks2rwm_expected_std",
        "none_in_worst_quarter",
        "",
        "authorities",
        "Published in whole percent, so many tie at the cut.",
    ),
    (
        "assessments_in_time",
        "Assessments in time",
        "nine in ten assessments within 45 working days",
        "lait_continue_assess_comp",
        "share_at_least",
        "90",
        "assessments",
        "Says how long assessments took, and not how good they were.",
    ),
    (
        "schools_good_or_outstanding",
        "Schools Good or Outstanding",
        "85% of our schools to be Good or Outstanding",
        "primary_places_good_or_outstanding_percent + secondary_places_good_or_outstanding_percent",
        "stands_in_at_least",
        "85",
        "places",
        "School places by the school's grade stand in for schools; there is no such grade since 2024.",
    ),
    (
        "care_proceedings",
        "Care proceedings",
        "care proceedings without delay",
        "",
        "none",
        "",
        "",
        "How long care proceedings last is not published by authority.",
    ),
)


def aims_texts() -> dict[str, str]:
    """The two files by name, as TOML."""
    home = REGIONS[HOME_REGION]
    return {
        "aims.toml": _text(home, f"the directors of children's services of {home}, who are invented", _HOME),
        "aims_of_other_regions.toml": _text(
            "", f"the directors of children's services of {home}, who are invented, not of this region", _COMMON
        ),
    }


def _text(region: str, whose: str, rows: tuple[Row, ...]) -> str:
    head = {"kind": "regional aims", "region": region, "whose": whose, "source": _SOURCE, "as_of": "2025"}
    lines = [
        "# SAMPLE DATA: every aim in this file is invented.",
        *(f'{name} = "{text}"' for name, text in head.items()),
    ]
    for row in rows:
        lines += ["", "[[aim]]"]
        lines += [f'{name} = "{text}"' for name, text in zip(_FIELDS, row, strict=True) if text]
    return "\n".join([*lines, ""])
