"""The tool's dictionary: what its measures are, in the publisher's columns and short names, in words of our own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

COLUMNS = (
    "Measure_code",
    "Topic",
    "Measure",
    "Chart_title",
    "Measure_short",
    "Polarity",
    "y_axis_name",
    "state_funded_flag",
    "Table_status",
    "Description",
    "Last Update",
    "Next Update",
    "Data Owner (DO) /Supplier and Contact Details",
    "Methodology",
    "Hyperlink(s)",
    "dps",
    "Year_Type",
    "No_Quartile",
)
WARNING = "SAMPLE DATA: invented figures."
_NOTHING = "NA"
_WORKFORCE, _PLANS, _CARE = "Children's Services Workforce", "Child Protection", "Children Looked After"
_SEPTEMBER, _MARCH = "Annual (end of Sept)", "Financial Year"
# Days as a spreadsheet counts them: 1 October 2025 and 1 March 2026.
_OCTOBER, _THIS_MARCH, _NEXT = "45931", "46082", "46447"


def _plain(year: int) -> str:
    return str(year)


def _outturn(year: int) -> str:
    return f"{year - 1}-{year % 100:02d} (OT)"


def _three_years(year: int) -> str:
    return f"{year - 2}-{year % 100:02d}"


def _with_revision(year: int) -> str:
    return f"{year} (Rev)" if year == 2024 else f"{year} (Prov)" if year == 2025 else str(year)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure; ``topics`` has two where the dictionary lists it twice, ``spelt`` writes its years."""

    short: str
    topics: tuple[str, ...]
    title: str
    polarity: str
    axis: str
    year_type: str
    item: str
    describe: str
    spelt: Callable[[int], str] = field(default=_plain)
    dps: str = _NOTHING
    updated: str = _OCTOBER
    no_quartile: str = _NOTHING
    state_funded: str = _NOTHING


MEASURES = (
    Measure(
        "Work_Force_TO_Rate",
        (_WORKFORCE,),
        "Social worker turnover (%)",
        "Low",
        "Turnover rate",
        _SEPTEMBER,
        "Turnover Rate",
        "Those who left in the year, for each hundred in post at 30 September, full-time equivalent.",
        updated=_THIS_MARCH,
    ),
    Measure(
        "Work_Force_Agecy_Rate",
        (_WORKFORCE,),
        "Agency social workers (%)",
        "Low",
        "% Agency Staff",
        _SEPTEMBER,
        "Agency Rate",
        "Agency staff at 30 September, of all social workers.",
        updated=_THIS_MARCH,
    ),
    Measure(
        "Work_Force_Vac_Rate",
        (_WORKFORCE,),
        "Social worker vacancies (%)",
        "Low",
        "% vacancies",
        _SEPTEMBER,
        "Vacancy Rate",
        "Vacant posts at 30 September, of all posts.",
        updated="New data",
        no_quartile="N",
    ),
    Measure(
        "Work_Force_AvgNumCase_SW",
        (_WORKFORCE,),
        "Average number of cases per social worker (FTE)",
        "Low",
        "Case Load",
        _SEPTEMBER,
        "Average caseload",
        "Cases for each social worker who holds any, at 30 September.",
        updated=_THIS_MARCH,
    ),
    Measure(
        "CPP_Total_Rateper10,000",
        (_PLANS,),
        "Rates per 10,000 of referrals to Children's Social Services",
        "-",
        "Rate per 10,000",
        _MARCH,
        "Referrals per 10,000",
        "Referrals in the year for each ten thousand children.",
    ),
    Measure(
        "ReReferral",
        (_PLANS,),
        "Re-referrals within 12 months of the previous referral (%)",
        "Low",
        "% of referrals",
        _MARCH,
        "Share of referrals",
        "Referrals within twelve months of an earlier one of the same child.",
    ),
    Measure(
        "Continue_Assess_Comp",
        (_PLANS,),
        "Continuous assessments completed within 45 working days (%)",
        "High",
        "% completed to time",
        _MARCH,
        "Share of assessments",
        "Assessments completed in the year that took no more than 45 working days.",
    ),
    Measure(
        "CareApplications",
        (_PLANS,),
        "Cafcass Care applications (rate)",
        "-",
        "Rate per 10,000",
        _MARCH,
        "Applications per 10,000",
        "Applications for care orders in the year.",
    ),
    Measure(
        "LAC",
        (_CARE,),
        "Children looked after rate per 10,000",
        "-",
        "Rate per 10,000",
        "Annual",
        "Children looked after at 31 March",
        "Children looked after at 31 March for each ten thousand children.",
        dps="0",
    ),
    Measure(
        "KS2RWM_Expected_STD",
        ("Key Stage 2",),
        "Pupils meeting the expected standard in reading, writing and mathematics (%)",
        "High",
        "% achieving expected level",
        "Academic Year",
        "Expected standard, all pupils",
        "Pupils at the end of primary school; there were no tests in 2020 and 2021.",
        spelt=_with_revision,
        dps="0",
        state_funded="State Funded",
    ),
    Measure(
        "RTA",
        ("Health and Wellbeing",),
        "Children killed and seriously injured in road traffic accidents (rate per 100,000)",
        "Low",
        "Rate per 100,000",
        "Calendar Year",
        "Children killed and seriously injured",
        "Over three calendar years together.",
        spelt=_three_years,
        dps="2",
        updated="TBC",
    ),
    Measure(
        "LACFinance",
        ("Children's Service Finance",),
        "Looked after children - weekly unit costs (approximate)",
        _NOTHING,
        "Unit Cost",
        _MARCH,
        "Looked after children, cost",
        "Spending on children looked after, for each child and week.",
        spelt=_outturn,
        dps="0",
    ),
    Measure(
        "PriFSM",
        ("Economic Factors", "Key Stage 2"),
        "Primary pupils eligible for free school meals (%)",
        _NOTHING,
        "% of pupils",
        "Annual - January",
        "Primary free school meals",
        "Pupils on roll in January.",
    ),
)


def dictionary_text() -> str:
    """The dictionary as the publisher's program writes it: text in quotation marks, NA without."""
    lines = [",".join(map(_quoted, COLUMNS))]
    for number, measure in enumerate(MEASURES, start=1):
        for topic in measure.topics:
            lines.append(
                ",".join(_NOTHING if cell == _NOTHING else _quoted(cell) for cell in _cells(measure, topic, number))
            )
    return "\r\n".join([*lines, ""])


def _cells(measure: Measure, topic: str, number: int) -> tuple[str, ...]:
    return (
        str(number),
        topic,
        measure.title,
        measure.title,
        measure.short,
        measure.polarity,
        measure.axis,
        measure.state_funded,
        "sample",
        f"{WARNING} {measure.describe}",
        measure.updated,
        _NEXT,
        "Nobody",
        _NOTHING,
        _NOTHING,
        measure.dps,
        measure.year_type,
        measure.no_quartile,
    )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
